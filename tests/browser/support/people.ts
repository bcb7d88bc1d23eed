import { expect, type Locator, type Page } from "@playwright/test";
import { Ears } from "./ears";

export const PASSWORD = "sotto-demo";
export type Mode = "Listen" | "Whisper" | "Barge";

/** The demo's agents. */
const AGENT_NAMES: Record<string, string> = { agent1: "Ana", agent2: "Luis" };

/** Somebody in a browser window. */
export class Person {
  private earsHere: Ears | undefined;
  /** Everything that the page's WebSockets received. */
  readonly told: string[] = [];
  /** What went wrong in the page by itself. */
  readonly errors: string[] = [];

  constructor(readonly page: Page) {}

  get ears(): Ears {
    if (!this.earsHere) throw new Error("call `arrive` first");
    return this.earsHere;
  }

  async arrive(): Promise<void> {
    this.earsHere = await Ears.on(this.page);
    this.page.on("websocket", (socket) =>
      socket.on("framereceived", ({ payload }) => this.told.push(payload.toString())),
    );
    this.page.on("pageerror", (error) => this.errors.push(error.message));
  }

  /** By the form, as a person does. */
  async signIn(username: string, password = PASSWORD): Promise<void> {
    await this.page.goto("/login");
    await this.page.getByLabel("Username").fill(username);
    await this.page.getByLabel("Password").fill(password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  /** Asks the API as whoever is signed in to this page. */
  async ask<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    const answer = await this.page.evaluate(
      async ([how, where, what]) => {
        const response = await fetch(`/api/v1${where}`, {
          method: how,
          headers: { "Content-Type": "application/json" },
          ...(what === undefined ? {} : { body: what }),
        });
        return { status: response.status, text: await response.text() };
      },
      [method, path, body === undefined ? undefined : JSON.stringify(body)] as [string, string, string | undefined],
    );
    return { status: answer.status, body: (answer.text === "" ? null : JSON.parse(answer.text)) as T };
  }

  async leave(): Promise<void> {
    await this.page.context().close();
    expect(this.errors, "errors in the page").toEqual([]);
  }
}

/** The dashboard at `/supervisor`. */
export class Supervisor extends Person {
  readonly table = this.page.getByRole("grid", { name: "Live calls" });
  /** Calls that can be opened. */
  readonly calls = this.table.locator("tr[aria-selected]");
  readonly panel = this.page.getByRole("complementary", { name: "Selected call" });
  readonly modes = this.panel.getByRole("radiogroup", { name: "Who hears you" });
  /** The statement in the bar. */
  readonly statement = this.page.getByRole("banner").getByRole("status");
  readonly bargeDialog = this.page.getByRole("alertdialog", { name: "Everyone will hear you" });

  override async signIn(username: string): Promise<void> {
    await super.signIn(username);
    await expect(this.page.getByText("Connected")).toBeVisible();
  }

  row(caller: string): Locator {
    return this.table.getByRole("row").filter({ hasText: caller });
  }

  mode(mode: Mode): Locator {
    return this.modes.getByRole("radio", { name: new RegExp(`^${mode}`) });
  }

  async open(caller: string): Promise<void> {
    await this.row(caller).click();
    await expect(this.panel).toBeVisible();
  }

  /** Chooses a mode and waits until it holds. */
  async choose(mode: Mode): Promise<void> {
    await this.mode(mode).click();
    if (mode === "Barge" && (await this.needsConfirmation())) {
      await this.bargeDialog.getByRole("button", { name: /sure/ }).click();
    }
    await this.isIn(mode);
  }

  /** Bar, group and tab say the same. */
  async isIn(mode: Mode | "Off"): Promise<void> {
    const words = {
      Off: /Not on a call – nobody hears you/,
      Listen: /Listening – nobody hears you/,
      Whisper: /Whispering – only \S+ hears you/,
      Barge: /On the call – everyone hears you/,
    }[mode];
    await expect(this.statement).toHaveText(words);
    if (mode === "Off") return expect(this.modes.getByRole("radio", { checked: true })).toHaveCount(0);
    await expect(this.mode(mode)).toBeChecked();
    await expect(this.page).toHaveTitle(words);
  }

