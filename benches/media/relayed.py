"""Plain RTP to relays and mixers on this machine: the packets of recorded calls, and how peers are asked for ports.

Linux only. What peers send back is not read, so that it costs nothing here; in the end each socket must have got something.
"""

import json
import pathlib
import random
import socket
import struct
import subprocess
import tempfile
import threading
import time
import urllib.request

from sotto import ROOT, Failed, Usage, free_port, until

FRAME_S = 0.02
# Packets leave spread over each frame, as those of calls do that began at any time.
SLOTS = 20
PAYLOAD_TYPE = 111


def opus_packets(path):
    """The packets of an Ogg Opus file (RFC 3533, RFC 7845), without its two headers."""
    data, packets, part = pathlib.Path(path).read_bytes(), [], b""
    at = 0
    while data[at:at + 4] == b"OggS":
        segments = data[at + 27:at + 27 + data[at + 26]]
        at += 27 + len(segments)
        for length in segments:
            part += data[at:at + length]
            at += length
            if length < 255:
                packets.append(part)
                part = b""
    return packets[2:]


class Talkers:
    """Sends recorded packets from sockets of its own, one each 20 ms, until it is stopped."""

    def __init__(self):
        self.packets = [it for path in sorted((ROOT / "assets/calls").glob("*.opus")) for it in opus_packets(path)]
        if not self.packets:
            raise Failed("no recordings in assets/calls")
        self.slots = [[] for _ in range(SLOTS)]
        self.sockets = []
        self.count = 0
        self.ends = threading.Event()
        self.lateness = []
        self.thread = threading.Thread(target=self.run, daemon=True)

    def socket(self):
        it = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        it.bind(("127.0.0.1", 0))
        it.setblocking(False)
        self.sockets.append(it)
        return it

    def add(self, it, to):
        """From now on packets go from the socket to the address."""
        talker = [it, to, random.getrandbits(16), random.getrandbits(32), random.getrandbits(32), random.randrange(len(self.packets))]
        self.slots[self.count % SLOTS].append(talker)
        self.count += 1

    def start(self):
        self.thread.start()

    def run(self):
        due = time.monotonic()
        while not self.ends.is_set():
            for slot in self.slots:
                due += FRAME_S / SLOTS
                now = time.monotonic()
                if now < due:
                    time.sleep(due - now)
                else:
                    self.lateness.append(now - due)
                for talker in slot:
                    self.send(talker)

    def send(self, talker):
        it, to, number, timestamp, source, at = talker
        header = struct.pack("!BBHII", 0x80, PAYLOAD_TYPE, number, timestamp, source)
        try:
            it.sendto(header + self.packets[at], to)
        except (BlockingIOError, ConnectionRefusedError):
            pass
        talker[2:] = [(number + 1) & 0xFFFF, (timestamp + 960) & 0xFFFFFFFF, source, (at + 1) % len(self.packets)]

    def must_be_heard(self):
        """Fails if a socket got nothing: then the peer did less than it was asked for."""
        silent = 0
        for it in self.sockets:
            try:
                it.recv(2048)
            except BlockingIOError:
                silent += 1
        if silent:
            raise Failed(f"{silent} of {len(self.sockets)} heard nothing")

    def stop(self):
        self.ends.set()
        if self.thread.is_alive():
            self.thread.join()
        for it in self.sockets:
            it.close()


def sdp(port, direction="sendrecv"):
    return (f"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP {PAYLOAD_TYPE}\r\na=rtpmap:{PAYLOAD_TYPE} opus/48000/2\r\na={direction}\r\n")


def port_in(text):
    line = next(line for line in text.splitlines() if line.startswith("m=audio"))
    return int(line.split()[1])


def bencode(value):
    match value:
        case int():
            return b"i%de" % value
        case str():
            return b"%d:%s" % (len(value.encode()), value.encode())
        case list():
            return b"l" + b"".join(map(bencode, value)) + b"e"
        case dict():
            return b"d" + b"".join(bencode(key) + bencode(value[key]) for key in sorted(value)) + b"e"


def bdecode(data):
    def one(at):
        lead = data[at:at + 1]
        if lead == b"i":
            end = data.index(b"e", at)
            return int(data[at + 1:end]), end + 1
        if lead in b"ld":
            items, at = [], at + 1
            while data[at:at + 1] != b"e":
                item, at = one(at)
                items.append(item)
            return (items if lead == b"l" else dict(zip(items[::2], items[1::2]))), at + 1
        colon = data.index(b":", at)
        length = int(data[at:colon])
        return data[colon + 1:colon + 1 + length].decode(errors="replace"), colon + 1 + length

    return one(0)[0]


class Peer:
    """A program of somebody else's, in a folder of its own; it ends with `stop`."""

    def start(self, command):
        self.folder = getattr(self, "folder", None) or tempfile.TemporaryDirectory(prefix="sotto-peer-")
        self.log = open(pathlib.Path(self.folder.name) / "log", "wb")
        self.process = subprocess.Popen([str(it) for it in command], stdout=self.log, stderr=self.log)
        self.usage = Usage(self.process.pid)

    def said(self):
        return (pathlib.Path(self.folder.name) / "log").read_text(errors="replace")[-2000:]

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.folder.cleanup()


