"""aiortc's stations over whatever network there is: how long they take to connect, and whether all do.

    setups.py SERVER COUNT
"""

import asyncio
import sys
import time

import aiohttp
from aiortc import RTCConfiguration, RTCPeerConnection, RTCSessionDescription

import ears

AT_ONCE = 8
PATIENCE_S = 30.0


async def setup(http, server, gate):
    async with gate:
        async with http.post(f"{server}/api/v1/guests", json={"name": "Set-up"}) as response:
            token = (await response.json())["token"]
        headers = {"Authorization": f"Bearer {token}"}
        pc = RTCPeerConnection(RTCConfiguration(iceServers=[]))
        pc.addTrack(ears.Tone(440))
        await pc.setLocalDescription(await pc.createOffer())
        began = time.monotonic()
        offer = {"data": pc.localDescription.sdp, "headers": {**headers, "Content-Type": "application/sdp"}}
        async with http.post(f"{server}/api/v1/stations", **offer) as response:
            response.raise_for_status()
            answer, station = await response.text(), response.headers["Location"]
        await pc.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        transport = pc.getTransceivers()[0].sender.transport
        while transport.state not in ("connected", "failed", "closed") and time.monotonic() - began < PATIENCE_S:
            await asyncio.sleep(0.005)
        took = time.monotonic() - began
        state = transport.state
        await pc.close()
        async with http.delete(f"{server}{station}", headers=headers):
            pass
        return took if state == "connected" else None


async def main(server, count):
    gate = asyncio.Semaphore(AT_ONCE)
    async with aiohttp.ClientSession() as http:
        took = await asyncio.gather(*(setup(http, server, gate) for _ in range(count)))
    up = sorted(it for it in took if it is not None)
    if not up:
        sys.exit(f"aiortc: none of {count} connected")
    at = lambda share: up[(len(up) - 1) * share // 100]
    print(f"aiortc: {len(up)} of {count} connected; p50 {at(50):.2f} s, p95 {at(95):.2f} s, p99 {at(99):.2f} s, longest {at(100):.2f} s")
    sys.exit(len(up) < count)


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
