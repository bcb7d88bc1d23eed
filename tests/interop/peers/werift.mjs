// werift (npm): no codec; the tone's packets are sent as they are.
import { MediaStreamTrack, RTCPeerConnection, RtpPacket, useOPUS, useVP8 } from "werift";
import { next, play, rtp, say, versionOf } from "./stdio.mjs";

const version = versionOf("werift");
const pc = new RTCPeerConnection({ iceServers: [], codecs: { audio: [useOPUS()], video: [useVP8()] } });
const heard = [];
if (process.argv[2] === "video-first") pc.addTransceiver("video", { direction: "recvonly" });
const track = new MediaStreamTrack({ kind: "audio" });
const audio = pc.addTransceiver(track, { direction: "sendrecv" });
pc.onTrack.subscribe((remote) => {
  remote.onReceiveRtp.subscribe((packet) => {
    heard.push(Buffer.from(packet.payload).toString("base64"));
    heard.splice(0, heard.length - 200);
  });
});
await pc.setLocalDescription(await pc.createOffer());
say({ offer: pc.localDescription.sdp, version });
await pc.setRemoteDescription({ type: "answer", sdp: (await next()).answer });
while (audio.dtlsTransport.state !== "connected") {
  if (audio.dtlsTransport.state === "failed") say({ failed: "DTLS" });
  await new Promise((done) => setTimeout(done, 10));
}
say({ connected: true });
const type = audio.codecs[0].payloadType;
void play((payload, sequence) => track.writeRtp(RtpPacket.deSerialize(rtp(type, sequence, 4711, payload))));
await next();
say({ heard: true, packets: heard });
await next();
