import { expectAccessible, expectAccessibleInBoth } from "../support/axe";
import { accepted, Chat } from "../support/chat";
import { Colleague } from "../support/desk";
import { expect, test } from "../support/test";

const SECRET = "Pay it by hand, up to 150";

test("public is for the customer, private for the staff, and nothing private reaches the customer's page", async ({
  stage,
}) => {
  const { requester, agent, chat, id } = await accepted(stage, "Daniel Ortiz");
  await requester.write("Where is my refund? https://shop.example/orders?id=1");
  await expect(chat.log.getByText("Where is my refund?")).toBeVisible();
  await expect(chat.log.getByRole("link")).toHaveAttribute("rel", /noopener/);
  await expect(requester.log.getByText("Delivered", { exact: true })).toBeVisible();

  await chat.field("Public").pressSequentially("Let me");
  await expect(requester.page.getByText("Ana Duarte is typing…")).toBeVisible();
  await chat.write("Public", "Let me check.");
  await expect(requester.log.getByText("Let me check.")).toBeVisible();
  const sent = chat.log.getByRole("article").filter({ hasText: "Let me check." });
  await expect(sent).toContainText(/Delivered|Read/);

  const sam = new Colleague(await stage.supervisor(), id);
  await requester.page.waitForTimeout(1000);
  const before = requester.told.length;
  await sam.supervise("listen");
  await sam.supervise("whisper");
  await sam.say(SECRET, "private");
  const whisper = chat.log.getByRole("article").filter({ hasText: SECRET });
  await expect(whisper).toContainText("Private · staff only");
  await expect(agent.page.getByText("Sam writes to you privately")).toBeVisible();
  await chat.tab("Private").click();
  await expect(agent.page.getByText("Message only visible internally")).toBeVisible();
  await expect(agent.page.getByText("Others can’t see you typing")).toBeVisible();
  await chat.field("Private").pressSequentially("Thank you, Sam");
  await chat.field("Private").press("Enter");
  const reply = chat.log.getByRole("article").filter({ hasText: "Thank you, Sam" });
  await expect(reply).toBeVisible();
  await expect(reply).not.toContainText(/Sent|Delivered|Read|Sending/);
  await requester.page.waitForTimeout(1000);
  expect(requester.told.slice(before)).toEqual([]);

  await sam.supervise("barge");
  await expect(chat.log.getByText("Sam Okafor has joined the conversation")).toBeVisible();
  expect(requester.told.join("\n")).not.toContain(SECRET);
  await agent.page.mouse.move(0, 0);
  await expectAccessibleInBoth(agent.page, "agent, a conversation, private");
});

test("a draft stays in its tab, over switching, a reload and the other side's messages", async ({ stage }) => {
  const { requester, agent, chat } = await accepted(stage, "Nora Lind");
  await chat.field("Public").fill("half a public sen");
  await chat.tab("Private").click();
  await expect(chat.field("Private")).toHaveValue("");
  await expect(chat.tab("Public")).toHaveText(/draft/);
  await chat.field("Private").fill("half a private sen");
  await requester.write("Are you there?");
  await expect(chat.log.getByText("Are you there?")).toBeVisible();
  await expect(chat.field("Private")).toHaveValue("half a private sen");
  await agent.page.reload();
  await agent.page.getByRole("tab", { name: /Nora Lind/ }).click();
  await expect(chat.field("Private")).toHaveValue("half a private sen");
  await chat.tab("Public").click();
  await expect(chat.field("Public")).toHaveValue("half a public sen");
  await expect(chat.tab("Private")).toHaveText(/draft/);
  await agent.page.getByRole("button", { name: "End", exact: true }).click();
  await expect(requester.page.getByRole("heading", { name: "Chat ended" })).toBeVisible();
});

test("/help asks the supervisors and is never a message", async ({ stage }) => {
  const { requester, agent, chat, id } = await accepted(stage, "Ines Costa");
  const sam = new Colleague(await stage.supervisor(), id);
  await sam.supervise("listen");
  const texts = await sam.texts();
  await chat.write("Public", "/help Refund is stuck");
  await expect(chat.toasts.getByText("Your supervisors have been asked for help")).toBeVisible();
  await expect(chat.log.getByText("You asked for help: “Refund is stuck”")).toBeVisible();
  expect((await sam.ask("POST", "help", { action: "take" })).status).toBe(204);
  await expect(agent.page.getByText("Sam is helping")).toBeVisible();
  await agent.page.getByRole("button", { name: "Cancel request" }).click();
  await expect(agent.page.getByRole("button", { name: "Ask for help" })).toBeVisible();
  expect(await sam.texts()).toEqual(texts);
  expect(requester.told.join("\n")).not.toContain("Refund is stuck");
  await agent.page.getByRole("button", { name: "End", exact: true }).click();
});

