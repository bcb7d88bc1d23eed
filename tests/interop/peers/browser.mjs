// Chromium and Firefox (Debian's), headless. In Chromium WebAudio whistles and listens; in Firefox, whose WebAudio does
// not run on a machine without sound, the microphone is its own false one, and what comes is taken before it is decoded.
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
      "media.navigator.streams.fake": true,
      "media.navigator.permission.disabled": true,
      "media.navigator.audio.fake_frequency": 440,
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

const offer = await page.evaluate(async (form, kind) => {
  const configuration = { iceServers: [] };
  if (form.includes("max-bundle")) configuration.bundlePolicy = "max-bundle";
  if (form === "rsa") {
    const keys = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };
    configuration.certificates = [await RTCPeerConnection.generateCertificate(keys)];
  }
  const pc = (window.pc = new RTCPeerConnection(configuration));
  if (form.startsWith("data-first")) pc.createDataChannel("notes");
  if (form.startsWith("video-first")) pc.addTransceiver("video", { direction: "recvonly" });
  if (kind === "firefox") {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const { receiver } = pc.addTransceiver(stream.getAudioTracks()[0], { streams: [stream] });
    const program = `onrtctransform = async ({ transformer: { readable, writable } }) => {
      const tap = new TransformStream({
        transform(frame, next) { postMessage(new Uint8Array(frame.data).slice()); next.enqueue(frame); },
      });
      await readable.pipeThrough(tap).pipeTo(writable);
    };`;
    const worker = new Worker(URL.createObjectURL(new Blob([program])));
    window.packets = [];
    worker.onmessage = ({ data }) => {
      window.packets.push(btoa(String.fromCharCode(...data)));
      window.packets.splice(0, window.packets.length - 200);
    };
    receiver.transform = new RTCRtpScriptTransform(worker);
  } else {
    whistle();
  }
  await pc.setLocalDescription();
  if (pc.iceGatheringState !== "complete") {
    await new Promise((done) => (pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && done()));
  }
  return pc.localDescription.sdp;

  function whistle() {
    const context = (window.context = new AudioContext({ sampleRate: 48000 }));
    const tone = new OscillatorNode(context, { frequency: 440 });
    const gain = new GainNode(context, { gain: 0.3 });
    const out = new MediaStreamAudioDestinationNode(context, { channelCount: 1 });
    tone.connect(gain).connect(out);
    tone.start();
    const ear = (window.ear = new AnalyserNode(context, { fftSize: 32768, smoothingTimeConstant: 0 }));
    // What nobody holds is collected, and then nothing is heard.
    window.held = [tone, gain, out];
    pc.ontrack = ({ track }) => {
      if (track.kind !== "audio") return;
      const stream = new MediaStream([track]);
      // Chromium pulls a remote track only where an element plays it.
      const element = new Audio();
      element.muted = true;
      element.srcObject = stream;
      void element.play();
      const source = new MediaStreamAudioSourceNode(context, { mediaStream: stream });
      source.connect(ear);
      window.held.push(stream, element, source);
    };
    pc.addTrack(out.stream.getAudioTracks()[0], out.stream);
  }
}, form, kind);
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
  void window.context?.resume();
}, answer);
if (failure) say({ failed: failure });
say({ connected: true });
const { measure } = await next();
// A busy machine may not render sound for a while: it is looked for as long as ten seconds.
const measured = await page.evaluate(async (hertz) => {
  const { ear, context, packets } = window;
  if (packets) return { packets };
  const level = () => {
    const samples = new Float32Array(ear.fftSize);
    ear.getFloatTimeDomainData(samples);
    let [re, im, sum] = [0, 0, 0];
    samples.forEach((sample, n) => {
      const weight = 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / samples.length);
      const phase = (2 * Math.PI * hertz * n) / context.sampleRate;
      re += sample * weight * Math.cos(phase);
      im += sample * weight * Math.sin(phase);
      sum += weight;
    });
    return 20 * Math.log10(Math.max(1e-10, (2 * Math.hypot(re, im)) / sum));
  };
  let heard_db = level();
  for (let tries = 0; heard_db < -30 && tries < 10; tries++) {
    await new Promise((done) => setTimeout(done, 1000));
    heard_db = level();
  }
  return { heard_db };
}, measure);
say({ heard: true, ...measured });
await next();
