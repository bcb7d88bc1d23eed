// libdatachannel, which OBS uses (npm node-datachannel): no codec; the tone's packets are sent as they are.
import { Audio, PeerConnection, Video } from "node-datachannel";
import { next, payloadOf, play, rtp, say, sleep, versionOf } from "./stdio.mjs";

const version = versionOf("node-datachannel");
const SSRC = 4712;
const pc = new PeerConnection("peer", { iceServers: [] });
if (process.argv[2] === "video-first") {
  const video = new Video("0", "SendOnly");
  video.addH264Codec(96);
  video.addSSRC(4713, "video");
  pc.addTrack(video);
}
const audio = new Audio("a", "SendRecv");
audio.addOpusCodec(111);
audio.addSSRC(SSRC, "audio");
const track = pc.addTrack(audio);
const heard = [];
track.onMessage((packet) => {
  const { type, payload } = payloadOf(Buffer.from(packet));
  if (type === 111) heard.push(payload.toString("base64"));
  heard.splice(0, heard.length - 200);
});
let isGathered = false;
pc.onGatheringStateChange((state) => (isGathered = state === "complete"));
pc.setLocalDescription();
while (!isGathered) await sleep(10);
say({ offer: pc.localDescription().sdp, version });
pc.setRemoteDescription((await next()).answer, "answer");
while (pc.state() !== "connected" || !track.isOpen()) {
  if (pc.state() === "failed") say({ failed: "the connection" });
  await sleep(10);
}
say({ connected: true });
void play((payload, sequence) => track.sendMessageBinary(rtp(111, sequence, SSRC, payload)));
await next();
say({ heard: true, packets: heard });
await next();
pc.close();
