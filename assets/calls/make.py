#!/usr/bin/env python3
"""Renders the dialogues (*.txt) of this folder to stereo Ogg Opus: left caller, right agent.

Needs espeak-ng, sox and opus-tools. The same tools give the same bytes on every run.
README.md tells the notation of the dialogues and the shape of the files.

    ./make.py                  all dialogues
    ./make.py support-router   one of them
"""

import array
import math
import re
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
RATE_HZ = 48_000
SPEECH_RMS_DBFS = -20.0
BACK_CHANNEL_DB = -5.0
PEAK = 0.55
NOISE_RMS_DBFS = -66.0
LEAD_S = 0.8  # line noise before the first word and after the last
TAIL_S = 1.0
BITRATE_KBPS = 14  # a channel; the pauses bring the mean down
PHONE_BAND_HZ = (300, 7000)
# Where the voice trails off: shorter than this below the threshold is still speech.
TRIM = ["silence", "1", "0.005", "-50d"]

# Sounds that are no words, as phonemes of espeak-ng.
SOUNDS = {"Mm-hm": "[[m'm_hm]]", "Uh-huh": "[['Vh_hV]]", "Hm": "[[h'm:]]", "Um": "[['Vm:]]"}


@dataclass
class Voice:
    name: str
    speed_wpm: int
    pitch: int


@dataclass
class Turn:
    party: str  # "C" or "A"
    text: str
    gap_s: float | None  # after the turn before; negative: begins while it is still going on
    at: float | None  # back-channel: where in the turn before it begins, 0 to 1


def parse(path):
    """A dialogue file: the voices of the two parties and the turns."""
    voices, turns = {}, []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        if m := re.match(r"(caller|agent):[^|]*\|\s*(\S+) speed=(\d+) pitch=(\d+)$", line):
            voices[m[1][0].upper()] = Voice(m[2], int(m[3]), int(m[4]))
        elif m := re.match(r"([CA])\s+(?:([+-][\d.]+)\s+|@(\d+)%\s+)?(.+)$", line):
            at = int(m[3]) / 100 if m[3] else None
            turns.append(Turn(m[1], m[4], float(m[2] or 0), at))
        elif not re.match(r"(queue|title): ", line):
            sys.exit(f"{path.name}:{number}: not a header and not a turn: {line}")
    return voices, turns


def run(*args, stdin=None):
    return subprocess.run([str(a) for a in args], input=stdin, check=True, capture_output=True).stdout


def db(gain_db):
    return 10 ** (gain_db / 20)


def speak(voice, turn, nth, wav):
    """One turn as f32 samples: spoken, trimmed, band-limited, levelled."""
    text = re.sub("|".join(rf"\b{s}\b" for s in SOUNDS), lambda m: SOUNDS[m[0]], turn.text)
    # Nobody says every sentence at the same pace and height.
    pace, lift = (nth * 7) % 15 - 7, (nth * 5) % 9 - 4
    run("espeak-ng", "-v", voice.name, "-s", voice.speed_wpm + pace, "-p", voice.pitch + lift, "-w", wav, text)
    low, high = PHONE_BAND_HZ
    raw = run(
        "sox", "-R", wav, "-t", "f32", "-r", RATE_HZ, "-c", "1", "-",
        *TRIM, "reverse", *TRIM, "reverse",
        "highpass", low, "highpass", low, "lowpass", high, "lowpass", high,
        "pad", "0", "0.12", "reverb", "8", "60", "12", "100", "0", "-8",
        "fade", "t", "0.005", "reverse", "fade", "t", "0.06", "reverse",
    )  # fmt: skip
    samples = array.array("f", raw)
    wanted_db = SPEECH_RMS_DBFS + ((nth * 11) % 7 - 3) * 0.5 + (BACK_CHANNEL_DB if turn.at is not None else 0)
    gain = db(wanted_db) / math.sqrt(sum(s * s for s in samples) / len(samples))
    # A telephone's own limiter: the tips of the wave bend instead of clipping.
    return array.array("f", (PEAK * math.tanh(s * gain / PEAK) for s in samples))


def lay_out(voices, turns, wav):
    """Both parties' tracks, silent where they are silent, equally long."""
    placed, start, end = [], LEAD_S, LEAD_S  # start and end of the turn that has the floor, s
    for nth, turn in enumerate(turns):
        samples = speak(voices[turn.party], turn, nth, wav)
        if turn.at is not None:
            at = start + turn.at * (end - start)
        else:
            at = start = max(0.0, end + turn.gap_s)
            end = at + len(samples) / RATE_HZ
        placed.append((turn.party, round(at * RATE_HZ), samples))
    length = max(at + len(s) for _, at, s in placed) + round(TAIL_S * RATE_HZ)
    tracks = {party: array.array("f", bytes(4 * length)) for party in "CA"}
    for party, at, samples in placed:
        track = tracks[party]
        if any(track[at : at + len(samples)]):
            sys.exit(f"party {party} speaks over itself at {at / RATE_HZ:.1f} s")
        track[at : at + len(samples)] = samples
    return tracks


