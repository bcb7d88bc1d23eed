"""Prints what a call costs Sotto beside rtpengine and Janus's AudioBridge, on this machine, one after the other.

Sotto's calls are WebRTC (DTLS-SRTP) by its load tester's clients; the peers get the same recordings as plain RTP, which is
cheaper for them. What they do is not the same either: rtpengine passes packets on and never mixes; AudioBridge always
mixes. Milliseconds of processor time of the whole process in a second of call. `make bench-peers` runs it.
"""

import argparse
import statistics
import sys
import time

from costs import SETTLING_S, measured
from relayed import Janus, Rtpengine, Talkers
from sotto import Failed


def cost(peer, calls, seconds, begin):
    """Of a peer with so many calls, each begun by `begin(talkers, name)`."""
    talkers = Talkers()
    try:
        idle = sum(peer.usage.over(3).values())
        for index in range(calls):
            begin(talkers, f"call-{index}")
        talkers.start()
        time.sleep(SETTLING_S)
        spent = sum(peer.usage.over(seconds).values())
        talkers.must_be_heard()
        late = statistics.quantiles(talkers.lateness or [0, 0], n=100)[98] * 1e3
    finally:
        talkers.stop()
        peer.stop()
    return (spent - idle) / calls, late


def rtpengine(calls, seconds, listened=False):
    peer = Rtpengine()
    return cost(peer, calls, seconds, lambda talkers, name: peer.call(talkers, name, listened))


def janus(calls, seconds, parties):
    peer = Janus()
    return cost(peer, calls, seconds, lambda talkers, name: peer.call(talkers, name, parties))


def sotto(mode, delivery, calls, seconds):
    row = measured(mode, delivery, calls, seconds, workers=2)
    return row.total, row.late_p99


# What is compared: the words, Sotto's row, the peer's name and row.
ROWS = [
    ("two talk, packets passed on", ("plain", "mixed"), "rtpengine", rtpengine),
    ("a third listens by copies of both", ("listen", "tracks"), "rtpengine, subscriptions", lambda n, s: rtpengine(n, s, True)),
    ("two talk, mixed by the peer", ("plain", "mixed"), "AudioBridge, 2", lambda n, s: janus(n, s, 2)),
    ("a third listens to a mix", ("listen", "mixed"), "AudioBridge, 3", lambda n, s: janus(n, s, 3)),
    ("three talk, mixed", ("barge", "mixed"), "AudioBridge, 3", lambda n, s: janus(n, s, 3)),
]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=25)
    parser.add_argument("--seconds", type=int, default=15)
    asked = parser.parse_args()
    print(f"| {asked.calls} calls | Sotto, ms per s of call | peer | ms per s of call | Sotto / peer | senders late, p99 ms |")
    print("|---|---|---|---|---|---|", flush=True)
    failed = 0
    for words, row, name, peer in ROWS:
        try:
            ours, our_late = sotto(*row, asked.calls, asked.seconds)
            theirs, their_late = peer(asked.calls, asked.seconds)
        except Failed as why:
            failed += 1
            print(f"| {words} | {why} |", flush=True)
            continue
        print(f"| {words} | {ours:.2f} | {name} | {theirs:.2f} | {ours / theirs:.2f} | {our_late:.1f}, {their_late:.1f} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