class Rtpengine(Peer):
    """Debian's rtpengine, in user space: it passes packets on, and copies them to who subscribes."""

    def __init__(self):
        self.at = ("127.0.0.1", free_port(socket.SOCK_DGRAM))
        self.start([
            "rtpengine", "--foreground", "--log-stderr", "--log-level=3", "--table=-1", "--interface=127.0.0.1",
            f"--listen-ng=127.0.0.1:{self.at[1]}", "--port-min=30000", "--port-max=39999",
        ])
        self.control = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.control.settimeout(1)
        until("rtpengine answers", 10, lambda: self.alive())

    def alive(self):
        try:
            return self.ask(command="ping")["result"] == "pong"
        except OSError:
            return False

    def ask(self, **what):
        cookie = f"{random.getrandbits(64):x}".encode()
        what = {key.replace("_", "-"): value for key, value in what.items()}
        self.control.sendto(cookie + b" " + bencode(what), self.at)
        while True:
            got = self.control.recv(65536)
            if got.startswith(cookie + b" "):
                answer = bdecode(got[len(cookie) + 1:])
                if answer["result"] not in ("ok", "pong"):
                    raise Failed(f"rtpengine: {answer}")
                return answer

    def call(self, talkers, name, listened):
        a, b = talkers.socket(), talkers.socket()
        common = dict(call_id=name, ICE="remove", flags=["trust-address"])
        offer = self.ask(command="offer", from_tag="a", sdp=sdp(a.getsockname()[1]), **common)
        answer = self.ask(command="answer", from_tag="a", to_tag="b", sdp=sdp(b.getsockname()[1]), **common)
        talkers.add(b, ("127.0.0.1", port_in(offer["sdp"])))
        talkers.add(a, ("127.0.0.1", port_in(answer["sdp"])))
        if listened:
            for tag in ("a", "b"):
                ear = talkers.socket()
                asked = self.ask(command="subscribe request", call_id=name, from_tag=tag)
                self.ask(command="subscribe answer", call_id=name, to_tag=asked["to-tag"], sdp=sdp(ear.getsockname()[1], "recvonly"))


class Janus(Peer):
    """Debian's Janus with its AudioBridge: it mixes, and encodes for each who takes part."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="sotto-peer-")
        folder, port = pathlib.Path(self.folder.name), free_port()
        libraries = "/usr/lib/x86_64-linux-gnu/janus"
        (folder / "janus.jcfg").write_text(
            f'general: {{ plugins_folder = "{libraries}/plugins"\n transports_folder = "{libraries}/transports"\n'
            'debug_level = 3\n }\nmedia: { rtp_port_range = "40000-49999" }\n'
            'plugins: { disable = "libjanus_duktape.so,libjanus_echotest.so,libjanus_lua.so,libjanus_nosip.so,'
            'libjanus_recordplay.so,libjanus_sip.so,libjanus_streaming.so,libjanus_textroom.so,libjanus_videocall.so,'
            'libjanus_videoroom.so,libjanus_voicemail.so" }\n'
            'transports: { disable = "libjanus_mqtt.so,libjanus_nanomsg.so,libjanus_pfunix.so,libjanus_rabbitmq.so,'
            'libjanus_websockets.so" }\n')
        (folder / "janus.transport.http.jcfg").write_text(
            f'general: {{ json = "plain"\n base_path = "/janus"\n http = true\n port = {port}\n ip = "127.0.0.1"\n https = false\n }}\n'
            "admin: { admin_http = false\n admin_https = false }\n")
        (folder / "janus.plugin.audiobridge.jcfg").write_text('general: { local_ip = "127.0.0.1" }\n')
        self.url = f"http://127.0.0.1:{port}/janus"
        self.start(["janus", f"--configs-folder={folder}"])
        until("Janus answers", 10, self.alive)
        self.session = self.ask(self.url, janus="create")["data"]["id"]
        self.rooms = 0
        self.ears = threading.Thread(target=self.keep, daemon=True)
        self.waiting, self.ended = {}, False
        self.ears.start()

    def alive(self):
        try:
            return urllib.request.urlopen(f"{self.url}/info", timeout=1).status == 200
        except OSError:
            return False

    def ask(self, url, **what):
        body = json.dumps({**what, "transaction": f"{random.getrandbits(32):x}"}).encode()
        request = urllib.request.Request(url, body, {"Content-Type": "application/json"})
        answer = json.load(urllib.request.urlopen(request, timeout=5))
        if answer["janus"] == "error":
            raise Failed(f"Janus: {answer}")
        return answer

    def keep(self):
        """Takes the session's events, which also keeps it alive."""
        while not self.ended:
            try:
                events = json.load(urllib.request.urlopen(f"{self.url}/{self.session}?maxev=20", timeout=40))
            except (OSError, ValueError):
                continue
            for event in events if isinstance(events, list) else [events]:
                if "sender" in event and "plugindata" in event:
                    self.waiting.setdefault(event["sender"], event["plugindata"]["data"])

    def call(self, talkers, name, parties):
        self.rooms += 1
        for party in range(parties):
            handle = self.ask(f"{self.url}/{self.session}", janus="attach", plugin="janus.plugin.audiobridge")["data"]["id"]
            at = f"{self.url}/{self.session}/{handle}"
            if party == 0:
                made = self.ask(at, janus="message", body={
                    "request": "create", "room": self.rooms, "sampling_rate": 48000, "allow_rtp_participants": True})
                if made["plugindata"]["data"]["audiobridge"] != "created":
                    raise Failed(f"Janus: {made}")
            mouth = talkers.socket()
            self.ask(at, janus="message", body={
                "request": "join", "room": self.rooms, "display": f"{name}-{party}", "codec": "opus", "bitrate": 32000,
                "rtp": {"ip": "127.0.0.1", "port": mouth.getsockname()[1], "payload_type": PAYLOAD_TYPE}})
            until("a participant has joined", 5, lambda: handle in self.waiting)
            joined = self.waiting[handle]
            if "rtp" not in joined:
                raise Failed(f"Janus: {joined}")
            talkers.add(mouth, (joined["rtp"]["ip"], joined["rtp"]["port"]))

    def stop(self):
        self.ended = True
        super().stop()
