import type { Page } from "@playwright/test";
import { goTo, save } from "../support/admin";
import { expectAccessible, expectAccessibleInBoth, speak } from "../support/axe";
import { expect, test } from "../support/test";

// A server of its own: what an administrator chooses holds for everybody.
test.use({ demoCalls: 1 });

const PASSWORD = "a good password";

test("an administrator makes an agent, who signs in; every change is in the record", async ({ stage }) => {
  test.setTimeout(240_000);
  const admin = await stage.visitor();
  await admin.signIn("admin");
  const { page } = admin;
  await page.getByRole("link", { name: "Admin" }).click();
  await expect(page.getByRole("heading", { name: "Users" })).toBeVisible();
  await expect(page.getByRole("row", { name: /Ana Duarte/ })).toBeVisible();
  await expectAccessibleInBoth(page, "admin, users");

  await goTo(page, "Teams & queues");
  await page.getByRole("button", { name: "New team" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("Returns");
  await save(page, "Returns");
  await page.getByRole("button", { name: "New queue" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Returns & Refunds");
  await expect(dialog.getByLabel("Key")).toHaveValue("returns-refunds");
  await dialog.getByLabel("Team").selectOption({ label: "Returns" });
  await dialog.getByLabel("Conversations").selectOption({ label: "Agents pick from a list; several may join" });
  await expectAccessible(page, "admin, a queue");
  await save(page, "Returns & Refunds");

  await goTo(page, "Skills & whispering");
  await page.getByRole("button", { name: "New skill" }).click();
  await dialog.getByLabel("Name").fill("Japanese");
  await save(page, "Japanese");

  await goTo(page, "Users");
  await page.getByRole("button", { name: "New user" }).click();
  // What is missing is said beside each field, and nothing is sent.
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(dialog.getByRole("alert")).toContainText("fix the highlighted fields");
  await expect(dialog.getByLabel("Username")).toHaveAccessibleDescription("Required.");
  await dialog.getByLabel("Name", { exact: true }).fill("Noor Haddad");
  await dialog.getByLabel("Username").fill("noor");
  await dialog.getByLabel("Password").fill(PASSWORD);
  await dialog.getByRole("group", { name: "Teams" }).getByLabel("Returns").check();
  await dialog.getByRole("group", { name: "Queues served" }).getByLabel("Returns & Refunds").check();
  await dialog.getByRole("group", { name: "Skills" }).getByLabel("Japanese").check();
  await expectAccessible(page, "admin, a user");
  await save(page, "Noor Haddad");
  const row = page.getByRole("row", { name: /Noor Haddad/ });
  for (const cell of ["Agent", "Returns", "Returns & Refunds", "Japanese"]) {
    await expect(row.getByRole("cell", { name: cell, exact: true })).toBeVisible();
  }

  const noor = await stage.visitor();
  await noor.signIn("noor", PASSWORD);
  await expect(noor.page).toHaveURL(/\/agent$/);
  await expect(noor.page.getByRole("heading", { name: "Not ready" })).toBeVisible();

  await goTo(page, "Teams & queues");
  await page.getByRole("table", { name: "Queues" }).getByRole("button", { name: "Support" }).click();
  await dialog.getByLabel("Download transcript").uncheck();
  await save(page, "Support");

  await goTo(page, "Audit");
  const made = page.getByRole("row", { name: /Noor Haddad/ });
  await expect(made).toContainText("User · created");
  await expect(made).toContainText("returns-refunds");
  await expect(made).toContainText("a new password");
  await expect(made).not.toContainText(PASSWORD);
  const switched = page.getByRole("row", { name: /Support/ });
  await expect(switched).toContainText("Download transcript");
  await expect(switched.locator("del")).toHaveText("yes");
  await expect(switched.locator("ins")).toHaveText("no");
  await expect(switched).toContainText("Administrator");
  await page.getByLabel("Kind").selectOption({ label: "Queue" });
  await expect(made).toHaveCount(0);
  await expect(switched).toBeVisible();
  await expectAccessibleInBoth(page, "admin, audit");
});

test("policies, the whisper rule and replies, in English and Japanese", async ({ stage }) => {
  test.setTimeout(240_000);
  const admin = await stage.visitor();
  await admin.signIn("admin");
  const { page } = admin;
  await expect(page.getByText("Connected")).toBeVisible();
  await page.goto("/admin/policies");
  await page.getByLabel("Barge tone for the caller").uncheck();
  await page.getByLabel("Conversations per agent").fill("40");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByLabel("Conversations per agent")).toHaveAccessibleDescription("1 to 20, a whole number.");
  await page.getByLabel("Conversations per agent").fill("2");
  await expectAccessible(page, "admin, policies");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status").getByText("Saved: Policies")).toBeVisible();
  await page.reload();
  await expect(page.getByLabel("Barge tone for the caller")).not.toBeChecked();
  await expect(page.getByLabel("Conversations per agent")).toHaveValue("2");

  await goTo(page, "Skills & whispering");
  await page.getByLabel("Colleagues who were tagged in").uncheck();
  await expectAccessible(page, "admin, whispering");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status").getByText("Saved: Who may whisper in text")).toBeVisible();

  await goTo(page, "Replies");
  await page.getByRole("button", { name: "New reply" }).click();
  await page.getByRole("dialog").getByLabel("Title").fill("Hello");
  await page.getByRole("dialog").getByLabel("Text").fill("Hello!\nHow can I help?");
  await save(page, "Hello");

  await speak(page, "日本語");
  await goTo(page, "定型文");
  await page.getByRole("button", { name: "Hello" }).click();
  const dialog = page.getByRole("dialog", { name: "定型文「Hello」を変更" });
  await dialog.getByLabel("キュー").selectOption({ label: "Sales" });
  await dialog.getByRole("button", { name: "保存" }).click();
  await expect(page.getByRole("row", { name: /Hello/ }).getByRole("cell", { name: "Sales" })).toBeVisible();
  await page.getByRole("button", { name: "Hello" }).click();
  await dialog.getByRole("button", { name: "削除" }).click();
  await dialog.getByRole("button", { name: "削除" }).click();
  await expect(page.getByText("まだありません。")).toBeVisible();
  await goTo(page, "変更記録");
  await expect(page.getByRole("row", { name: /ポリシー/ })).toContainText("参加時の音を顧客に鳴らす");
  await expect(page.getByRole("row", { name: /定型文/ })).toHaveCount(3);
  await expectAccessible(page, "admin, audit in Japanese");
});

// Somebody whom no other story names: they share a server.
test("of two administrators who change the same thing, the second is told", async ({ stage }) => {
  const first = await stage.visitor();
  const second = await stage.visitor();
  for (const admin of [first, second]) {
    await admin.signIn("admin");
    await expect(admin.page.getByText("Connected")).toBeVisible();
    await admin.page.goto("/admin/users");
    await admin.page.getByRole("button", { name: "Carlos Mendes" }).click();
  }
  const form = (page: Page) => page.getByRole("dialog");
  await form(first.page).getByLabel("Name", { exact: true }).fill("Carlos Mendes Vega");
  await save(first.page, "Carlos Mendes Vega");
  await form(second.page).getByLabel("Name", { exact: true }).fill("Carlos M.");
  await form(second.page).getByRole("button", { name: "Save" }).click();
  await expect(form(second.page).getByRole("alert")).toContainText("Someone else has changed this in the meantime");
  await form(second.page).getByRole("button", { name: "Reload" }).click();
  await expect(form(second.page).getByLabel("Name", { exact: true })).toHaveValue("Carlos Mendes Vega");
  // By keyboard: Escape closes, and the focus is back where it came from.
  await second.page.keyboard.press("Escape");
  await expect(form(second.page)).toHaveCount(0);

  // Nobody can take the last right to administer away.
  await second.page.getByRole("table", { name: "Users" }).getByRole("button", { name: "Administrator" }).click();
  await form(second.page).getByLabel("Administer", { exact: true }).uncheck();
  await form(second.page).getByRole("button", { name: "Save" }).click();
  await expect(form(second.page).getByRole("alert")).toContainText("This is the last administrator");
});

test("a supervisor finds no way to the administrator's page", async ({ stage }) => {
  const { page } = await stage.supervisor();
  await expect(page.getByRole("link", { name: "Admin" })).toHaveCount(0);
  await page.goto("/admin/users");
  await expect(page).toHaveURL(/\/supervisor$/);
  expect((await page.request.get("/api/v1/admin/users")).status()).toBe(403);
});
