import type { Page } from "@playwright/test";
import { administrator, goTo, save } from "../support/admin";
import { expectAccessible, expectAccessibleInBoth } from "../support/axe";
import { accepted, Chat } from "../support/chat";
import { expect, test } from "../support/test";

// A server of its own: what an administrator sets for a queue holds for everybody.
test.use({ demoCalls: 4 });

const REFUND = "Your refund is on its way.\nIt takes up to three days.";
const THANKS = "Thank you for your patience.";

/** Makes a canned reply by the administrator's page. */
async function makeReply(page: Page, title: string, text: string, queue?: string): Promise<void> {
  await page.getByRole("button", { name: "New reply" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Title").fill(title);
  await dialog.getByLabel("Text").fill(text);
  if (queue !== undefined) await dialog.getByLabel("Queue").selectOption({ label: queue });
  await save(page, title);
}

test("a canned reply of the queue lands in the draft, is edited, and reaches the customer", async ({ stage }) => {
  test.setTimeout(240_000);
  const admin = await administrator(stage);
  await goTo(admin, "Replies");
  await makeReply(admin, "Refund on its way", REFUND, "Support");
  await makeReply(admin, "Thanks", THANKS);

  const { requester, agent, chat } = await accepted(stage, "Daniel Ortiz");
  const { page } = agent;
  const field = chat.field("Public");
  const open = page.getByRole("button", { name: "Canned replies" });
  const replies = page.getByRole("listbox", { name: "Canned replies" });

  // By the mouse: into the draft, which nobody reads but the agent.
  await open.click();
  await expect(replies.getByRole("option")).toHaveText([/^Refund on its way/, /^Thanks/]);
  await expectAccessible(page, "agent, canned replies");
  await replies.getByRole("option", { name: "Refund on its way" }).click();
  await expect(replies).toHaveCount(0);
  await expect(field).toHaveValue(REFUND);
  await expect(field).toBeFocused();
  await page.waitForTimeout(1000);
  expect(await requester.texts(), "it is not sent by itself").toEqual([]);
  await page.keyboard.type(" Often one.");
  await page.keyboard.press("Enter");
  await expect(field).toHaveValue("");
  await expect.poll(() => requester.texts()).toEqual([`${REFUND} Often one.`]);

  // By the keys: behind what is written already. What is new since then is there, too.
  await makeReply(admin, "Goodbye", "Have a nice day!", "Support");
  await field.focus();
  await page.keyboard.type("Yes, Daniel.");
  for (let i = 0; i < 4; i += 1) await page.keyboard.press("Tab");
  await expect(open).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(replies.getByRole("option")).toHaveText([/^Goodbye/, /^Refund on its way/, /^Thanks/]);
  await page.keyboard.press("t");
  await page.keyboard.press("Enter");
  await expect(field).toBeFocused();
  await expect(field).toHaveValue(`Yes, Daniel. ${THANKS}`);
  await page.keyboard.press("Enter");
  await expect(requester.log.getByText(`Yes, Daniel. ${THANKS}`)).toBeVisible();

  // By "/" and the beginning of a word; Escape leaves what was typed.
  await page.keyboard.type("/day");
  const offered = page.getByRole("listbox", { name: "Replies and commands" });
  await expect(offered).toHaveCount(0);
  await field.fill("");
  await page.keyboard.type("/good");
  await expect(offered.getByRole("option")).toHaveText([/^Goodbye/]);
  await expectAccessible(page, "agent, replies by /");
  await page.keyboard.press("Enter");
  await expect(field).toHaveValue("Have a nice day!");
  await page.keyboard.press("Enter");
  await expect(requester.log.getByText("Have a nice day!")).toBeVisible();
  await page.getByRole("button", { name: "End", exact: true }).click();
});

test("a reply of one queue is not offered in another", async ({ stage }) => {
  test.setTimeout(240_000);
  const admin = await administrator(stage);
  await goTo(admin, "Replies");
  await makeReply(admin, "Support only", "Have you tried another cable?", "Support");
  await makeReply(admin, "For all", "One moment, please.");

  const agent = await stage.agent("agent5");
  await agent.getReady();
  const requester = await stage.requester();
  await requester.start("Kim Reyes", "Sales");
  await agent.page
    .getByRole("region", { name: "New conversation: Chat" })
    .getByRole("button", { name: "Accept" })
    .click();
  const chat = new Chat(agent.page, "Kim Reyes");
  await agent.page.getByRole("button", { name: "Canned replies" }).click();
  const replies = agent.page.getByRole("listbox", { name: "Canned replies" });
  await expect(replies.getByRole("option", { name: "For all" })).toBeVisible();
  await expect(replies.getByRole("option", { name: "Support only" })).toHaveCount(0);
  await agent.page.keyboard.press("Escape");
  await expect(replies).toHaveCount(0);
  await chat.field("Public").pressSequentially("/");
  const offered = agent.page.getByRole("listbox", { name: "Replies and commands" });
  await expect(offered.getByRole("option", { name: "For all" })).toBeVisible();
  await expect(offered.getByRole("option", { name: "Support only" })).toHaveCount(0);
  await agent.page.getByRole("button", { name: "End", exact: true }).click();
});

test("two agents pick the same conversation from a pull queue's list", async ({ stage }) => {
  test.setTimeout(300_000);
  const admin = await administrator(stage);
  await goTo(admin, "Teams & queues");
  await admin.getByRole("table", { name: "Queues" }).getByRole("button", { name: "Support" }).click();
  await admin
    .getByRole("dialog")
    .getByLabel("Conversations")
    .selectOption({ label: "Agents pick from a list; several may join" });
  await save(admin, "Support");

  const [ana, luis] = [await stage.agent("agent1"), await stage.agent("agent2")];
  const agents = [ana, luis];
  for (const agent of agents) await agent.getReady();
  const noor = await stage.requester();
  await noor.start("Noor Aziz", "Support", "The shoes are two sizes too small");
  const tom = await stage.requester();
  await tom.start("Tom Becker");

  // Both see both, oldest first, and nobody is offered anything.
  const waiting = (page: Page) => page.getByRole("region", { name: /^Waiting to be picked/ });
  const joinable = (page: Page) => page.getByRole("region", { name: /^With a colleague: you can join/ });
  for (const { page } of agents) {
    await expect(waiting(page).getByRole("listitem")).toHaveText([
      /^Noor Aziz · The shoes are two sizes too small.*Support/,
      /^Tom Becker.*Support/,
    ]);
    await expect(waiting(page).getByRole("listitem").first().getByRole("img", { name: "Chat" })).toBeVisible();
    await expect(page.getByRole("region", { name: /^New conversation/ })).toHaveCount(0);
  }
  await expectAccessibleInBoth(ana.page, "agent, a list to pick from");

  // One who gives up waiting is gone from both lists.
  await tom.end();
  for (const { page } of agents) await expect(waiting(page).getByRole("listitem")).toHaveText([/^Noor Aziz/]);

  await waiting(ana.page).getByRole("button", { name: "Pick Noor Aziz" }).click();
  await expect(ana.page.getByRole("heading", { name: "Noor Aziz" })).toBeVisible();
  await expect(noor.log.getByText("Ana Duarte has joined the conversation")).toBeVisible();
  const desk = ana.page.getByRole("tab", { name: "Desk" });
  await desk.click();
  await expect(waiting(ana.page).or(joinable(ana.page))).toHaveCount(0);

  // The other one knows with whom it is, and joins.
  await expect(waiting(luis.page)).toHaveCount(0);
  await expect(joinable(luis.page).getByRole("listitem")).toHaveText([/^Noor Aziz.*with Ana Duarte/]);
  await expectAccessibleInBoth(luis.page, "agent, a list to join from");
  await joinable(luis.page).getByRole("button", { name: "Join the conversation with Noor Aziz" }).click();
  const [hers, his] = [new Chat(ana.page, "Noor Aziz"), new Chat(luis.page, "Noor Aziz")];
  await ana.page.getByRole("tab", { name: /Noor Aziz/ }).click();
  await expect(noor.log.getByText("Luis Herrera has joined the conversation")).toBeVisible();
  await expect(hers.log.getByText("Luis Herrera has joined the conversation")).toBeVisible();
  await expect(his.log.getByText("Ana Duarte has joined the conversation")).toBeVisible();

  // All three read all three.
  await noor.write("Hello, can I have them in 42?");
  await hers.write("Public", "I look into the shop.");
  await his.write("Public", "And I send the label.");
  const said = ["Hello, can I have them in 42?", "I look into the shop.", "And I send the label."];
  await expect.poll(() => noor.texts()).toEqual(said);
  for (const text of said) {
    await expect(hers.log.getByText(text)).toBeVisible();
    await expect(his.log.getByText(text)).toBeVisible();
  }
  await expect(luis.page.getByText(/^Support · The shoes are two sizes too small · .* · with Ana$/)).toBeVisible();
  await expectAccessible(luis.page, "agent, two in a conversation");

  // Who leaves may come back, until it is over.
  await ana.page.getByRole("button", { name: "Leave" }).click();
  await ana.page.locator("footer").getByRole("button", { name: "Close" }).click();
  await expect(joinable(ana.page).getByRole("listitem")).toHaveText([/^Noor Aziz.*with Luis Herrera/]);
  await noor.end();
  await expect(joinable(ana.page)).toHaveCount(0);
  await expect(his.page.locator("footer").getByText("Noor Aziz has ended the conversation")).toBeVisible();
  await his.page.locator("footer").getByRole("button", { name: "Close" }).click();
  await expect(waiting(his.page).or(joinable(his.page))).toHaveCount(0);
});
