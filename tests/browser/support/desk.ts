import { randomUUID } from "node:crypto";
import { expect } from "@playwright/test";
import type { Person, Requester } from "./people";
import type { Stage } from "./test";

type Visibility = "public" | "private";

/** Somebody of the staff in a conversation, by the API: what their page looks like is another matter. */
export class Colleague {
  constructor(
    readonly person: Person,
    readonly conversation: string,
  ) {}

  async accept(): Promise<void> {
    // The offer takes its moment.
    await expect.poll(async () => (await this.ask("POST", "accept", {})).status).toBe(200);
  }

  async say(text: string, visibility: Visibility = "public", attachments: string[] = []): Promise<void> {
    expect(
      (await this.ask("POST", "messages", { text, visibility, client_id: randomUUID(), attachments })).status,
    ).toBe(201);
  }

  async types(typing = true, visibility: Visibility = "public"): Promise<void> {
    expect((await this.ask("POST", "typing", { visibility, typing })).status).toBe(204);
  }

  async mark(kind: "delivered" | "read", upTo: number): Promise<void> {
    expect((await this.ask("PUT", "marks", { kind, up_to: upTo })).status).toBe(204);
  }

  async supervise(mode: "listen" | "whisper" | "barge"): Promise<void> {
    expect((await this.ask("PUT", "supervision", { mode, announce: mode === "barge" })).status).toBe(200);
  }

  async end(): Promise<void> {
    expect((await this.ask("POST", "end")).status).toBe(204);
  }

  /** Uploads a text file; its id. */
  async attach(name: string, text: string): Promise<string> {
    return this.person.page.evaluate(
      async ([id, file, content]) => {
        const response = await fetch(`/api/v1/conversations/${id}/attachments?name=${encodeURIComponent(file)}`, {
          method: "POST",
          body: content,
        });
        return ((await response.json()) as { id: string }).id;
      },
      [this.conversation, name, text] as const,
    );
  }

  /** The texts of all messages that this one may read, in order. */
  async texts(): Promise<string[]> {
    const { body } = await this.ask<{ messages: { text: string }[] }>("GET", "messages?limit=50");
    return body.messages.map(({ text }) => text);
  }

  ask<T>(method: string, path: string, body?: unknown): Promise<{ status: number; body: T }> {
    return this.person.ask<T>(method, `/conversations/${this.conversation}/${path}`, body);
  }
}

/** Somebody who writes to Support, and the agent who has taken it. */
export async function conversation(stage: Stage, name: string): Promise<{ requester: Requester; agent: Colleague }> {
  const ana = await stage.agent("agent1");
  await ana.getReady();
  await tidyUp(ana);
  const requester = await stage.requester();
  await requester.start(name);
  const agent = new Colleague(ana, await conversationOf(requester));
  await agent.accept();
  await expect(requester.log.getByText("Ana Duarte has joined the conversation")).toBeVisible();
  return { requester, agent };
}

/** An agent can hold a few: those that an earlier test has left are ended. */
async function tidyUp(agent: Person): Promise<void> {
  const { body } = await agent.ask<{ conversations: { id: string }[] }>("GET", "/conversations");
  for (const { id } of body.conversations) await agent.ask("POST", `/conversations/${id}/end`);
}

/** The id, out of what the page keeps for a reload. */
export async function conversationOf(requester: Requester): Promise<string> {
  return requester.page.evaluate(
    () => (JSON.parse(sessionStorage.getItem("sotto.chat") ?? "") as { view: { id: string } }).view.id,
  );
}
