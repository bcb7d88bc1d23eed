"""SIP user agents that others have made, each driven by its own means: what it says is a tone, what it hears a file."""

import asyncio
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import wave

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
RATE = 48_000
SECRET = "interop-only-secret"
PATIENCE_S = 20.0


def write_tone(path, hertz, seconds, rate=16_000):
    """A tone of -10.5 dBFS, as a WAV file; whole periods, so that it can be played again and again."""
    t = np.arange(seconds * rate) / rate
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.sin(2 * np.pi * hertz * t) * 32767 * 0.3).astype("<i2").tobytes())


def read_wav(path):
    """Rate and samples of a WAV file of 16 bits that may be being written still; the first channel."""
    raw = pathlib.Path(path).read_bytes() if pathlib.Path(path).exists() else b""
    if len(raw) < 44:
        return RATE, np.zeros(0)
    if raw[:4] != b"RIFF":
        # mediastreamer writes the header last. It records what Opus gives it.
        return RATE, np.frombuffer(raw[44 : len(raw) // 2 * 2], "<i2") / 32768
    channels, rate = int.from_bytes(raw[22:24], "little"), int.from_bytes(raw[24:28], "little")
    at = raw.find(b"data", 12) + 8
    samples = np.frombuffer(raw[at : at + (len(raw) - at) // (2 * channels) * 2 * channels], "<i2")
    return rate, samples[::channels] / 32768


def tone_dbfs(samples, rate, hertz):
    """How loud a tone is in these samples; -200: there is none."""
    if len(samples) < rate // 10:
        return -200.0
    n, window = np.arange(len(samples)), np.hanning(len(samples))
    z = 2 * abs((samples * window * np.exp(-2j * np.pi * hertz * n / rate)).sum()) / window.sum()
    return float(20 * np.log10(max(z, 1e-10)))


class Stack:
    """One user agent, as a process of its own. `tls`, `tcp`: how it speaks SIP, instead of by datagrams."""

    name = ""
    # What has to be said of digests for it.
    digest = ""

    def __init__(self, folder, port, transport="udp"):
        self.folder, self.port, self.transport = pathlib.Path(folder), port, transport
        self.folder.mkdir(parents=True, exist_ok=True)
        self.process = None
        self.log = self.folder / "log"

    async def begin(self, *command, env=None):
        self.process = await asyncio.create_subprocess_exec(
            *map(str, command), stdin=asyncio.subprocess.PIPE, stdout=self.log.open("wb"),
            stderr=asyncio.subprocess.STDOUT, cwd=self.folder, env={**os.environ, **(env or {})},
        )

    async def end(self):
        if self.process and self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.terminate()
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self.process.wait(), 5)
            if self.process.returncode is None:
                self.process.kill()

    async def says(self, pattern, since=0):
        """Waits until its log has this, from this byte on; where in the log that ends."""
        deadline = time.time() + PATIENCE_S
        while time.time() < deadline:
            text = self.log.read_bytes().decode(errors="replace") if self.log.exists() else ""
            found = re.compile(pattern).search(text, since)
            if found:
                return found.end()
            if self.process.returncode is not None:
                raise RuntimeError(f"{self.name} has ended: {text[-800:]}")
            await asyncio.sleep(0.05)
        raise RuntimeError(f"{self.name} does not say {pattern!r}: {text[-800:]}")

    def said(self):
        return len(self.log.read_bytes().decode(errors="replace")) if self.log.exists() else 0

    def recording(self):
        return self.folder / "heard.wav"

    async def hears(self, hertz, seconds=1.0):
        """How loud a tone is in what it hears from now on, for so long."""
        file = self.recording()
        before = len(read_wav(file)[1])
        await asyncio.sleep(seconds + 0.5)
        rate, samples = read_wav(self.recording())
        # With another session it may have begun another file.
        fresh = samples[before:] if self.recording() == file else samples
        return tone_dbfs(fresh[-int(seconds * rate) :], rate, hertz)


    async def hears_again(self, hertz):
        """The same, after a hold."""
        return await self.hears(hertz)


class Baresip(Stack):
    name = "baresip"
    # Version 1.0 takes fright at a question by SHA-256, though one by MD5 stands beside it.
    digest = 'digest = ["md5"]'

    @staticmethod
    def version():
        said = subprocess.run(["baresip", "-h"], capture_output=True, text=True).stdout
        return re.search(r"v([\d.]+)", said).group(1)

    async def start(self, server, extension=None, hertz=440, codec="PCMA/8000/1"):
        self.server = server
        user, more = extension or "caller", f";audio_codecs={codec}"
        registers = f";auth_pass={SECRET};regint=60;outbound=\"sip:{server};transport={self.transport}\"" if extension else ";regint=0"
        (self.folder / "accounts").write_text(f"<sip:{user}@127.0.0.1;transport={self.transport}>{registers}{more}\n")
        (self.folder / "contacts").write_text("")
        modules = ["g711", "g722", "opus", "ausine", "aubridge", "sndfile", "srtp"]
        applications = ["account", "menu", "ctrl_tcp"]
        (self.folder / "config").write_text("\n".join([
            f"sip_listen 127.0.0.1:{self.port}", "call_max_calls 4", "audio_player aubridge,sink",
            "audio_alert aubridge,alert", f"audio_source ausine,{hertz}", "ausrc_srate 48000", "ausrc_channels 2",
            f"rtp_ports {self.port + 250}-{self.port + 269}", "module_path /usr/lib/baresip/modules",
            *(f"module {it}.so" for it in modules), *(f"module_app {it}.so" for it in applications),
            f"ctrl_tcp_listen 127.0.0.1:{self.port + 10}", f"snd_path {self.folder}",
        ]) + "\n")
        await self.begin("baresip", "-f", self.folder, "-v")
        if extension:
            await self.says(r"200 OK")
        else:
            await self.says("baresip is ready")

    async def tell(self, command, parameters=""):
        _, writer = await asyncio.open_connection("127.0.0.1", self.port + 10)
        body = json.dumps({"command": command, "params": parameters, "token": "t"}).encode()
        writer.write(b"%d:%s," % (len(body), body))
        await writer.drain()
        await asyncio.sleep(0.3)
        writer.close()

    def recording(self):
        files = sorted(self.folder.glob("dump-*-dec.wav"), key=lambda it: it.stat().st_mtime)
        return files[-1] if files else self.folder / "none.wav"

    async def call(self, uri):
        await self.tell("dial", f"{uri};transport={self.transport}")

    async def rings(self):
        await self.says("Incoming call from")

    async def answer(self):
        await self.tell("accept")

    async def talks(self):
        await self.says("Call established")

    async def hold(self):
        await self.tell("hold")

    async def resume(self):
        await self.tell("resume")

    async def hears_again(self, _):
        """Its recording ends with a hold: what counts is how much comes, of G.711's 64 kbit/s."""
        deadline = time.time() + 8
        while time.time() < deadline:
            rates = re.findall(r"audio=\d+/(\d+)", self.log.read_text(errors="replace"))
            if rates and int(rates[-1]) > 60_000:
                return -13.0
            await asyncio.sleep(0.2)
        return -200.0

    async def press(self, keys):
        for key in keys:
            await self.tell("sndcode", key)

    async def hang_up(self):
        await self.tell("hangup")

    async def is_hung_up(self):
        await self.says("session closed|Call with .* terminated|terminated \\(duration")


class Linphone(Stack):
    name = "linphonec"

    @staticmethod
    def version():
        said = subprocess.run(["linphonec", "-v"], capture_output=True, text=True)
        return re.search(r"([\d.]+)", said.stdout + said.stderr).group(1)

    @staticmethod
    def verbose():
        return ["-d", "6"] if os.environ.get("INTEROP_VERBOSE") else []

    async def start(self, server, extension=None, hertz=440):
        self.server = server
        write_tone(self.folder / "tone.wav", hertz, 5)
        ports = {"udp": 0, "tcp": 0, "tls": 0, self.transport: self.port}
        (self.folder / "config").write_text(
            f"[sip]\nsip_port={ports['udp']}\nsip_tcp_port={ports['tcp']}\nsip_tls_port={ports['tls']}\n"
            f"verify_server_certs=0\nverify_server_cn=0\nuse_ipv6=0\nipv6_migration_done=1\ncontact=\"Linphone\" <sip:caller@127.0.0.1>\n"
            f"[rtp]\naudio_rtp_port={self.port + 250}\n[net]\nnat_policy_ref=\n[sound]\necho_cancellation=0\n"
        )
        # Without a folder for its database it does not begin to listen, and does not say so.
        (self.folder / ".local/share/linphone").mkdir(parents=True)
        await self.begin("linphonec", *self.verbose(), "-c", self.folder / "config", env={"HOME": str(self.folder)})
        await self.says("linphonec>")
        await self.tell("soundcard use files")
        await self.tell(f"record {self.recording()}")
        await self.tell(f"play {self.folder / 'tone.wav'}")
        if extension:
            await self.tell(f"register sip:{extension}@127.0.0.1 sip:{server};transport={self.transport} {SECRET}")
            # It does not say whether that went well: if not, nothing rings.

    async def tell(self, line):
        self.process.stdin.write((line + "\n").encode())
        await self.process.stdin.drain()
        await asyncio.sleep(0.3)

    async def call(self, uri):
        await self.tell(f"call {uri};transport={self.transport}")

    async def rings(self):
        await self.says("(?i)incoming call|is contacting you|Receiving new")

    async def answer(self):
        await self.tell("answer")

    async def talks(self):
        await self.says("(?i)answered|connected")

    async def hold(self):
        await self.tell("pause")

    async def resume(self):
        await self.tell("resume")

    async def press(self, keys):
        for key in keys:
            await self.tell(key)

    async def hang_up(self):
        await self.tell("terminate")

    async def is_hung_up(self):
        await self.says("(?i)call .* ended|terminated|Call ended")


class Pjsua(Stack):
    name = "pjsua2"

    @staticmethod
    def version():
        import importlib.metadata

        return importlib.metadata.version("pjsua2-python")

    def certify(self, name):
        """A certificate of this name, made out by itself; its file."""
        certificate, key = self.folder / "certificate.pem", self.folder / "key.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}",
             "-addext", f"subjectAltName=DNS:{name}", "-addext", "basicConstraints=critical,CA:FALSE",
             "-out", certificate, "-keyout", key],
            check=True, capture_output=True,
        )
        return certificate

    async def start(self, server, extension=None, hertz=440, srtp=False):
        self.server = server
        write_tone(self.folder / "tone.wav", hertz, 5)
        certified = (self.folder / "key.pem").exists()
        command = {"certified": certified, "port": self.port, "transport": self.transport, "extension": extension, "server": server,
                   "secret": SECRET, "srtp": srtp}
        await self.begin(sys.executable, HERE / "pjsua_peer.py", json.dumps(command))
        await self.says("registered" if extension else "started")

    async def tell(self, what, more=""):
        self.process.stdin.write((json.dumps([what, more]) + "\n").encode())
        await self.process.stdin.drain()
        await asyncio.sleep(0.2)

    async def call(self, uri):
        await self.tell("call", f"{uri};transport={self.transport}")

    async def rings(self):
        await self.says("peer: rings")

    async def answer(self):
        await self.tell("answer")

    async def talks(self):
        await self.says("peer: talks")

    async def hold(self):
        await self.tell("hold")

    async def resume(self):
        await self.tell("resume")

    async def press(self, keys):
        await self.tell("press", keys)

    async def hang_up(self):
        await self.tell("hang_up")

    async def is_hung_up(self):
        await self.says("peer: over")


class Kamailio(Stack):
    name = "Kamailio"
    host = "127.0.0.2"

    @staticmethod
    def version():
        said = subprocess.run(["kamailio", "-v"], capture_output=True, text=True).stdout
        return re.search(r"kamailio (\d[\d.]+)", said).group(1)

    @property
    def address(self):
        return f"{self.host}:{self.port}"

    async def start(self, sotto, carrier):
        text = (HERE / "kamailio.cfg").read_text()
        for name, value in {"LISTEN_HOST": f'"{self.host}"', "LISTEN_IP": self.host, "LISTEN": f"{self.transport}:{self.address}", "SECRET": SECRET,
                            "SOTTO_IP": sotto.split(":")[0], "SOTTO": f"{sotto};transport={self.transport}",
                            "CARRIER": f"{carrier};transport={self.transport}"}.items():
            text = re.sub(rf"^(?!#)(.*?)\b{name}\b", rf"\g<1>{value}", text, flags=re.M)
        (self.folder / "kamailio.cfg").write_text(text)
        await self.begin("kamailio", "-f", self.folder / "kamailio.cfg", "-DD", "-E", "-m", "32", "-M", "4",
                         "-Y", self.folder, "-w", self.folder, "-n", "1")
        await self.says("ready|listening on|Listening on|tm \\[")
        await asyncio.sleep(1.0)
