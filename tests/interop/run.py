"""Connects real WebRTC stacks to a server and measures that each is heard in a call, and hears.

    run.py --server FILE [--quick] [--table FILE] [NAME…]

Exit 0: all of them are heard and hear. 1: one is not, or could not be run (which is told, never passed over).
"""

import argparse
import asyncio
import contextlib
import datetime
import json
import os
import pathlib
import signal
import sys
import tempfile
import time

import aiohttp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

import ears
from sockets import free_port, own_address

HERE = pathlib.Path(__file__).resolve().parent
PEER_HERTZ, AGENT_HERTZ = 440, 660
LISTEN_S = 3.0
# A tone of 0.3 is -10.5 dBFS; what is quieter than this is not the tone.
HEARD_DB = -30.0
CONNECT_S = 60.0
# A browser takes its time to start, on a machine that has other things to do.
START_S = 240.0
PASSWORD = "interop-only-password"


class Peer:
    """A stack, in one form of an offer."""

    def __init__(self, name, command, *form, quick=False):
        self.name, self.command, self.form, self.quick = name, command, form, quick

    @property
    def title(self):
        return " ".join([self.name, *self.form])


def peers():
    node, python = ["node"], [sys.executable]
    system_python = ["/usr/bin/python3"]
    here = lambda name: str(HERE / "peers" / name)
    pion = str(pathlib.Path(os.environ.get("INTEROP_CACHE", tempfile.gettempdir())) / "pion-peer")
    browser = lambda kind: [*node, here("browser.mjs"), kind]
    return [
        *(Peer("aiortc", [*python, here("aiortc_peer.py")], form, quick=True)
          for form in ("audio", "video-first", "data-first", "video-and-data")),
        *(Peer("werift", [*node, here("werift.mjs")], form, quick=True) for form in ("audio", "video-first")),
        *(Peer("libdatachannel", [*node, here("datachannel.mjs")], form, quick=True) for form in ("audio", "video-first")),
        *(Peer("Chromium", browser("chromium"), form, quick=True)
          for form in ("audio", "video-first", "video-first-max-bundle", "data-first-max-bundle", "rsa")),
        *(Peer("Firefox", browser("firefox"), form)
          for form in ("audio", "video-first", "video-first-max-bundle", "data-first-max-bundle")),
        *(Peer("GStreamer", [*system_python, here("gstreamer.py")], form)
          for form in ("audio", "video-first-max-bundle", "audio-no-bundle")),
        *(Peer("pion", [pion], form) for form in ("audio", "video-and-data", "rsa")),
    ]


@contextlib.asynccontextmanager
async def server(binary):
    """A server with one agent; its base URL."""
    with tempfile.TemporaryDirectory(prefix="interop-") as folder:
        folder = pathlib.Path(folder)
        (folder / "password").write_text(PASSWORD)
        (folder / "centre.toml").write_text(
            '[[team]]\nname = "Support"\n\n[[queue]]\nkey = "support"\nname = "Support"\nteam = "Support"\n'
            'open_to_guests = true\n\n[[user]]\nusername = "ana"\nname = "Ana Duarte"\nrole = "agent"\n'
            'teams = ["Support"]\nqueues = ["support"]\n'
            f'password_file = "{folder / "password"}"\n'
        )
        port = free_port()
        process = await asyncio.create_subprocess_exec(
            binary, "--provision", folder / "centre.toml", "--data", folder / "data", "--workers", "1",
            "--http", f"127.0.0.1:{port}", "--operate", "off", "--media", f"{own_address()}:0",
            stdout=asyncio.subprocess.DEVNULL, stderr=(folder / "log").open("wb"),
        )
        base = f"http://127.0.0.1:{port}"
        try:
            await ready(base, process, folder / "log")
            yield base
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
                await process.wait()


async def ready(base, process, log):
    async with aiohttp.ClientSession() as http:
        for _ in range(300):
            if process.returncode is not None:
                raise RuntimeError(f"the server ended: {log.read_text()[-1000:]}")
            with contextlib.suppress(aiohttp.ClientError):
                async with http.get(f"{base}/healthz") as response:
                    if response.status == 200:
                        return
            await asyncio.sleep(0.1)
    raise RuntimeError("the server is not ready")


class Person:
    """Somebody who is signed in."""

    def __init__(self, http, base, token):
        self.http, self.base, self.headers = http, f"{base}/api/v1", {"Authorization": f"Bearer {token}"}

    @classmethod
    async def by(cls, http, base, path, body):
        async with http.post(f"{base}/api/v1{path}", json=body) as response:
            return cls(http, base, (await response.json())["token"])

    async def call(self, method, path, body=None):
        async with self.http.request(method, self.base + path, json=body, headers=self.headers) as response:
            text = await response.text()
            if response.status >= 300:
                raise RuntimeError(f"{method} {path}: {response.status} {text}")
            return json.loads(text) if text else None

    async def station(self, offer):
        headers = {**self.headers, "Content-Type": "application/sdp"}
        async with self.http.post(self.base + "/stations", data=offer, headers=headers) as response:
            answer = await response.text()
            if response.status != 201:
                raise RuntimeError(f"the offer is refused: {answer}")
            return response.headers["Location"].rsplit("/", 1)[1], answer


