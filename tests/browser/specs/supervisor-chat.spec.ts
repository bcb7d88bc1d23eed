import { expectAccessible, expectAccessibleInBoth } from "../support/axe";
import { conversation } from "../support/desk";
import { Overseer } from "../support/overseer";
import { expect, test } from "../support/test";

const SECRET = "Pay it by hand, up to 150";

test("three at once: read along, whisper, join, and back", async ({ stage }) => {
  test.setTimeout(180_000);
  const { requester, agent } = await conversation(stage, "Daniel Ortiz");
  await requester.write("Hi, I sent the headphones back on the 3rd and there is still no refund.");
  await agent.say("Thank you, Daniel. Let me check the refund.");
  const sam = new Overseer(await stage.supervisor());
  const { page } = sam;
  const ana = agent.person.page;
  await ana.getByRole("tab", { name: /Daniel Ortiz/ }).click();
  const row = sam.supervisor.row("Daniel Ortiz");

  // Before Listen an overseer reads nothing, not in the row and not in the panel.
  await expect(row).toContainText("Ana Duarte");
  await expect(row).not.toContainText("refund");
  await sam.open("Daniel Ortiz");
  await expect(sam.panel).toContainText("Nobody sees you");
  await expect(sam.log).toHaveCount(0);
  await expectAccessible(page, "conversation, off");
  const before = requester.told.length;
  const agentBefore = agent.person.told.length;

  // Listen: nobody is told.
  await page.keyboard.press("l");
  await sam.isIn("Listen");
  await expect(sam.log.getByText("still no refund")).toBeVisible();
  await expect(sam.person("Daniel")).toContainText("unaware");
  await expect(sam.person("Ana")).toContainText("unaware");
  await expect(sam.field("Private")).toHaveCount(0);
  await expect(row).toContainText("You");
  await page.waitForTimeout(1000);
  expect(
    agent.person.told.slice(agentBefore).filter((it) => /supervisor|Sam Okafor/.test(it)),
    "what the agent is told of Listen",
  ).toEqual([]);
  await expectAccessible(page, "conversation, Listen");

  // Whisper, by the key for private text: staff see it on yellow, the customer nothing.
  await page.keyboard.press("t");
  await sam.isIn("Whisper");
  await expect(sam.field("Private")).toBeFocused();
  await expect(sam.panel).toContainText("Message only visible internally");
  await sam.write("Private", SECRET);
  await expect(sam.person("Ana")).toContainText("sees you");
  await expect(sam.person("Daniel")).toContainText("unaware");
  const whisper = ana.getByRole("article").filter({ hasText: SECRET });
  await expect(whisper).toContainText("Private · staff only");
  await page.waitForTimeout(1000);
  expect(requester.told.slice(before), "what the customer is told until then").toEqual([]);
  await expectAccessibleInBoth(page, "conversation, Whisper");

  // The step to public is asked about; it starts on Cancel, and Cancel changes nothing.
  await sam.tab("Public").click();
  await expect(sam.dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await expectAccessible(page, "before joining");
  await page.keyboard.press("Enter");
  await expect(sam.dialog).toHaveCount(0);
  await sam.isIn("Whisper");
  expect(requester.told.slice(before)).toEqual([]);
  await sam.mode("Barge").click();
  await sam.dialog.getByRole("button", { name: "Yes, I’m sure" }).click();
  await sam.isIn("Barge");
  await expect(requester.log.getByText("Sam Okafor has joined the conversation")).toBeVisible();
  await expect(sam.person("Daniel")).toContainText("sees you");
  await sam.tab("Public").click();
  await sam.write("Public", "Daniel, the money is with you on Friday.");
  await expect(requester.log.getByText("on Friday")).toBeVisible();
  await expectAccessible(page, "conversation, Barge");

  // Back to Listen: out of sight, and asked about no more when it is joined again.
  await sam.panel.getByRole("button", { name: /Back to Listen/ }).click();
  await sam.isIn("Listen");
  await expect(requester.log.getByText("Sam Okafor has left")).toBeVisible();
  await page.locator("body").press("b");
  await sam.isIn("Barge");
  await sam.panel.getByRole("button", { name: /Stop/ }).click();
  await sam.isIn("Off");
  await expect(sam.log).toHaveCount(0);
  expect(requester.told.join("\n")).not.toContain(SECRET);
});

test("a hand raised in a conversation reaches card, rail and list; a click leads in, in Listen", async ({ stage }) => {
  const { requester, agent } = await conversation(stage, "Emma Lindqvist");
  const sam = new Overseer(await stage.supervisor());
  const { page } = sam;
  await agent.person.page.getByRole("tab", { name: /Emma Lindqvist/ }).click();
  await expect(sam.supervisor.row("Emma Lindqvist")).toBeVisible();
  expect((await agent.ask("POST", "help", { action: "raise", reason: "May I waive the fee?" })).status).toBe(204);
  const card = page.getByRole("alert", { name: "Help requested" });
  await expect(card).toContainText("Ana Duarte asks for help");
  await expect(card).toContainText("May I waive the fee?");
  await expect(sam.supervisor.row("Emma Lindqvist")).toContainText("Help requested");

  const entry = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: /^Help/ });
  await expect(entry).toContainText("1 request waiting");
  await entry.click();
  await expect(page).toHaveURL(/\/supervisor\/help$/);
  const list = page.getByRole("table", { name: "Help requested" });
  const request = list.getByRole("row").filter({ hasText: "Emma Lindqvist" });
  await expect(request).toContainText("Open");
  await expect(request).toContainText("May I waive the fee?");
  await expectAccessibleInBoth(page, "help requested");

  await request.getByRole("button", { name: "Read" }).click();
  await expect(page).toHaveURL(/\/supervisor$/);
  await sam.isIn("Listen");
  await expect(agent.person.page.getByText("Sam is helping")).toBeVisible();
  await expect(sam.panel).toContainText("You’re helping");
  await page.waitForTimeout(500);
  expect(requester.told.join("\n"), "help is for staff").not.toMatch(/waive|help/i);

  await entry.click();
  // Who sees the supervisor, and the ways out, are on every page.
  await expect(sam.supervisor.statement).toHaveText(/Reading along – nobody sees you/);
  await request.getByRole("button", { name: "Done" }).click();
  await expect(list).toHaveCount(0);
  await expect(page.getByText("No one needs help")).toBeVisible();
  await page.getByRole("banner").getByRole("button", { name: /^Stop/ }).click();
  await sam.isIn("Off");
});

