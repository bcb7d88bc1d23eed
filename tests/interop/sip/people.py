"""A server that speaks SIP, and people who work at it by WebRTC (aiortc)."""

import asyncio
import contextlib
import json
import pathlib
import signal
import sys
import time

import aiohttp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import ears
from sockets import free_port, own_address
from stacks import PATIENCE_S, SECRET

PASSWORD = "interop-only-password"
CENTRE = """
[[team]]
name = "Support"

[[queue]]
key = "support"
name = "Support"
team = "Support"
open_to_guests = true
"""
USERS = [("ana", "agent"), ("bo", "agent"), ("sue", "supervisor")]


class Server:
    """A server on this machine, with this for its `[telephony]`."""

    def __init__(self, binary, folder, sip_port, rtp_first, host):
        self.binary, self.folder = binary, pathlib.Path(folder)
        self.sip, self.sip_tls, self.http = f"{host}:{sip_port}", f"{host}:{sip_port + 1}", free_port()
        self.rtp = f"[telephony]\nrtp_port_first = {rtp_first}\nrtp_port_last = {rtp_first + 99}\n"

    async def start(self, telephony, tls=False):
        """`tls`: SIP by TLS, too, with a certificate that it makes."""
        self.base = f"{'https' if tls else 'http'}://127.0.0.1:{self.http}"
        more = f'sip_tls = "{self.sip_tls}"\ntls = "self-signed"\n' if tls else ""
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "password").write_text(PASSWORD)
        (self.folder / "secret").write_text(SECRET)
        for private in ("password", "secret"):
            (self.folder / private).chmod(0o600)
        users = "".join(
            f'\n[[user]]\nusername = "{name}"\nname = "{name.title()}"\nrole = "{role}"\nteams = ["Support"]\n'
            f'queues = {["support"] if role == "agent" else []}\npassword_file = "{self.folder / "password"}"\n'
            for name, role in USERS
        )
        (self.folder / "centre.toml").write_text(CENTRE + users)
        (self.folder / "sotto.toml").write_text(f'sip = "{self.sip}"\n{more}{self.rtp}{telephony}')
        self.process = await asyncio.create_subprocess_exec(
            str(self.binary), "--config", self.folder / "sotto.toml", "--provision", self.folder / "centre.toml",
            "--data", self.folder / "data", "--workers", "1", "--http", f"127.0.0.1:{self.http}", "--operate", "off",
            "--media", f"{own_address()}:0",
            stdout=asyncio.subprocess.DEVNULL, stderr=(self.folder / "log").open("wb"),
        )
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=False)) as http:
            for _ in range(300):
                if self.process.returncode is not None:
                    raise RuntimeError(f"the server ended: {(self.folder / 'log').read_text()[-1500:]}")
                with contextlib.suppress(aiohttp.ClientError):
                    async with http.get(f"{self.base}/healthz") as response:
                        if response.status == 200:
                            return self
                await asyncio.sleep(0.1)
        raise RuntimeError("the server is not ready")

    async def end(self):
        if self.process.returncode is None:
            # The second one ends what goes on, too.
            for _ in range(2):
                with contextlib.suppress(ProcessLookupError):
                    self.process.send_signal(signal.SIGTERM)
                await asyncio.sleep(0.2)
            await self.process.wait()

    def faults(self):
        """What its log says that it should not."""
        lines = (self.folder / "log").read_text(errors="replace").splitlines()
        return [line for line in lines if "panicked" in line or " ERROR " in line]


class Voice:
    """Somebody with a headset, who says a tone."""

    def __init__(self, http, base, token, hertz):
        self.http, self.base, self.hertz = http, f"{base}/api/v1", hertz
        self.headers, self.ear, self.offered = {"Authorization": f"Bearer {token}"}, ears.Ear(), asyncio.Queue()

    @classmethod
    async def by(cls, http, server, path, body, hertz):
        async with http.post(f"{server.base}/api/v1{path}", json=body) as response:
            person = cls(http, server.base, (await response.json())["token"], hertz)
        await person.speak()
        return person

    @classmethod
    async def account(cls, http, server, username, hertz):
        return await cls.by(http, server, "/login", {"username": username, "password": PASSWORD}, hertz)

    @classmethod
    async def guest(cls, http, server, hertz):
        return await cls.by(http, server, "/guests", {"name": "Guest"}, hertz)

    async def call(self, method, path, body=None):
        async with self.http.request(method, self.base + path, json=body, headers=self.headers) as response:
            text = await response.text()
            if response.status >= 300:
                raise RuntimeError(f"{method} {path}: {response.status} {text}")
            return json.loads(text) if text else None

    async def speak(self):
        self.pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        self.pc.addTrack(ears.Tone(self.hertz))
        self.pc.on("track", lambda track: setattr(self, "listening", asyncio.ensure_future(self.ear.listen(track))))
        await self.pc.setLocalDescription(await self.pc.createOffer())
        headers = {**self.headers, "Content-Type": "application/sdp"}
        async with self.http.post(f"{self.base}/stations", data=self.pc.localDescription.sdp, headers=headers) as response:
            answer = await response.text()
            self.station = response.headers["Location"].rsplit("/", 1)[1]
        await self.pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        self.events = await self.http.ws_connect(f"{self.base}/events", headers=self.headers)
        self.reading = asyncio.ensure_future(self.read())

    async def read(self):
        async for message in self.events:
            event = json.loads(message.data)
            if event["type"] == "call.offered":
                self.offered.put_nowait(event["call"]["id"])

    async def presence(self, state):
        await self.call("PUT", "/me/presence", {"state": state})

    async def takes(self):
        call = await asyncio.wait_for(self.offered.get(), PATIENCE_S)
        await self.call("POST", f"/calls/{call}/answer", {"station": self.station})
        return call

    async def hears(self, hertz, seconds=1.0):
        """How loud a tone is in what is heard from now on, for so long, in dBFS."""
        await asyncio.sleep(0.5)
        since = time.time()
        await asyncio.sleep(seconds)
        return self.ear.level(hertz, since)

    async def until(self, what, holds):
        """Waits until this holds of the calls that are seen."""
        deadline = time.time() + PATIENCE_S
        while time.time() < deadline:
            if holds((await self.call("GET", "/calls"))["calls"]):
                return
            await asyncio.sleep(0.1)
        raise RuntimeError(f"not within {PATIENCE_S} s: {what}")

    async def goes(self):
        await self.events.close()
        await self.pc.close()
