import type { Page } from "@playwright/test";
import { expectAccessible, expectAccessibleInBoth } from "../support/axe";
import { expect, test } from "../support/test";

const openList = async (page: Page) => {
  await page.getByRole("navigation").getByRole("link", { name: "Agents" }).click();
  await expect(page.getByRole("heading", { name: /^Agents/ })).toBeVisible();
};
const start = async (page: Page, name: string) => {
  await page.getByRole("button", { name }).click();
  await page.getByRole("menuitem", { name: "Start a chat" }).click();
};

test("two agents write to each other", async ({ stage }) => {
  test.setTimeout(180_000);
  const { page: ana } = await stage.agent("agent1");
  const other = await stage.agent("agent2");
  const { page: luis } = other;
  expect((await other.ask("PUT", "/me/presence", { state: "not_ready" })).status).toBeLessThan(300);
  await openList(ana);
  await expect(ana.getByRole("button", { name: /Luis Herrera Not ready/ })).toBeVisible();
  await expect(ana.getByText("Lena Fischer")).toHaveCount(0);
  await expectAccessibleInBoth(ana, "colleagues");

  await start(ana, "Luis Herrera");
  const hers = ana.getByRole("dialog", { name: "Chat with Luis Herrera" });
  const field = hers.getByRole("textbox");
  await expect(field).toBeFocused();
  await field.pressSequentially("Got a minute?");
  await field.press("Enter");
  await expect(hers.getByRole("log")).toContainText("Got a minute?");
  const herTab = ana.getByRole("button", { name: /^Chat with Luis Herrera/ });
  await expect(herTab).toContainText("not answered yet");

  // The number blinks, unless motion is not wanted.
  const hisTab = luis.getByRole("button", { name: /^Chat with Ana Duarte/ });
  await expect(hisTab).toContainText("1 new");
  const motion = () =>
    hisTab
      .locator("span", { hasText: /^1/ })
      .first()
      .evaluate((element) => getComputedStyle(element).animationName);
  await luis.emulateMedia({ reducedMotion: "no-preference" });
  expect(await motion()).not.toBe("none");
  await luis.emulateMedia({ reducedMotion: "reduce" });
  expect(await motion()).toBe("none");
  await openList(luis);
  await expect(luis.getByRole("listitem").filter({ hasText: "Ana Duarte" }).first()).toContainText("1 new");
  await expectAccessible(luis, "a colleague wrote");

  await hisTab.click();
  const his = luis.getByRole("dialog", { name: "Chat with Ana Duarte" });
  await expect(his.getByRole("log")).toContainText("Got a minute?");
  await expect(hisTab).not.toContainText("new");
  await expect(herTab).toContainText("not answered yet");
  await his.getByRole("textbox").fill("Sure\nwhat is it?");
  await his.getByRole("button", { name: "Send" }).click();
  await expect(hers.getByRole("log")).toContainText("what is it?");
  await expect(herTab).not.toContainText("not answered yet");
  await expectAccessibleInBoth(ana, "a chat with a colleague");

  // A draft is kept while the window is down, the messages through a reload.
  await field.fill("half a thought");
  await herTab.click();
  await expect(hers).toHaveCount(0);
  await herTab.click();
  await expect(field).toHaveValue("half a thought");
  await luis.reload();
  await hisTab.click();
  await expect(his.getByRole("log")).toContainText("what is it?");

  await hers.getByRole("button", { name: "End", exact: true }).click();
  await expect(hers).toHaveCount(0);
  await expect(herTab).toHaveCount(0);
  await expect(his.getByText("This chat has ended.")).toBeVisible();
  await his.getByRole("button", { name: "Close the window" }).click();
  await expect(hisTab).toHaveCount(0);
});

test("a supervisor writes across groups, and nobody's page is in the way of it", async ({ stage }) => {
  const { page: sam } = await stage.supervisor();
  const { page: lena } = await stage.agent("agent5");
  await openList(sam);
  await start(sam, "Lena Fischer");
  const window = sam.getByRole("dialog", { name: "Chat with Lena Fischer" });
  await window.getByRole("textbox").fill("Welcome!");
  await window.getByRole("button", { name: "Send" }).click();
  await expect(lena.getByRole("button", { name: /^Chat with Sam Okafor/ })).toContainText("1 new");
  await window.getByRole("textbox").press("Escape");
  await expect(window).toHaveCount(0);
  await sam.getByRole("navigation").getByRole("link", { name: "Live" }).click();
  await expect(sam.getByRole("button", { name: /^Chat with Lena Fischer/ })).toBeVisible();
  await openList(lena);
  await expect(lena.getByText("Ana Duarte")).toHaveCount(0);
});