test("transferred to a queue with a note, and taken by the next agent", async ({ stage }) => {
  const { requester, agent, chat } = await accepted(stage, "Marek Novák");
  const luis = await stage.agent("agent2");
  await luis.getReady();
  await agent.page.getByRole("button", { name: "Transfer" }).click();
  const dialog = agent.page.getByRole("dialog");
  await expect(dialog.getByRole("option", { name: /^Support/ })).toContainText(/agents? available/);
  await expect(dialog.getByRole("option", { name: /^Luis Herrera/ })).toContainText("ready");
  await expectAccessible(agent.page, "agent, transfer dialog");
  await agent.page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
  await chat.handOver("Transfer", "Luis Herrera", "Knows the invoice");
  await expect(chat.toasts.getByText("Transfer request placed successfully")).toBeVisible();
  await expect(agent.page.locator("footer").getByText("Conversation is closed due to CHAT TRANSFERRED")).toBeVisible();
  await expect(
    requester.log.getByText("Your request is being transferred to Luis Herrera, please wait!"),
  ).toBeVisible();

  const offer = luis.page.getByRole("region", { name: "Transfer from Ana Duarte" });
  await expect(offer).toContainText("Knows the invoice");
  await luis.page.keyboard.press("Control+Shift+A");
  await expect(requester.log.getByText("Luis Herrera has joined the conversation")).toBeVisible();
  await expect(luis.page.getByRole("heading", { name: "Marek Novák" })).toBeVisible();
  await agent.page.locator("footer").getByRole("button", { name: "Close" }).click();
  await expect(agent.page.getByRole("tab", { name: /Marek/ })).toHaveCount(0);
  expect(requester.told.join("\n")).not.toContain("Knows the invoice");
  await requester.end();
});

test("asked into a conference: equal among the agents, also when the first one leaves", async ({ stage }) => {
  const { requester, agent, chat } = await accepted(stage, "Emma Lindqvist");
  const luis = await stage.agent("agent2");
  await luis.getReady();
  await chat.write("Private", "Only for us");
  await chat.handOver("Conference", "Luis Herrera");
  await expect(chat.toasts.getByText("Conference request placed successfully")).toBeVisible();
  const offer = luis.page.getByRole("region", { name: "Conference request from Ana Duarte" });
  await offer.getByRole("button", { name: "Accept" }).click();
  const his = new Chat(luis.page, "Emma Lindqvist");
  await expect(his.log.getByText("Only for us")).toBeVisible();
  await expect(requester.log.getByText("Luis Herrera has joined the conversation")).toBeVisible();
  await agent.page.getByRole("button", { name: "Leave" }).click();
  await expect(his.log.getByText("Ana Duarte left the conversation")).toBeVisible();
  await his.write("Public", "I go on alone.");
  await expect(requester.log.getByText("I go on alone.")).toBeVisible();
  await requester.end();
});

test("nobody is there to join: the request ends and says so", async ({ stage }) => {
  const admin = await stage.visitor();
  await admin.signIn("admin");
  await expect(admin.page.getByText("Connected")).toBeVisible();
  const { body } = await admin.ask<{ policies: object; revision: number }>("GET", "/admin/policies");
  expect(
    (await admin.ask("PUT", "/admin/policies", { ...body, policies: { ...body.policies, handover_wait_s: 10 } }))
      .status,
  ).toBe(200);
  const { requester, agent, chat } = await accepted(stage, "Wei Zhang");
  await chat.handOver("Conference", "Sales");
  await expect(agent.page.getByText("Waiting for Sales to answer.")).toBeVisible();
  await expect(chat.log.getByText("No agents were available to join the conference conversation")).toBeVisible({
    timeout: 20_000,
  });
  await expect(agent.page.getByText("Waiting for Sales to answer.")).toHaveCount(0);
  await requester.end();
  const changed = await admin.ask<{ revision: number }>("GET", "/admin/policies");
  expect((await admin.ask("PUT", "/admin/policies", { ...body, revision: changed.body.revision })).status).toBe(200);
});

test("private text beside a call, and a consultation by the keys", async ({ stage }) => {
  test.setTimeout(240_000);
  const { caller, agent } = await stage.call("Olivia Grant");
  const panel = agent.page.getByRole("region", { name: "Private text on this call" });
  await expect(panel).toContainText("Message only visible internally");
  const supervisor = await stage.supervisor();
  await supervisor.open("Olivia Grant");
  await supervisor.choose("Listen");
  await supervisor.choose("Whisper");
  await agent.page.getByRole("button", { name: "Reply in private text" }).click();
  await expect(panel.getByRole("textbox")).toBeFocused();
  await agent.page.keyboard.type("Can I make the retention offer?");
  await agent.page.keyboard.press("Enter");
  await expect(panel.getByRole("log")).toContainText("Can I make the retention offer?");
  await expectAccessible(agent.page, "agent, private text on a call");
  expect(caller.told.join("\n")).not.toContain("retention");

  const luis = await stage.agent("agent2");
  await luis.getReady();
  await agent.page.keyboard.press("Control+Shift+X");
  const dialog = agent.page.getByRole("dialog");
  await dialog.getByRole("option", { name: /^Luis Herrera/ }).click();
  await dialog.getByRole("button", { name: "Consult first" }).click();
  await expect(luis.page.getByText("Ana Duarte is consulting you about this caller")).toBeVisible();
  await luis.accept();
  await expect(
    agent.page.getByText("You’re speaking privately with Luis. Olivia is on hold and can’t hear either of you."),
  ).toBeVisible();
  await expect(
    luis.page.getByText("Ana is consulting you. Olivia is on hold and can’t hear either of you."),
  ).toBeVisible();
  await agent.page.getByRole("region", { name: "Your request" }).getByRole("button", { name: "Transfer" }).click();
  await expect(agent.page.getByText(/Conversation is closed due to CALL TRANSFERRED/)).toBeVisible();
  await caller.talksWith("Luis");
  await luis.hangUp();
});
