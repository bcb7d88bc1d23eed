"""PESQ-WB of the pairs that the example `quality` wrote: prints a table each.

Each pair is cut into windows of 8 s, if it is longer; a row has their mean, and the 10th percentile. Of transitions each is
held against the same moment of calls in which nothing changes: what costs more than is wanted is marked, and it fails if
one costs more than any did when this was written.
"""

import collections
import os
import sys
import wave

import numpy
from pesq import NoUtterancesError, pesq

RATE_HZ = 16_000
WINDOW = 8 * RATE_HZ
# What a transition is to cost at most, against the worse of the two states between which it is, and what none does.
TRANSITION_WANTED = 0.3
TRANSITION_MAX = 0.5


def read(path):
    with wave.open(path) as file:
        return numpy.frombuffer(file.readframes(file.getnframes()), dtype="<i2")


def scores(said, heard):
    length = min(len(said), len(heard))
    window = min(WINDOW, length)
    for begin in range(0, length - window + 1, window):
        cut = slice(begin, begin + window)
        try:
            yield pesq(RATE_HZ, said[cut], heard[cut], "wb")
        except NoUtterancesError:
            continue


def transitions(rows):
    """Whether each kind of change costs little enough."""
    print("\n| transition | PESQ-WB around it | undisturbed | it costs | at most |\n|---|---|---|---|---|")
    passes = True
    for name in dict.fromkeys(row.rsplit(", ", 1)[0] for row in rows):
        changed, *undisturbed = (numpy.array(rows[f"{name}, {it}"][0]) for it in ("changed", "without", "with"))
        least = numpy.minimum(*undisturbed)
        costs = least - changed
        mark = " (missed)" if costs.mean() > TRANSITION_WANTED else ""
        print(f"| {name} | {changed.mean():.2f} | {least.mean():.2f} | {costs.mean():.2f}{mark} | {costs.max():.2f} |")
        passes &= costs.mean() <= TRANSITION_MAX
    return passes


def main(folder):
    tables = collections.defaultdict(lambda: collections.defaultdict(lambda: ([], [])))
    for line in open(os.path.join(folder, "pairs.tsv"), encoding="utf-8"):
        table, row, cost_us, said, heard = line.rstrip("\n").split("\t")
        values, costs = tables[table][row]
        values.extend(scores(read(os.path.join(folder, said)), read(os.path.join(folder, heard))))
        costs.append(float(cost_us))
    passes = transitions(tables.pop("transitions"))
    for table, rows in tables.items():
        print(f"\n| {table} | PESQ-WB, mean | 10th percentile | µs a frame |\n|---|---|---|---|")
        for row, (values, costs) in rows.items():
            print(f"| {row} | {numpy.mean(values):.2f} | {numpy.percentile(values, 10):.2f} | {numpy.mean(costs):.0f} |")
    if not passes:
        sys.exit(f"a transition costs more than {TRANSITION_MAX}")


if __name__ == "__main__":
    main(sys.argv[1])
