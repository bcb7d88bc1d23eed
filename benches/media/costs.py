"""Prints what a call costs the server on this machine, by what is done with it and how sound is delivered.

Each row is a server of its own and a run of the load tester's real WebRTC clients on the same machine. Once all calls
stand, things settle for a while; then the processor time of the server's threads is taken over some seconds. Numbers are
milliseconds of processor time in a second of call, so 10 is a hundredth of a core. `make bench-media` runs it.
"""

import argparse
import dataclasses
import sys
import time

from sotto import Failed, Load, Server, until

SETTLING_S = 6
STANDING_WITHIN_S = 60
RAMP_PER_S = 10
MODES = {"plain": None, "listen": "listen", "whisper": "whisper", "barge": "barge"}
# What a call may cost, by mode and delivery, at 25 and at 100 calls.
WANTED = {
    ("plain", "mixed"): (1.6, 1.2), ("plain", "tracks"): (1.6, 1.2),
    ("listen", "mixed"): (9, None), ("listen", "tracks"): (2.4, None),
    ("whisper", "mixed"): (14, None), ("whisper", "tracks"): (3, None),
    ("barge", "mixed"): (18, None), ("barge", "tracks"): (3.6, None),
}


@dataclasses.dataclass
class Row:
    mode: str
    delivery: str
    calls: int
    total: float
    media: float
    kib: float
    late_ticks: float
    ear_p50: float
    ear_p99: float
    late_p99: float
    faults: str


def measured(mode, delivery, calls, seconds, workers):
    supervised = MODES[mode] is not None
    server = Server(agents=calls + 2, supervisors=calls if supervised else 1, workers=workers)
    try:
        lasts = int(calls / RAMP_PER_S + 12 + SETTLING_S + seconds + 8)
        script = "listen 100s" if mode == "listen" else f"listen 2s, {mode} 100s"
        options = ["--supervised", "100%", "--script", script] if supervised else []
        idle = server.usage.over(3)
        empty_kib = server.usage.resident_kib()
        load = Load(server, calls, lasts, "--delivery", delivery, *options)
        until("all calls stand", STANDING_WITHIN_S, lambda: server.metric("sotto_calls") >= calls)
        if supervised:
            series = f'sotto_supervision_total{{action="{mode}"}}'
            until("all are supervised", STANDING_WITHIN_S, lambda: server.metric(series) >= calls)
        time.sleep(SETTLING_S)
        late_before = server.metric("sotto_late_ticks_total")
        spent = server.usage.over(seconds)
        late = server.metric("sotto_late_ticks_total") - late_before
        full_kib = server.usage.resident_kib()
        report = load.end()
    finally:
        server.stop()
    ear = report["percentiles"]["mouth_to_ear_ms"] or {"p50": float("nan"), "p99": float("nan")}
    faults = [f"{name} {report[name]}" for name in ("leaks", "crossed", "missing") if report[name]]
    if report["calls"]["failed"]:
        faults.append(f"failed {report['calls']['failed']}")
    return Row(
        mode, delivery, calls,
        total=(sum(spent.values()) - sum(idle.values())) / calls,
        media=(spent["media"] - idle["media"]) / calls,
        kib=(full_kib - empty_kib) / calls,
        late_ticks=late,
        ear_p50=ear["p50"], ear_p99=ear["p99"],
        late_p99=(report["percentiles"]["lateness_ms"] or {"p99": float("nan")})["p99"],
        faults=", ".join(faults) or "none",
    )


def wanted(row):
    figures = WANTED[row.mode, row.delivery]
    figure = figures[1] if row.calls >= 100 else figures[0]
    return "–" if figure is None else f"{figure:g}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", default="25,100", help="sizes, separated by commas")
    parser.add_argument("--modes", default=",".join(MODES), help="of plain, listen, whisper, barge")
    parser.add_argument("--deliveries", default="mixed,tracks")
    parser.add_argument("--seconds", type=int, default=15, help="how long each row is measured")
    parser.add_argument("--workers", type=int, default=2)
    # A supervised call takes four clients that decode; more than this and the clients are what is measured.
    parser.add_argument("--supervised-max", type=int, default=25, help="rows with supervisors have so many calls at most")
    asked = parser.parse_args()
    print("| | delivery | calls | ms per s of call (media threads) | wanted | KiB a call | late ticks "
          "| mouth to ear, p50 / p99 ms | load tester late, p99 ms | faults |")
    print("|---|---|---|---|---|---|---|---|---|---|", flush=True)
    failed = 0
    for calls in map(int, asked.calls.split(",")):
        for mode in asked.modes.split(","):
            if MODES[mode] and calls > asked.supervised_max:
                continue
            for delivery in asked.deliveries.split(","):
                try:
                    row = measured(mode, delivery, calls, asked.seconds, asked.workers)
                except Failed as why:
                    failed += 1
                    print(f"| {mode} | {delivery} | {calls} | {str(why).splitlines()[0]} |", flush=True)
                    continue
                print(f"| {row.mode} | {row.delivery} | {row.calls} | {row.total:.2f} ({row.media:.2f}) | {wanted(row)} "
                      f"| {row.kib:.0f} | {row.late_ticks:.0f} | {row.ear_p50:.1f} / {row.ear_p99:.1f} "
                      f"| {row.late_p99:.1f} | {row.faults} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