test("a lost connection ends it; reconnected is off", async ({ stage }) => {
  const { requester } = await conversation(stage, "Wei Zhang");
  const sam = new Overseer(await stage.supervisor());
  const { page } = sam;
  await sam.open("Wei Zhang");
  await sam.panel.getByRole("button", { name: /Start reading/ }).click();
  await sam.isIn("Listen");
  await page.locator("body").press("w");
  await sam.isIn("Whisper");
  await page.context().setOffline(true);
  await expect(sam.supervisor.statement).toHaveText(/Reconnecting/);
  await expect(sam.mode("Whisper")).not.toBeChecked();
  await page.context().setOffline(false);
  await sam.isIn("Off");
  await expect(page.getByText("Reconnected. You’ve left the conversation.")).toBeVisible();
  expect(requester.told.join("\n")).not.toContain("Sam Okafor");
});

test("text beside a call leaves the voice as it is", async ({ stage }) => {
  const { caller, agent } = await stage.call("Marek Novák");
  const { supervisor, page } = new Overseer(await stage.supervisor());
  await supervisor.open("Marek Novák");
  await supervisor.choose("Listen");
  await expect(supervisor.panel.getByRole("region", { name: "Private text on this call" })).toBeVisible();
  await page.keyboard.press("t");
  const field = supervisor.panel.getByRole("textbox", { name: "Private text, staff only" });
  await expect(field).toBeFocused();
  await field.fill(SECRET);
  await field.press("Enter");
  await expect(agent.page.getByText(SECRET)).toBeVisible();
  await supervisor.isIn("Listen");
  await expectAccessible(page, "private text beside a call");
  expect(caller.told.join("\n")).not.toContain(SECRET);
  await supervisor.panel.getByRole("button", { name: /Stop/ }).click();
  await supervisor.isIn("Off");
  await expect(supervisor.panel.getByRole("region", { name: "Private text on this call" })).toHaveCount(0);
  await agent.hangUp();
});

test("a supervisor who is brought in by name reads and writes privately, and leaves; the mood shows", async ({
  stage,
}) => {
  const { requester, agent } = await conversation(stage, "Tom Becker");
  const sam = new Overseer(await stage.supervisor());
  const { page } = sam;
  const { body: me } = await sam.supervisor.ask<{ id: string }>("GET", "/me");
  await requester.write("This is terrible. I am really angry, it is the worst service ever!");
  await expect(sam.supervisor.row("Tom Becker")).toContainText(/Tense|Upset/);
  expect((await agent.ask("POST", "colleagues", { user: me.id })).status).toBe(204);
  await expect(page.getByText("Ana brought you into the conversation with Tom Becker")).toBeVisible();
  await sam.open("Tom Becker");
  await expect(sam.panel).toContainText("Only staff see you");
  await expect(sam.log.getByText("worst service")).toBeVisible();
  await sam.tab("Private").click();
  await sam.write("Private", SECRET);
  await sam.tab("Public").click();
  await expect(sam.field("Public")).toHaveCount(0);
  await sam.panel.getByRole("button", { name: "Leave" }).click();
  await expect(sam.log).toHaveCount(0);
  await expect(sam.panel).toContainText("Nobody sees you");
  expect(requester.told.join("\n")).not.toContain(SECRET);
});
