import { expect, type Locator, type Page } from "@playwright/test";
import { conversationOf } from "./desk";
import type { Agent, Requester } from "./people";
import type { Stage } from "./test";

/** The conversation in sight on an agent's page. */
export class Chat {
  readonly log: Locator;
  readonly toasts: Locator;

  constructor(
    readonly page: Page,
    readonly customer: string,
  ) {
    this.log = page.getByRole("tabpanel", { name: new RegExp(customer) }).getByRole("log", { name: "Messages" });
    this.toasts = page.getByRole("status").getByRole("listitem");
  }

  tab(tab: "Public" | "Private"): Locator {
    return this.page.getByRole("tab", { name: new RegExp(`^${tab}`) });
  }

  field(tab: "Public" | "Private"): Locator {
    const name = tab === "Private" ? "Private message, staff only" : /^Message to /;
    return this.page.getByRole("textbox", { name });
  }

  async write(tab: "Public" | "Private", text: string): Promise<void> {
    await this.tab(tab).click();
    await this.field(tab).fill(text);
    await this.field(tab).press("Enter");
  }

  /** The dialog with queues and agents: chooses and asks. */
  async handOver(key: "Transfer" | "Conference", to: string, note?: string): Promise<void> {
    await this.page.getByRole("button", { name: key }).click();
    const dialog = this.page.getByRole("dialog");
    await dialog.getByRole("option", { name: new RegExp(`^${to}`) }).click();
    if (note !== undefined) await dialog.getByRole("textbox", { name: /^Note/ }).fill(note);
    await dialog.getByRole("button", { name: key === "Transfer" ? "Transfer" : "Send request" }).click();
    await expect(dialog).toHaveCount(0);
  }
}

/** A customer who writes to Support, and the agent who has accepted by the page. */
export async function accepted(
  stage: Stage,
  name: string,
): Promise<{ requester: Requester; agent: Agent; chat: Chat; id: string }> {
  const agent = await stage.agent("agent1");
  await agent.getReady();
  const requester = await stage.requester();
  await requester.start(name);
  const offer = agent.page.getByRole("region", { name: "New conversation: Chat" });
  await expect(offer).toContainText(name);
  await offer.getByRole("button", { name: "Accept" }).click();
  await expect(agent.page.getByRole("heading", { name })).toBeVisible();
  await expect(requester.log.getByText("Ana Duarte has joined the conversation")).toBeVisible();
  return { requester, agent, chat: new Chat(agent.page, name), id: await conversationOf(requester) };
}