  private async needsConfirmation(): Promise<boolean> {
    await expect(this.bargeDialog.or(this.modes.getByRole("radio", { name: /^Barge/, checked: true }))).toBeVisible();
    return this.bargeDialog.isVisible();
  }
}

/** The softphone at `/agent`. */
export class Agent extends Person {
  readonly incoming = this.page.getByRole("region", { name: "Incoming call" });
  /** What is said about supervisors. */
  readonly banner = this.page.getByRole("alert").filter({ hasText: /coaching you|has joined|has taken the call over/ });

  /** As others call the agent. */
  name = "";

  override async signIn(username: string): Promise<void> {
    await super.signIn(username);
    await expect(this.page.getByRole("heading", { name: /^(Not ready|Ready for calls)$/ })).toBeVisible();
    this.name = AGENT_NAMES[username] ?? "";
  }

  async getReady(): Promise<void> {
    const notReady = this.page.getByRole("button", { name: "Go ready" });
    if (await notReady.isVisible()) await notReady.click();
    await expect(this.page.getByRole("heading", { name: "Ready for calls" })).toBeVisible();
  }

  /** It rings, with the caller's name. */
  async rings(caller: string): Promise<void> {
    await expect(this.incoming.getByText(caller, { exact: true })).toBeVisible();
  }

  async accept(): Promise<void> {
    await this.page.getByRole("button", { name: "Accept" }).click();
    await expect(this.page.getByRole("button", { name: "Hang up" })).toBeVisible();
  }

  decline(): Promise<void> {
    return this.page.getByRole("button", { name: "Decline" }).click();
  }

  hangUp(): Promise<void> {
    return this.page.getByRole("button", { name: "Hang up" }).click();
  }
}

/** The page at `/call`. */
export class Caller extends Person {
  async call(name: string, queue = "Support"): Promise<void> {
    await this.page.getByLabel("Your name").fill(name);
    await this.page.getByLabel("What is it about?").selectOption({ label: queue });
    await this.page.getByRole("button", { name: "Call now" }).click();
    await expect(this.page.getByRole("heading", { name: "Finding someone for you" })).toBeVisible();
  }

  async talksWith(...names: string[]): Promise<void> {
    await expect(this.page.getByRole("heading", { name: `You’re talking with ${names.join(" and ")}` })).toBeVisible();
  }

  hangUp(): Promise<void> {
    return this.page.getByRole("button", { name: "Hang up" }).click();
  }
}

/** The page at `/chat`, alone or in a frame. */
export class Requester extends Person {
  readonly log = this.page.getByRole("log");
  readonly field = this.page.getByRole("textbox", { name: "Write a message" });

  async start(name: string, queue = "Support", subject = ""): Promise<void> {
    await this.page.getByLabel("Your name").fill(name);
    await this.page.getByLabel("What is it about?").selectOption({ label: queue });
    await this.page.getByLabel("In a few words").fill(subject);
    await this.page.getByRole("button", { name: "Start chat" }).click();
    await expect(this.log).toBeVisible();
  }

  async write(text: string): Promise<void> {
    await this.field.fill(text);
    await this.field.press("Enter");
    await expect(this.log.getByText(text)).toBeVisible();
  }

  /** Ends the chat. One that waits on would be offered before those of the next test. */
  async end(): Promise<void> {
    await this.page.getByRole("button", { name: "End chat" }).click();
    await this.page.getByRole("alertdialog").getByRole("button", { name: "End chat" }).click();
    await expect(this.page.getByRole("heading", { name: "Chat ended" })).toBeVisible();
  }

  /** The texts of all messages, as they stand on the page. */
  texts(): Promise<string[]> {
    return this.log.locator("p[dir=auto]").allTextContents();
  }
}
