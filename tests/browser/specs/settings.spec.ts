import { expectAccessible, expectAccessibleInBoth } from "../support/axe";
import { PASSWORD } from "../support/people";
import { expect, test } from "../support/test";

test("somebody sees where they are signed in, ends what is not theirs, and keeps their page", async ({ stage }) => {
  const { page } = await stage.supervisor();
  const other = await stage.visitor();
  await other.signIn("supervisor1");
  await expect(other.page.getByText("Connected")).toBeVisible();
  await page.getByRole("button", { name: "Account: Sam Okafor" }).click();
  await page.getByRole("menuitem", { name: "Settings" }).click();
  await expect(page).toHaveURL(/\/supervisor\/settings$/);
  const list = page.getByRole("table", { name: "Where you’re signed in" });
  await expect(list.getByRole("row").filter({ hasText: "this one" })).toHaveCount(1);
  await expect(list.getByRole("row").filter({ hasText: "connected now" })).toContainText("Chrome on Linux");
  await expectAccessibleInBoth(page, "settings");
  await page.getByRole("button", { name: "Sign out everywhere else" }).click();
  await expect(page.getByText("Signed out everywhere else")).toBeVisible();
  await expect(list.getByRole("row").filter({ hasText: "Chrome" })).toHaveCount(1);
  await expect(other.page).toHaveURL(/\/login$/);
  await expect(page.getByText("Connected")).toBeVisible();

  // The shortcuts of the role's page are reached from here, too.
  await page.getByRole("button", { name: "Show the shortcuts…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).click();
});

test("another password: the present one is asked for, and the page goes on signed in", async ({ stage }) => {
  const agent = await stage.visitor();
  const { page } = agent;
  await agent.signIn("agent4");
  await expect(page.getByText("Connected")).toBeVisible();
  await page.goto("/agent/settings");
  const present = page.getByLabel("Current password");
  const wanted = page.getByLabel("New password", { exact: true });
  const again = page.getByLabel("New password again");
  const change = async (current: string, next: string) => {
    await present.fill(current);
    await wanted.fill(next);
    await again.fill(next);
    await page.getByRole("button", { name: "Change password" }).click();
  };
  await change("not this one", "a newer password");
  await expect(page.getByRole("alert").filter({ hasText: "That isn’t your present password." })).toBeVisible();
  await change(PASSWORD, "short");
  await expect(page.getByRole("alert").filter({ hasText: "At least 8 characters." })).toBeVisible();
  await expectAccessible(page, "settings of an agent");
  for (const [current, next] of [
    [PASSWORD, "a newer password"],
    ["a newer password", PASSWORD],
  ] as const) {
    const loaded = page.waitForEvent("load");
    await change(current, next);
    await loaded;
    await expect(page).toHaveURL(/\/agent\/settings$/);
    await expect(present).toHaveValue("");
    await expect(page.getByText("Connected")).toBeVisible();
  }
});

test("the settings speak Japanese, and how loud it rings is kept", async ({ stage }) => {
  const agent = await stage.visitor();
  const { page } = agent;
  await agent.signIn("agent4");
  await expect(page.getByText("Connected")).toBeVisible();
  await page.goto("/agent/settings");
  await page.getByLabel("Ringing").selectOption({ label: "40 %" });
  await page.reload();
  await expect(page.getByLabel("Ringing")).toHaveValue("40");
  await page.getByRole("banner").getByRole("button", { name: "Language: English" }).click();
  await page.getByRole("menuitemradio", { name: "日本語" }).click();
  await expect(page.getByRole("heading", { name: "サインイン中の場所" })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "この画面" })).toContainText("LinuxのChrome");
  await expectAccessible(page, "settings, in Japanese");
});
