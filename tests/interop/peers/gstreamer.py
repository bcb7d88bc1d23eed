"""GStreamer's webrtcbin, what whipclientsink is made of (Debian). Its certificate is RSA's, always."""

import json
import math
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

RATE = 48_000
Gst.init(None)
form = sys.argv[1]
bundle = {"audio": "max-bundle", "video-first-max-bundle": "max-bundle", "audio-no-bundle": "none"}[form]
video = "videotestsrc is-live=true ! vp8enc deadline=1 ! rtpvp8pay pt=96 ! application/x-rtp,media=video,encoding-name=VP8,payload=96 ! peer. "
tone = (
    "audiotestsrc is-live=true freq=440 volume=0.3 ! audio/x-raw,rate=48000,channels=1 ! opusenc ! "
    "rtpopuspay pt=111 ! application/x-rtp,media=audio,encoding-name=OPUS,payload=111 ! peer. "
)
with_video = video if form.startswith("video") else ""
pipeline = Gst.parse_launch(f"webrtcbin name=peer bundle-policy={bundle} {with_video}{tone}")
peer = pipeline.get_by_name("peer")
heard = []
is_offered = False
lock = threading.Lock()


def say(**what):
    print(json.dumps(what), flush=True)


def hear(sink):
    buffer = sink.emit("pull-sample").get_buffer()
    with lock:
        heard.append(buffer.extract_dup(0, buffer.get_size()))
        del heard[:-150]
    return Gst.FlowReturn.OK


def on_pad(_, pad):
    if pad.direction != Gst.PadDirection.SRC or "audio" not in pad.get_current_caps().to_string():
        return
    ear = Gst.parse_bin_from_description(
        "rtpopusdepay ! opusdec ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,rate=48000,channels=1 ! "
        "appsink name=ear emit-signals=true sync=false", True)
    ear.get_by_name("ear").connect("new-sample", hear)
    pipeline.add(ear)
    ear.sync_state_with_parent()
    pad.link(ear.get_static_pad("sink"))


def on_negotiation(_):
    # Each track asks for it; one offer has them all.
    global is_offered
    if is_offered:
        return
    is_offered = True
    peer.emit("create-offer", None, Gst.Promise.new_with_change_func(on_offer))


def on_offer(promise):
    # The reply owns the offer: it has to be kept as long.
    reply = promise.get_reply()
    offer = reply.get_value("offer")
    peer.emit("set-local-description", offer, Gst.Promise.new())


def on_gathering(*_):
    if peer.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE:
        sdp = peer.get_property("local-description").sdp.as_text()
        say(offer=sdp, version=".".join(map(str, Gst.version()[:3])))


def on_state(*_):
    state = peer.get_property("connection-state")
    if state == GstWebRTC.WebRTCPeerConnectionState.CONNECTED:
        say(connected=True)
    elif state == GstWebRTC.WebRTCPeerConnectionState.FAILED:
        say(failed="the connection")


def level(hertz):
    import array
    with lock:
        samples = array.array("h", b"".join(heard))
    re = im = total = 0.0
    for n, sample in enumerate(samples):
        window = 0.5 - 0.5 * math.cos(2 * math.pi * n / len(samples))
        phase = 2 * math.pi * hertz * n / RATE
        re += sample * window * math.cos(phase)
        im += sample * window * math.sin(phase)
        total += window
    return 20 * math.log10(max(2 * math.hypot(re, im) / max(total, 1) / 32768, 1e-10))


def listen():
    for text in sys.stdin:
        said = json.loads(text)
        if "answer" in said:
            _, message = GstSdp.SDPMessage.new_from_text(said["answer"])
            answer = GstWebRTC.WebRTCSessionDescription.new(GstWebRTC.WebRTCSDPType.ANSWER, message)
            peer.emit("set-remote-description", answer, Gst.Promise.new())
        elif "measure" in said:
            say(heard=True, heard_db=level(said["measure"]))
    loop.quit()


loop = GLib.MainLoop()
peer.connect("pad-added", on_pad)
peer.connect("on-negotiation-needed", on_negotiation)
peer.connect("notify::ice-gathering-state", on_gathering)
peer.connect("notify::connection-state", on_state)
pipeline.set_state(Gst.State.PLAYING)
threading.Thread(target=listen, daemon=True).start()
loop.run()
