// JSON lines to and from run.py.
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export const say = (what) => process.stdout.write(JSON.stringify(what) + "\n");

/** The next line, parsed; at the end of input the process ends. */
export async function next() {
  const { value, done } = await lines.next();
  if (done) process.exit(0);
  return JSON.parse(value);
}

/** The version of an npm package. */
export const versionOf = (name) =>
  JSON.parse(readFileSync(new URL(`../node_modules/${name}/package.json`, import.meta.url), "utf8")).version;

export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** A tone as Opus packets of 20 ms. */
export const tone = () => JSON.parse(readFileSync(process.env.TONE, "utf8")).map((it) => Buffer.from(it, "base64"));

/** An RTP packet without extensions. */
export function rtp(payloadType, sequence, ssrc, payload) {
  const header = Buffer.alloc(12);
  header[0] = 0x80;
  header[1] = payloadType;
  header.writeUInt16BE(sequence & 0xffff, 2);
  header.writeUInt32BE((sequence * 960) >>> 0, 4);
  header.writeUInt32BE(ssrc, 8);
  return Buffer.concat([header, payload]);
}

/** The payload of an RTP packet, and its type. */
export function payloadOf(packet) {
  let at = 12 + 4 * (packet[0] & 15);
  if (packet[0] & 16) at += 4 + 4 * packet.readUInt16BE(at + 2);
  return { type: packet[1] & 127, payload: packet.subarray(at) };
}

/** Sends a packet of the tone every 20 ms, for ever. */
export async function play(send) {
  const packets = tone();
  const began = Date.now();
  for (let index = 0; ; index++) {
    await sleep(Math.max(0, began + index * 20 - Date.now()));
    send(packets[index % packets.length], index + 1);
  }
}
