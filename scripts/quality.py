"""PESQ-WB of the pairs that the example `quality` wrote: prints a table each.

Each pair is cut into windows of 8 s; a row has their mean, and the 10th percentile.
"""

import collections
import os
import sys
import wave

import numpy
from pesq import NoUtterancesError, pesq

RATE_HZ = 16_000
WINDOW = 8 * RATE_HZ


def read(path):
    with wave.open(path) as file:
        return numpy.frombuffer(file.readframes(file.getnframes()), dtype="<i2")


def scores(said, heard):
    length = min(len(said), len(heard))
    for begin in range(0, length - WINDOW + 1, WINDOW):
        cut = slice(begin, begin + WINDOW)
        try:
            yield pesq(RATE_HZ, said[cut], heard[cut], "wb")
        except NoUtterancesError:
            continue


def main(folder):
    tables = collections.defaultdict(lambda: collections.defaultdict(lambda: ([], [])))
    for line in open(os.path.join(folder, "pairs.tsv"), encoding="utf-8"):
        table, row, cost_us, said, heard = line.rstrip("\n").split("\t")
        values, costs = tables[table][row]
        values.extend(scores(read(os.path.join(folder, said)), read(os.path.join(folder, heard))))
        costs.append(float(cost_us))
    for table, rows in tables.items():
        print(f"\n| {table} | PESQ-WB, mean | 10th percentile | µs a frame |\n|---|---|---|---|")
        for row, (values, costs) in rows.items():
            print(f"| {row} | {numpy.mean(values):.2f} | {numpy.percentile(values, 10):.2f} | {numpy.mean(costs):.0f} |")


if __name__ == "__main__":
    main(sys.argv[1])