class Agent:
    """The far side of every call."""

    def __init__(self, person):
        self.person, self.ear, self.offered = person, ears.Ear(), asyncio.Queue()

    async def begin(self):
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.pc.addTrack(ears.Tone(AGENT_HERTZ))
        self.pc.on("track", lambda track: asyncio.ensure_future(self.ear.listen(track)))
        await self.pc.setLocalDescription(await self.pc.createOffer())
        self.station, answer = await self.person.station(self.pc.localDescription.sdp)
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        self.events = await self.person.http.ws_connect(self.person.base + "/events", headers=self.person.headers)
        asyncio.ensure_future(self.read())
        await self.person.call("PUT", "/me/presence", {"state": "ready"})

    async def read(self):
        async for message in self.events:
            event = json.loads(message.data)
            if event["type"] == "call.offered":
                self.offered.put_nowait(event["call"]["id"])

    async def answer(self):
        call = await asyncio.wait_for(self.offered.get(), 15)
        await self.person.call("POST", f"/calls/{call}/answer", {"station": self.station})
        return call


async def line(process, wanted, seconds):
    """The next JSON line of a peer's that has this key."""
    async def read():
        while True:
            text = await process.stdout.readline()
            if not text:
                raise RuntimeError("the peer ended")
            with contextlib.suppress(ValueError):
                said = json.loads(text)
                if "failed" in said:
                    raise RuntimeError(said["failed"])
                if wanted in said:
                    return said
    return await asyncio.wait_for(read(), seconds)


def tell(process, **what):
    process.stdin.write((json.dumps(what) + "\n").encode())


async def connect(peer, caller, agent, tone, log):
    """One call; how loud each side hears the other, in dBFS, and the stack's version."""
    process = await asyncio.create_subprocess_exec(
        *peer.command, *peer.form, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=log,
        limit=2**24, env={**os.environ, "TONE": str(tone)}, cwd=HERE,
    )
    try:
        said = await line(process, "offer", START_S)
        station, answer = await caller.station(said["offer"])
        began = time.time()
        tell(process, answer=answer)
        await line(process, "connected", CONNECT_S)
        took = time.time() - began
        shown = await caller.call("GET", f"/stations/{station}")
        placed = {"station": station, "to": {"queue": "support"}, "caller": {"name": peer.title}}
        await caller.call("POST", "/calls", placed)
        call = await agent.answer()
        since = time.time() + 1.0
        await asyncio.sleep(LISTEN_S + 1.0)
        tell(process, measure=AGENT_HERTZ)
        heard = await line(process, "heard", 30)
        at_agent = agent.ear.level(PEER_HERTZ, since)
        at_peer = heard.get("heard_db")
        if at_peer is None:
            at_peer = ears.level_of_packets(heard["packets"], AGENT_HERTZ)
        await caller.call("POST", f"/calls/{call}/hangup")
        return said.get("version", ""), took, at_agent, at_peer, shown["state"]
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.stdin.close()
            process.terminate()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(process.wait(), 5)
        if process.returncode is None:
            process.kill()


async def run(arguments):
    chosen = [it for it in peers() if (it.quick or not arguments.quick)
              and (not arguments.form or arguments.form in it.form)
              and (not arguments.names or it.name.lower() in [name.lower() for name in arguments.names])]
    rows, failed = [], 0
    with tempfile.TemporaryDirectory(prefix="interop-") as folder:
        tone = pathlib.Path(folder) / "tone.json"
        tone.write_text(json.dumps(ears.opus_packets(PEER_HERTZ, 10)))
        log_file = pathlib.Path(folder) / "peer.log"
        async with server(arguments.server) as base, aiohttp.ClientSession() as http:
            sign_in = {"username": "ana", "password": PASSWORD}
            agent = Agent(await Person.by(http, base, "/login", sign_in))
            await agent.begin()
            for peer in chosen:
                caller = await Person.by(http, base, "/guests", {"name": peer.title})
                with log_file.open("wb") as log:
                    try:
                        result = await connect(peer, caller, agent, tone, log)
                        version, took, at_agent, at_peer, state = result
                        right = min(at_agent, at_peer) > HEARD_DB and state == "connected"
                        text = f"heard at {at_agent:.1f} dBFS, hears {at_peer:.1f} dBFS, connected in {took:.2f} s"
                    except Exception as error:  # whatever it is, it is told
                        version, right, text = "", False, f"{type(error).__name__}: {error}"
                if not right:
                    failed += 1
                    print(log_file.read_text(errors="replace")[-1500:], file=sys.stderr)
                print(f"{'ok  ' if right else 'FAIL'} {peer.title} {version}: {text}", flush=True)
                rows.append((peer, version, right, text))
    if arguments.table:
        write_table(arguments.table, rows)
    print(f"interop: {len(rows) - failed} passed, {failed} failed, 0 skipped")
    return 1 if failed or not rows else 0


def write_table(path, rows):
    today = datetime.date.today().isoformat()
    lines = [f"Run on {today}.", "", "| stack | version | offer | result |", "|---|---|---|---|"]
    lines += [f"| {peer.name} | {version} | {' '.join(peer.form)} | {'' if right else '**fails**: '}{text} |"
              for peer, version, right, text in rows]
    pathlib.Path(path).write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", required=True)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--table")
    parser.add_argument("--form")
    parser.add_argument("names", nargs="*")
    sys.exit(asyncio.run(run(parser.parse_args())))


if __name__ == "__main__":
    main()
