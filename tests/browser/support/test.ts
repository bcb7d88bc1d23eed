import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, type BrowserContextOptions, chromium, test as base } from "@playwright/test";
import { Agent, Caller, Person, Requester, Supervisor } from "./people";
import { Server } from "./server";
import { type Manner, type Role, writeVoice } from "./voices";

export const CHROMIUM = process.env["CHROMIUM"] ?? "/usr/bin/chromium";

/** A browser process for each role, because a process has one microphone: it plays the role's voice. */
class Browsers {
  private readonly folder = mkdtempSync(join(tmpdir(), "sotto-voices-"));
  private readonly running = new Map<Role, Promise<Browser>>();

  constructor(
    private readonly manner: Manner,
    private readonly switches: readonly string[],
  ) {}

  of(role: Role): Promise<Browser> {
    const running = this.running.get(role) ?? this.launch(role);
    this.running.set(role, running);
    return running;
  }

  async close(): Promise<void> {
    await Promise.all([...this.running.values()].map(async (browser) => (await browser).close()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  private launch(role: Role): Promise<Browser> {
    const voice = join(this.folder, `${role}.wav`);
    writeVoice(voice, role, this.manner);
    return chromium.launch({
      executablePath: CHROMIUM,
      args: [
        "--no-sandbox",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--disable-gpu",
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        `--use-file-for-fake-audio-capture=${voice}`,
        ...this.switches,
      ],
    });
  }
}

/** Lets people come to the server; they go when the test ends. */
export class Stage {
  private readonly people: Person[] = [];

  constructor(
    readonly url: string,
    private readonly browsers: Browsers,
  ) {}

  /** A supervisor at the dashboard, signed in. */
  async supervisor(username = "supervisor1", options: BrowserContextOptions = {}): Promise<Supervisor> {
    const supervisor = await this.enter("supervisor", Supervisor, options);
    await supervisor.signIn(username);
    return supervisor;
  }

  /** An agent at the softphone, signed in and not ready. */
  async agent(username = "agent1", options: BrowserContextOptions = {}): Promise<Agent> {
    const agent = await this.enter("agent", Agent, options);
    await agent.signIn(username);
    return agent;
  }

  /** A caller before the form. */
  async caller(options: BrowserContextOptions = {}): Promise<Caller> {
    const caller = await this.enter("caller", Caller, options);
    await caller.page.goto("/call");
    return caller;
  }

  /** Somebody who writes, before the form. */
  async requester(options: BrowserContextOptions = {}): Promise<Requester> {
    const requester = await this.enter("caller", Requester, options);
    await requester.page.goto("/chat");
    return requester;
  }

  /** A call of this caller that an agent has answered. */
  async call(name: string, username = "agent1"): Promise<{ caller: Caller; agent: Agent }> {
    const agent = await this.agent(username);
    await agent.getReady();
    const caller = await this.caller();
    await caller.call(name);
    await agent.rings(name);
    await agent.accept();
    await caller.talksWith(agent.name);
    return { caller, agent };
  }

  /** Somebody who has not signed in. */
  visitor(options: BrowserContextOptions = {}): Promise<Person> {
    return this.enter("supervisor", Person, options);
  }

  async leave(): Promise<void> {
    for (const person of this.people) await person.leave();
  }

  private async enter<P extends Person>(
    role: Role,
    Kind: new (...given: ConstructorParameters<typeof Person>) => P,
    options: BrowserContextOptions,
  ): Promise<P> {
    const browser = await this.browsers.of(role);
    const context = await browser.newContext({
      baseURL: this.url,
      viewport: { width: 1440, height: 900 },
      locale: "en-GB",
      colorScheme: "light",
      ...options,
    });
    await context.grantPermissions(["microphone"]);
    const person = new Kind(await context.newPage());
    this.people.push(person);
    await person.arrive();
    return person;
  }
}

interface WorkerFixtures {
  /** Calls that the server itself keeps going, between recorded people. */
  demoCalls: number;
  manner: Manner;
  /** More switches for Chromium. */
  switches: readonly string[];
  server: Server;
  browsers: Browsers;
}

export const test = base.extend<{ stage: Stage }, WorkerFixtures>({
  manner: ["steady", { option: true, scope: "worker" }],
  switches: [[], { option: true, scope: "worker" }],
  demoCalls: [0, { option: true, scope: "worker" }],
  server: [
    async ({ demoCalls }, use) => {
      const server = await Server.start(demoCalls);
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
  browsers: [
    async ({ manner, switches }, use) => {
      const browsers = new Browsers(manner, switches);
      await use(browsers);
      await browsers.close();
    },
    { scope: "worker" },
  ],
  stage: async ({ server, browsers }, use) => {
    const stage = new Stage(server.url, browsers);
    await use(stage);
    await stage.leave();
  },
});

export { expect } from "@playwright/test";
