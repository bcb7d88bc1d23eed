// Chromium and Firefox (Debian's), headless: WebAudio whistles and listens.
import puppeteer from "puppeteer-core";
import { createServer } from "node:http";
import { next, say } from "./stdio.mjs";

const [kind, form] = process.argv.slice(2);
const options = {
  chromium: {
    browser: "chrome",
    executablePath: "/usr/bin/chromium",
    args: ["--no-sandbox", "--autoplay-policy=no-user-gesture-required", "--disable-features=WebRtcHideLocalIpsWithMdns"],
  },
  firefox: {
    browser: "firefox",
    executablePath: "/usr/bin/firefox-esr",
    extraPrefsFirefox: {
      "media.autoplay.default": 0,
      "media.autoplay.blocking_policy": 0,
      "media.peerconnection.ice.obfuscate_host_addresses": false,
    },
  },
};
// A secure origin of one's own: about:blank has no WebRTC in some browsers.
const pages = createServer((_, response) => response.end("<!doctype html><title>peer</title>"));
await new Promise((done) => pages.listen(0, "127.0.0.1", done));
const browser = await puppeteer.launch({ headless: true, timeout: 200_000, protocolTimeout: 240_000, ...options[kind] });
process.on("SIGTERM", () => {
  browser.process()?.kill("SIGKILL");
  process.exit(0);
});
const page = await browser.newPage();
page.on("console", (message) => console.error(message.text()));
await page.goto(`http://localhost:${pages.address().port}/`);

const offer = await page.evaluate(async (form) => {
  const configuration = { iceServers: [] };
  if (form.includes("max-bundle")) configuration.bundlePolicy = "max-bundle";
  if (form === "rsa") {
    const keys = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
    configuration.certificates = [await RTCPeerConnection.generateCertificate(keys)];
  }
  const pc = (window.pc = new RTCPeerConnection(configuration));
  const context = (window.context = new AudioContext({ sampleRate: 48000 }));
  const whistle = new OscillatorNode(context, { frequency: 440 });
  const gain = new GainNode(context, { gain: 0.3 });
  const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
  whistle.connect(gain).connect(out);
  whistle.start();
  const ear = (window.ear = new AnalyserNode(context, { fftSize: 32768, smoothingTimeConstant: 0 }));
  pc.ontrack = ({ track }) => {
    if (track.kind !== "audio") return;
    const stream = new MediaStream([track]);
    // Chromium pulls a remote track only where an element plays it.
    const element = new Audio();
    element.muted = true;
    element.srcObject = stream;
    void element.play();
    new MediaStreamAudioSourceNode(context, { mediaStream: stream }).connect(ear);
  };
  if (form.startsWith("data-first")) pc.createDataChannel("notes");
  if (form.startsWith("video-first")) pc.addTransceiver("video", { direction: "recvonly" });
  pc.addTrack(out.stream.getAudioTracks()[0], out.stream);
  await pc.setLocalDescription();
  console.log("described", pc.iceGatheringState);
  if (pc.iceGatheringState !== "complete") {
    await new Promise((done) => (pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && done()));
  }
  return pc.localDescription.sdp;
}, form);
say({ offer, version: (await browser.version()).replace(/^[a-z]+\//i, "") });
const { answer } = await next();
const failure = await page.evaluate(async (sdp) => {
  try {
    await window.pc.setRemoteDescription({ type: "answer", sdp });
  } catch (error) {
    return `the answer is refused: ${error.message}`;
  }
  const audio = window.pc.getTransceivers().find((it) => it.sender.track?.kind === "audio");
  for (let waited = 0; audio.sender.transport?.state !== "connected"; waited += 10) {
    if (waited > 20_000 || window.pc.connectionState === "failed") {
      return `DTLS ${audio.sender.transport?.state}, ICE ${window.pc.iceConnectionState}`;
    }
    await new Promise((done) => setTimeout(done, 10));
  }
  void window.context.resume();
}, answer);
if (failure) say({ failed: failure });
say({ connected: true });
const { measure } = await next();
const level = await page.evaluate((hertz) => {
  const { ear, context } = window;
  const samples = new Float32Array(ear.fftSize);
  ear.getFloatTimeDomainData(samples);
  let [re, im, sum] = [0, 0, 0];
  samples.forEach((sample, n) => {
    const window_ = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / samples.length);
    const phase = (2 * Math.PI * hertz * n) / context.sampleRate;
    re += sample * window_ * Math.cos(phase);
    im += sample * window_ * Math.sin(phase);
    sum += window_;
  });
  return 20 * Math.log10(Math.max(1e-10, (2 * Math.hypot(re, im)) / sum));
}, measure);
say({ heard: true, heard_db: level });
await next();
