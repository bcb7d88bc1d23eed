import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../../..");
const BINARY = process.env["MEDIA_SERVER"] ?? join(ROOT, "target/debug/media-server");
const START_MAX_MS = 30_000;
const STOP_MAX_MS = 10_000;
/** Lines of its log that are shown when it fails. */
const LOG_LINES = 30;

/** The media server itself, as built, with the demo's accounts and a database of its own. */
export class Server {
  private constructor(
    readonly url: string,
    private child: ChildProcess,
    private readonly data: string,
    private readonly run: (http: string) => ChildProcess,
  ) {}

  /** Starts one on free ports, with so many demo calls and these settings, each `key=value`. */
  static async start(demoCalls: number, settings: readonly string[] = []): Promise<Server> {
    if (!existsSync(BINARY))
      throw new Error(`${BINARY} is not there: run \`make test\`, or \`cargo build -p media-server\``);
    const data = await mkdtemp(join(tmpdir(), "sotto-browser-"));
    // Variables of ours are options of the server: a test's must not reach it.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SOTTO_")));
    const run = (http: string) => {
      const sockets = ["--http", http, "--media", "127.0.0.1:0", "--operate", "off"];
      // A made-up day, and chats that nobody in a test has opened, would be in its way.
      const demo = ["--demo", String(demoCalls), "--set", "demo_scenes=false"];
      const options = [...demo, ...sockets, "--data", data];
      return spawn(BINARY, [...options, ...settings.flatMap((setting) => ["--set", setting])], {
        stdio: ["ignore", "pipe", "pipe"],
        env,
      });
    };
    const child = run("127.0.0.1:0");
    try {
      return new Server(await announced(child), child, data, run);
    } catch (error) {
      child.kill("SIGKILL");
      await rm(data, { recursive: true, force: true });
      throw error;
    }
  }

  /** Ends it as a power cut does, and starts it again at the same address, with what it had kept. */
  async restart(meanwhile: () => Promise<unknown>): Promise<void> {
    await this.end("SIGKILL");
    await meanwhile();
    this.child = this.run(new URL(this.url).host);
    await announced(this.child);
  }

  /** Ends it as Ctrl-C does. */
  async stop(): Promise<void> {
    await this.end("SIGINT");
    await rm(this.data, { recursive: true, force: true });
  }

  private async end(signal: "SIGINT" | "SIGKILL"): Promise<void> {
    const ended = new Promise<void>((resolve) => this.child.once("exit", () => resolve()));
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill(signal);
    const timer = setTimeout(() => this.child.kill("SIGKILL"), STOP_MAX_MS);
    await ended;
    clearTimeout(timer);
  }
}

/** The address that it prints once it serves. */
function announced(child: ChildProcess): Promise<string> {
  const log: string[] = [];
  return new Promise((resolve, reject) => {
    const fail = (why: string) =>
      reject(new Error(`the server ${why}:\n${log.join("").split("\n").slice(-LOG_LINES).join("\n")}`));
    const timer = setTimeout(() => fail("did not start in time"), START_MAX_MS);
    let out = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      out += chunk.toString();
      const url = /Sotto is ready: (\S+)/.exec(out)?.[1];
      if (url) {
        clearTimeout(timer);
        resolve(url);
      }
    });
    // Read to the end: a full pipe would stop the server.
    child.stderr?.on("data", (chunk: Buffer) => void (log.length < 2000 && log.push(chunk.toString())));
    child.once("error", (error) => fail(`could not be run (${error.message})`));
    child.once("exit", (code) => fail(`ended with ${code}`));
  });
}