def add_noise(track, seed_s, wav):
    """Lays the line's own faint noise under a track."""
    seconds = len(track) / RATE_HZ
    noise = array.array("f", run(
        "sox", "-R", "-n", "-t", "f32", "-r", RATE_HZ, "-c", "1", "-",
        "synth", seconds + seed_s, "pinknoise", "trim", seed_s,
        "highpass", PHONE_BAND_HZ[0], "lowpass", PHONE_BAND_HZ[1],
    ))  # fmt: skip
    gain = db(NOISE_RMS_DBFS) / math.sqrt(sum(s * s for s in noise) / len(noise))
    return array.array("f", (a + gain * b for a, b in zip(track, noise)))


def encode(track):
    """One mono Ogg Opus file of a track."""
    wav = run(
        "sox", "-t", "f32", "-r", RATE_HZ, "-c", "1", "-", "-D", "-b", "16", "-t", "wav", "-",
        stdin=track.tobytes(),
    )  # fmt: skip
    return run(
        "opusenc", "--quiet", "--speech", "--vbr", "--bitrate", BITRATE_KBPS,
        "--framesize", "20", "--serial", "1", "--discard-comments", "--ignorelength", "-", "-",
        stdin=wav,
    )  # fmt: skip


def ogg_packets(data):
    """The packets of an Ogg file with one stream, and its last granule position."""
    packets, part, at, granule = [], b"", 0, 0
    while at < len(data):
        granule, count = struct.unpack_from("<q", data, at + 6)[0], data[at + 26]
        lacing = data[at + 27 : at + 27 + count]
        at += 27 + count
        for size in lacing:
            part += data[at : at + size]
            at += size
            if size < 255:
                packets.append(part)
                part = b""
    return packets, granule


CRC_TABLE = []
for byte in range(256):
    value = byte << 24
    for _ in range(8):
        value = (value << 1) ^ (0x04C11DB7 if value & 0x80000000 else 0)
    CRC_TABLE.append(value & 0xFFFFFFFF)


def ogg_page(packets, flags, granule, sequence):
    """One Ogg page of whole packets (RFC 3533)."""
    lacing = b"".join(b"\xff" * (len(p) // 255) + bytes([len(p) % 255]) for p in packets)
    head = struct.pack("<4sBBqIII", b"OggS", 0, flags, granule, 1, sequence, 0)
    page = bytearray(head + bytes([len(lacing)]) + lacing + b"".join(packets))
    crc = 0
    for b in page:
        crc = ((crc << 8) & 0xFFFFFFFF) ^ CRC_TABLE[(crc >> 24) ^ b]
    page[22:26] = struct.pack("<I", crc)
    return bytes(page)


def self_delimited(packet):
    """A packet of one frame in the self-delimiting form (RFC 6716, appendix B)."""
    assert packet[0] & 3 == 0, "20 ms packets hold one frame (code 0)"
    size = len(packet) - 1
    length = bytes([size]) if size < 252 else bytes([252 + size % 4, (size - 252 - size % 4) // 4])
    return packet[:1] + length + packet[1:]


def join(left, right):
    """Two mono files as one stereo file of two uncoupled streams (RFC 7845, mapping family 1).

    opusenc would couple the channels, and then each party would be heard faintly in the other's.
    """
    (head, tags, *left), granule = ogg_packets(left)
    _, _, *right = ogg_packets(right)[0]
    assert len(left) == len(right)
    pre_skip = head[10:12]
    head = b"OpusHead" + bytes([1, 2]) + pre_skip + head[12:18] + bytes([1, 2, 0, 0, 1])
    packets = [self_delimited(a) + b for a, b in zip(left, right)]
    out = [ogg_page([head], 2, 0, 0), ogg_page([tags], 0, 0, 1)]
    for first in range(0, len(packets), 50):
        group = packets[first : first + 50]
        last = first + len(group) == len(packets)
        position = granule if last else (first + len(group)) * 960
        out.append(ogg_page(group, 4 if last else 0, position, len(out)))
    return b"".join(out)


def main():
    names = sys.argv[1:] or sorted(p.stem for p in HERE.glob("*.txt"))
    for name in names:
        with tempfile.TemporaryDirectory() as folder:
            wav = Path(folder) / "turn.wav"
            tracks = lay_out(*parse(HERE / f"{name}.txt"), wav)
            caller, agent = (add_noise(tracks[p], seed_s, wav) for p, seed_s in (("C", 0), ("A", 7)))
            data = join(encode(caller), encode(agent))
        (HERE / f"{name}.opus").write_bytes(data)
        print(f"{name}.opus  {len(caller) / RATE_HZ:5.1f} s  {len(data):7} bytes")


if __name__ == "__main__":
    main()
