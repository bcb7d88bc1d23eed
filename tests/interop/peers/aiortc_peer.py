"""aiortc (PyPI)."""

import asyncio
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import aiortc
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

import ears


async def main(form):
    pc, ear = RTCPeerConnection(RTCConfiguration(iceServers=[])), ears.Ear()
    if form == "data-first":
        pc.createDataChannel("notes")
    if form == "video-first":
        pc.addTransceiver("video", direction="recvonly")
    pc.addTrack(ears.Tone(440))
    if form == "video-and-data":
        pc.addTransceiver("video", direction="recvonly")
        pc.createDataChannel("notes")
    pc.on("track", lambda track: asyncio.ensure_future(ear.listen(track)))
    await pc.setLocalDescription(await pc.createOffer())
    loop = asyncio.get_running_loop()
    listen = lambda: loop.run_in_executor(None, sys.stdin.readline)
    say = lambda **what: print(json.dumps(what), flush=True)
    say(offer=pc.localDescription.sdp, version=aiortc.__version__)
    answer = json.loads(await listen())["answer"]
    await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
    transport = next(it for it in pc.getTransceivers() if it.kind == "audio").sender.transport
    while transport.state != "connected":
        if transport.state in ("failed", "closed"):
            return say(failed=f"DTLS {transport.state}")
        await asyncio.sleep(0.01)
    say(connected=True)
    hertz = json.loads(await listen())["measure"]
    say(heard=True, heard_db=ear.level(hertz, time.time() - 3))
    await listen()


asyncio.run(main(sys.argv[1]))
