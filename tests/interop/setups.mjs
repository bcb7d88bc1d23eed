// Chromium's stations over whatever network there is: how long they take to connect, and whether all do.
//
//     setups.mjs SERVER COUNT
import puppeteer from "puppeteer-core";

// A page may make 500 in its life.
const CONNECTIONS_OF_A_PAGE = 200;
const [server, count] = process.argv.slice(2);
const browser = await puppeteer.launch({
  headless: true,
  executablePath: "/usr/bin/chromium",
  timeout: 200_000,
  protocolTimeout: 3_600_000,
  args: ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"],
});

async function setups(count) {
  const AT_ONCE = 8;
  const PATIENCE_MS = 30_000;
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const setup = async () => {
    const guest = await fetch("/api/v1/guests", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ name: "Set-up" }),
    });
    const headers = { Authorization: `Bearer ${(await guest.json()).token}` };
    const pc = new RTCPeerConnection();
    pc.addTrack(stream.getAudioTracks()[0], stream);
    await pc.setLocalDescription();
    const began = performance.now();
    const answer = await fetch("/api/v1/stations", {
      method: "POST",
      headers: { ...headers, "Content-Type": "application/sdp" },
      body: pc.localDescription.sdp,
    });
    if (!answer.ok) throw new Error(`a station: ${answer.status} ${await answer.text()}`);
    const is = new Promise((done) => {
      const look = () => ["connected", "failed"].includes(pc.connectionState) && done(pc.connectionState);
      pc.addEventListener("connectionstatechange", look);
      setTimeout(done, PATIENCE_MS, "late");
    });
    await pc.setRemoteDescription({ type: "answer", sdp: await answer.text() });
    const state = await is;
    const took = performance.now() - began;
    pc.close();
    await fetch(answer.headers.get("Location"), { method: "DELETE", headers });
    return state === "connected" ? took : null;
  };
  const results = [];
  let begun = 0;
  const work = async () => {
    while (begun++ < count) results.push(await setup());
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return results;
}

const took = [];
while (took.length < Number(count)) {
  const page = await browser.newPage();
  await page.goto(`${server}/call`);
  took.push(...(await page.evaluate(setups, Math.min(CONNECTIONS_OF_A_PAGE, Number(count) - took.length))));
  await page.close();
}
await browser.close();

const up = took.filter((it) => it !== null).sort((a, b) => a - b);
if (up.length === 0) throw new Error(`Chromium: none of ${count} connected`);
const at = (share) => `${(up[Math.floor(((up.length - 1) * share) / 100)] / 1000).toFixed(2)} s`;
console.log(`Chromium: ${up.length} of ${count} connected; p50 ${at(50)}, p95 ${at(95)}, p99 ${at(99)}, longest ${at(100)}`);
process.exitCode = up.length < took.length ? 1 : 0;
