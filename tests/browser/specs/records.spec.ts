import { readFile } from "node:fs/promises";
import type { Page } from "@playwright/test";
import type { ConversationView } from "../../../supervisor-ui/src/wire/generated";
import { expectAccessible, expectAccessibleInBoth } from "../support/axe";
import type { Agent, Requester, Supervisor } from "../support/people";
import { expect, type Stage, test } from "../support/test";

// A server of its own: the report counts everything that happened on it.
test.use({ demoCalls: 2 });

const SECRET = "Pay it by hand, up to 150";

/** A conversation with help and a whisper, from beginning to end. */
async function held(stage: Stage): Promise<{ agent: Agent; supervisor: Supervisor; requester: Requester }> {
  const supervisor = await stage.supervisor();
  const agent = await stage.agent();
  await agent.getReady();
  const requester = await stage.requester();
  await requester.start("Daniel Ortiz");
  const all = async () =>
    (await supervisor.ask<{ conversations: ConversationView[] }>("GET", "/conversations")).body.conversations;
  const list = async () => (await all()).filter(({ channel }) => channel === "web_chat");
  await expect.poll(async () => (await list()).length).toBe(1);
  const id = (await list())[0]?.id ?? "";
  const path = `/conversations/${id}`;
  const done = async (who: Agent | Supervisor, method: string, what: string, body?: unknown) => {
    const { status } = await who.ask(method, `${path}${what}`, body ?? {});
    expect(status, what).toBeLessThan(300);
  };
  await done(agent, "POST", "/accept");
  await requester.write("Where is my refund?");
  await done(agent, "POST", "/help", { action: "raise", reason: "Refund above my limit" });
  await done(supervisor, "PUT", "/supervision", { mode: "listen" });
  await done(supervisor, "POST", "/help", { action: "take" });
  await done(supervisor, "PUT", "/supervision", { mode: "whisper" });
  await done(supervisor, "POST", "/messages", { text: SECRET, visibility: "private", client_id: "1" });
  await done(agent, "POST", "/messages", { text: "You have it in two days.", visibility: "public", client_id: "1" });
  await done(supervisor, "POST", "/help", { action: "close" });
  await done(agent, "POST", "/end");
  return { agent, supervisor, requester };
}

async function openHistory(page: Page): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name: "History" }).click();
  await expect(page.getByRole("table", { name: "Interactions" })).toBeVisible();
}

async function transcript(page: Page, kind: string): Promise<string> {
  await page.getByRole("button", { name: "Transcript" }).click();
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: kind }).click(),
  ]);
  return readFile(await download.path(), "utf8");
}

test("a conversation is found, read, noted and reported", async ({ stage }) => {
  test.setTimeout(240_000);
  const { agent, supervisor } = await held(stage);
  const { page } = supervisor;
  await openHistory(page);
  const row = page.getByRole("row").filter({ hasText: "Daniel Ortiz" });
  await expect(row).toContainText("Ana Duarte");
  await expect(row).toContainText("Helped");
  await page.getByRole("searchbox").fill("nothing like it");
  await expect(page.getByText("No matches")).toBeVisible();
  await page.getByRole("searchbox").fill("hand refund");
  await expect(row).toBeVisible();
  await expectAccessibleInBoth(page, "records");

  await row.getByRole("button").click();
  const record = page.getByRole("complementary", { name: "Record of Daniel Ortiz" });
  await expect(record.getByRole("article").filter({ hasText: SECRET })).toContainText("Private · staff only");
  const line = (text: string) => record.getByRole("listitem").filter({ hasText: text });
  await expect(line("Ana Duarte asked for help")).toContainText("Refund above my limit");
  await expect(line("Sam Okafor started listening")).toContainText("Staff only");
  await expect(line("Daniel Ortiz opened the conversation")).not.toContainText("Staff only");
  await record.getByRole("textbox").fill("Paid by hand.");
  await record.getByRole("combobox", { name: "Wrap-up" }).selectOption({ label: "Resolved" });
  await record.getByRole("button", { name: "Wrap up" }).click();
  await expect(line("Paid by hand.")).toContainText("Resolved");
  await expectAccessibleInBoth(page, "a record");

  const internal = await transcript(page, "Internal, with private lines, as text");
  expect(internal).toContain(`[PRIVATE] Sam Okafor: ${SECRET}`);
  for (const kind of ["External, as text", "External, as JSON"]) {
    const external = await transcript(page, kind);
    expect(external).toContain("Where is my refund?");
    expect(external).not.toContain(SECRET);
    expect(external).not.toContain("Sam");
  }

  // What the agent reads of it: the whisper, and nothing of who listened.
  await openHistory(agent.page);
  await agent.page.getByRole("row").filter({ hasText: "Daniel Ortiz" }).getByRole("button").click();
  const own = agent.page.getByRole("complementary", { name: "Record of Daniel Ortiz" });
  await expect(own.getByText("Sam Okafor started whispering")).toBeVisible();
  await expect(own.getByText("Sam Okafor started listening")).toHaveCount(0);
  await expect(own.getByRole("article").filter({ hasText: SECRET })).toBeVisible();
  await expectAccessible(agent.page, "an agent's history");
  await own.getByRole("button", { name: "Close the record" }).click();
  await expect(own).toHaveCount(0);

  await reported(page);
});

async function reported(page: Page): Promise<void> {
  await page.getByRole("navigation").getByRole("link", { name: "Reports" }).click();
  await expect(page.getByRole("heading", { name: "Help requests" })).toBeVisible();
  await expect(page.getByRole("img", { name: /between 0 and 1 a day/ })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "Refund above my limit" })).toContainText("1");
  await expectAccessibleInBoth(page, "help report");
  await page.getByRole("button", { name: "Show as table" }).click();
  await expect(page.getByRole("table", { name: "By day, agent and queue" }).getByRole("row").nth(1)).toContainText(
    "Ana Duarte",
  );
  await expectAccessible(page, "help report, as a table");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "CSV" }).click(),
  ]);
  const csv = await readFile(await download.path(), "utf8");
  expect(csv.split("\n")[1]).toMatch(/^\d{4}-\d{2}-\d{2},Ana Duarte,Support,support,1,1,0,/);
  await page.getByRole("combobox", { name: "Queue" }).selectOption({ label: "Support" });
  await expect(page.getByRole("table", { name: "By day, agent and queue" })).toBeVisible();
}
