import { expectAccessible, expectAccessibleInBoth } from "../support/axe";
import { expect, test } from "../support/test";

test("login", async ({ stage }) => {
  const { page } = await stage.visitor();
  await page.goto("/login");
  await expect(page.getByRole("button", { name: "Sign in" })).toBeVisible();
  await expectAccessibleInBoth(page, "login");
  await page.getByLabel("Username").fill("nobody");
  await page.getByLabel("Password").fill("guess");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("alert")).not.toBeEmpty();
  await expectAccessible(page, "login refused");
});

test("all three, through a whole call", async ({ stage }) => {
  test.setTimeout(240_000);
  const supervisor = await stage.supervisor();
  await expect(supervisor.page.getByText("No live calls")).toBeVisible();
  await expectAccessibleInBoth(supervisor.page, "dashboard without calls");

  const agent = await stage.agent();
  await expectAccessible(agent.page, "softphone, at rest");
  await agent.getReady();
  await expectAccessibleInBoth(agent.page, "softphone, ready");

  const caller = await stage.caller();
  await expect(caller.page.getByRole("button", { name: "Call now" })).toBeVisible();
  await expectAccessibleInBoth(caller.page, "call page");
  await caller.call("Marek Novák");
  await agent.rings("Marek Novák");
  await expectAccessible(agent.page, "softphone, ringing");
  await expectAccessible(caller.page, "call page, waiting");
  await agent.accept();
  await caller.talksWith("Ana");
  await expectAccessibleInBoth(caller.page, "call page, talking");
  await expectAccessible(agent.page, "softphone, on a call");

  const { page } = supervisor;
  await expect(supervisor.row("Marek Novák")).toBeVisible();
  await expectAccessible(page, "dashboard with a call");
  await supervisor.open("Marek Novák");
  await expectAccessible(page, "panel, off");
  await supervisor.choose("Listen");
  await expectAccessibleInBoth(page, "panel, Listen");
  await supervisor.choose("Whisper");
  await expect(agent.banner).toBeVisible();
  await expectAccessible(page, "panel, Whisper");
  await expectAccessibleInBoth(agent.page, "softphone, coached");
  await supervisor.mode("Barge").click();
  await expect(supervisor.bargeDialog).toBeVisible();
  await expectAccessible(page, "Barge dialog");
  await supervisor.bargeDialog.getByRole("button", { name: /sure/ }).click();
  await supervisor.isIn("Barge");
  await expectAccessible(page, "panel, Barge");
  await expectAccessible(agent.page, "softphone, a supervisor has joined");
  await caller.talksWith("Ana", "Sam");
  await expectAccessible(caller.page, "call page, a supervisor has joined");

  await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await expectAccessible(page, "shortcuts");
  await page.keyboard.press("Escape");
  await agent.hangUp();
  await expect(caller.page.getByRole("heading", { name: "Call ended" })).toBeVisible();
  await expectAccessible(caller.page, "call page, after the call");
  await expectAccessible(agent.page, "softphone, after the call");
  await expectAccessible(page, "panel, the call has ended");
});
