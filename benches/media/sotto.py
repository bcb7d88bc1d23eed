"""A Sotto server and its load tester as processes on this machine, and what the server's threads take.

Linux only (`/proc`). It measures and claims nothing.
"""

import json
import pathlib
import re
import socket
import subprocess
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
READY_WITHIN_S = 20


class Failed(Exception):
    """Something that was needed did not come about; the text says what."""


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as it:
        it.bind(("127.0.0.1", 0))
        return it.getsockname()[1]


def until(what, within_s, holds):
    """Waits until `holds()` is true."""
    ends = time.monotonic() + within_s
    while not holds():
        if time.monotonic() > ends:
            raise Failed(f"not within {within_s} s: {what}")
        time.sleep(0.1)


class Usage:
    """Processor time of a process's threads, ns, by group."""

    def __init__(self, pid, group_of=lambda name: "all"):
        self.pid, self.group_of = pid, group_of

    def now(self):
        total = {}
        for thread in pathlib.Path(f"/proc/{self.pid}/task").iterdir():
            try:
                name = (thread / "comm").read_text().strip()
                spent = int((thread / "schedstat").read_text().split()[0])
            except (FileNotFoundError, ProcessLookupError):
                continue  # It has ended meanwhile.
            group = self.group_of(name)
            total[group] = total.get(group, 0) + spent
        return total

    def over(self, seconds):
        """Milliseconds of each group in a second, while `seconds` pass."""
        before, began = self.now(), time.monotonic()
        time.sleep(seconds)
        after, lasted = self.now(), time.monotonic() - began
        return {group: (after[group] - before.get(group, 0)) / 1e6 / lasted for group in after}

    def resident_kib(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s+(\d+)", status).group(1))


def media_or_rest(name):
    return "media" if name.startswith("media-") else "rest"


class Server:
    """A server on free ports of loopback, with accounts for a load test; it ends with `stop`."""

    def __init__(self, agents, supervisors, workers=2, programs=ROOT / "target/release", options=()):
        self.programs = pathlib.Path(programs)
        self.folder = tempfile.TemporaryDirectory(prefix="sotto-bench-")
        folder = pathlib.Path(self.folder.name)
        accounts = [self.programs / "loadtest", "accounts", folder, "--agents", agents, "--supervisors", supervisors]
        subprocess.run([str(it) for it in accounts], check=True, capture_output=True)
        self.accounts = folder / "accounts.txt"
        http, self.operate = free_port(), free_port()
        self.url = f"http://127.0.0.1:{http}"
        command = [
            self.programs / "media-server", "--data", folder / "data", "--http", f"127.0.0.1:{http}",
            "--operate", f"127.0.0.1:{self.operate}", "--media", f"127.0.0.1:{free_port(socket.SOCK_DGRAM)}",
            "--workers", workers, "--provision", folder / "provision.toml",
            "--set", 'limits.unlimited_clients=["127.0.0.1"]', *options,
        ]
        self.log = open(folder / "log", "wb")
        self.process = subprocess.Popen([str(it) for it in command], stdout=self.log, stderr=self.log)
        try:
            until("the server answers", READY_WITHIN_S, self.is_ready)
        except Failed:
            print((folder / "log").read_text())
            raise
        self.usage = Usage(self.process.pid, media_or_rest)

    def is_ready(self):
        if self.process.poll() is not None:
            raise Failed(f"the server ended with {self.process.returncode}: {(pathlib.Path(self.folder.name) / 'log').read_text()}")
        try:
            return urllib.request.urlopen(f"http://127.0.0.1:{self.operate}/readyz", timeout=1).status == 200
        except OSError:
            return False

    def metrics(self):
        """Each series' value; `name` alone has the sum over its labels."""
        text = urllib.request.urlopen(f"http://127.0.0.1:{self.operate}/metrics", timeout=5).read().decode()
        values = {}
        for line in text.splitlines():
            if line and line[0] != "#":
                series, value = line.rsplit(" ", 1)
                values[series] = float(value)
                name = series.split("{")[0]
                if name != series:
                    values[name] = values.get(name, 0) + float(value)
        return values

    def metric(self, series):
        return self.metrics().get(series, 0)

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


class Load:
    """A run of the load tester against a server."""

    def __init__(self, server, calls, duration_s, *options):
        self.report = pathlib.Path(server.folder.name) / "report.json"
        self.report.unlink(missing_ok=True)
        command = [
            server.programs / "loadtest", "run", "--server", server.url, "--accounts", server.accounts, "--quiet",
            "--calls", calls, "--ramp", "10/s", "--duration", f"{duration_s}s", "--seed", 3, "--json", self.report,
            *options,
        ]
        self.process = subprocess.Popen(
            [str(it) for it in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )

    def end(self):
        """Its report."""
        said = self.process.communicate()[0]
        if not self.report.exists():
            raise Failed(f"the load tester wrote no report:\n{said}")
        return json.loads(self.report.read_text())
