import { expectAccessible, expectAccessibleInBoth } from "../support/axe";
import { conversation } from "../support/desk";
import { Desktop, lookElsewhere } from "../support/desktop";
import { Overseer } from "../support/overseer";
import { expect, test } from "../support/test";

test("a raised hand shows on the desktop of a supervisor who looks elsewhere; a click leads in", async ({ stage }) => {
  test.setTimeout(240_000);
  const { requester, agent } = await conversation(stage, "Hana Sato");
  const ana = agent.person.page;
  await ana.getByRole("tab", { name: /Hana Sato/ }).click();
  const raise = async (reason: string) => {
    await ana.getByRole("button", { name: "Ask for help" }).click();
    const dialog = ana.getByRole("dialog", { name: "Ask for help" });
    await dialog.getByRole("textbox").fill(reason);
    await dialog.getByRole("button", { name: "Ask for help" }).click();
    await expect(dialog).toHaveCount(0);
  };
  const withdraw = async () => {
    await ana.getByRole("button", { name: "Cancel request" }).click();
    await expect(ana.getByRole("button", { name: "Ask for help" })).toBeVisible();
  };
  const sam = new Overseer(await stage.supervisor());
  const { page } = sam;
  const desktop = await Desktop.of(page);
  const card = page.getByRole("alert", { name: "Help requested" });
  const entry = page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: /^Help/ });

  // The browser has said no: it is told, and nothing is tried.
  await entry.click();
  await expect(page.getByText("Notifications are blocked in this browser")).toBeVisible();
  await lookElsewhere(page);
  await raise("The first reason");
  await expect(page.getByRole("row").filter({ hasText: "The first reason" })).toBeVisible();
  expect(await desktop.shown(), "without leave").toEqual([]);
  await withdraw();

  // Nobody has asked the browser yet: the page asks when its user wishes, and not before.
  await page.context().clearPermissions();
  await page.reload();
  const notify = page.getByRole("button", { name: "Notify me on this computer" });
  await expect(notify).toBeVisible();
  await expectAccessibleInBoth(page, "help, before notifications");
  expect(await desktop.asked()).toBe(0);
  await notify.focus();
  await page.keyboard.press("Enter");
  await expect(page.getByText("You’ll be notified when this page is in the background")).toBeVisible();
  expect(await desktop.asked()).toBe(1);
  await expectAccessible(page, "help, with notifications");

  // Who looks at the page is told by the page.
  await page.getByRole("link", { name: "Live" }).click();
  await page.bringToFront();
  await page.waitForFunction(() => document.hasFocus());
  await raise("The second reason");
  await expect(card).toContainText("The second reason");
  expect(await desktop.shown(), "while one looks here").toEqual([]);

  // What one has seen is no news when one looks elsewhere.
  await lookElsewhere(page);
  await requester.write("One moment.");
  await page.waitForTimeout(1000);
  expect(await desktop.shown(), "what was seen already").toEqual([]);
  await withdraw();
  await expect(card).toHaveCount(0);

  // Who asks, with whom they are, and why; once.
  await raise("May I waive the fee?");
  await expect
    .poll(() => desktop.shown())
    .toEqual([{ title: "Ana Duarte asks for help", body: "Hana Sato: May I waive the fee?" }]);
  await requester.write("Are you there?");
  await page.waitForTimeout(1000);
  expect(await desktop.shown(), "once").toHaveLength(1);
  expect(requester.told.join("\n"), "the reason is for staff").not.toMatch(/reason|waive/);

  // From any page the click leads to the conversation, which is not read before Listen.
  await page.getByRole("link", { name: "Reports" }).click();
  await expect(page).toHaveURL(/\/supervisor\/reports$/);
  await desktop.click();
  await expect(page).toHaveURL(/\/supervisor$/);
  await expect(sam.panel.getByRole("heading", { name: "Hana Sato" })).toBeVisible();
  await expect(sam.panel).toContainText("May I waive the fee?");
  await expect(sam.panel).toContainText("Nobody sees you");
  await expectAccessible(page, "in by a notification");

  // What came while the connection was lost is told when it is back, and nothing twice.
  await withdraw();
  await expect(sam.panel).not.toContainText("May I waive the fee?");
  await lookElsewhere(page);
  await page.context().setOffline(true);
  await expect(sam.supervisor.statement).toHaveText(/Reconnecting/);
  await raise("It has become urgent");
  await page.context().setOffline(false);
  await expect.poll(() => desktop.shown()).toHaveLength(2);
  expect((await desktop.shown()).at(-1)?.body).toBe("Hana Sato: It has become urgent");
  await agent.end();
});
