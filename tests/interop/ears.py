"""Tones and how loud they are: made, sent and measured by aiortc (PyAV, libopus)."""

import asyncio
import base64
import fractions
import math
import time

import av
import numpy as np
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack

RATE = 48_000
FRAME = 960
AMPLITUDE = 0.3


def tone_frame(hertz, sample):
    """20 ms of a tone from this sample on."""
    t = (np.arange(FRAME) + sample) / RATE
    wave = (np.sin(2 * math.pi * hertz * t) * 32767 * AMPLITUDE).astype(np.int16)
    frame = av.AudioFrame.from_ndarray(wave.reshape(1, -1), format="s16", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = RATE, sample, fractions.Fraction(1, RATE)
    return frame


class Tone(MediaStreamTrack):
    """A microphone into which somebody whistles."""

    kind = "audio"

    def __init__(self, hertz):
        super().__init__()
        self.hertz, self.sample, self.began = hertz, 0, None

    async def recv(self):
        self.began = self.began or time.time()
        wait = self.began + self.sample / RATE - time.time()
        if wait > 0:
            await asyncio.sleep(wait)
        frame = tone_frame(self.hertz, self.sample)
        self.sample += FRAME
        return frame


class Ear:
    """Keeps what a track brings, and when."""

    def __init__(self):
        self.heard = []

    async def listen(self, track):
        while True:
            try:
                frame = await track.recv()
            except MediaStreamError:
                return
            samples = frame.to_ndarray().reshape(-1).astype(np.float32)
            self.heard.append((time.time(), samples[:: len(frame.layout.channels)]))
            del self.heard[:-3_000]

    def level(self, hertz, since):
        """In dBFS."""
        return level([samples for at, samples in self.heard if at >= since], hertz)


def level(chunks, hertz):
    """The level of a tone in these samples, in dBFS; -200 for none."""
    if not chunks:
        return -200.0
    x = np.concatenate(chunks) / 32768
    window = np.hanning(len(x))
    n = np.arange(len(x))
    z = 2 * abs((x * window * np.exp(-2j * np.pi * hertz * n / RATE)).sum()) / window.sum()
    return float(20 * math.log10(max(z, 1e-10)))


def opus_packets(hertz, seconds):
    """A tone as Opus packets of 20 ms, in base64, for stacks that have no codec."""
    codec = av.CodecContext.create("libopus", "w")
    codec.sample_rate, codec.layout, codec.format = RATE, "mono", "s16"
    codec.bit_rate = 32_000
    codec.open()
    packets = []
    for index in range(seconds * RATE // FRAME):
        packets += codec.encode(tone_frame(hertz, index * FRAME))
    return [base64.b64encode(bytes(packet)).decode() for packet in packets]


def level_of_packets(packets, hertz):
    """How loud a tone is in Opus packets (base64)."""
    codec = av.CodecContext.create("opus", "r")
    codec.sample_rate, codec.layout = RATE, "mono"
    chunks = []
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    for packet in packets:
        for frame in codec.decode(av.Packet(base64.b64decode(packet))):
            for plain in resampler.resample(frame):
                chunks.append(plain.to_ndarray().reshape(-1).astype(np.float32))
    return level(chunks[len(chunks) // 4 :], hertz)
