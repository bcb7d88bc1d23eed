import { administrator, goTo, save } from "../support/admin";
import { expectAccessible, expectAccessibleInBoth, speak } from "../support/axe";
import { expect, test } from "../support/test";

// A server of its own: what an administrator chooses holds for everybody.
test.use({ demoCalls: 0 });

/** Days ahead of today, by the clocks of UTC: the name in a form, and the day as guests read it. */
function dayIn(days: number): { name: string; date: string } {
  const at = new Date(Date.now() + days * 86_400_000);
  const written = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options }).format(at);
  return { name: written({ weekday: "long" }), date: written({ day: "numeric", month: "long" }) };
}

test("a centre with a name, a colour and a privacy notice, before a call and before a chat", async ({ stage }) => {
  test.setTimeout(180_000);
  const page = await administrator(stage);
  await goTo(page, "Guest pages");
  await page.getByLabel("Name").fill("Acme Care");
  await page.getByLabel("Colour").fill("#ffd60a");
  await page.getByLabel("Privacy notice").fill("http://example.com");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByLabel("Colour")).toHaveAccessibleDescription(/Choose a darker one/);
  await expect(page.getByLabel("Privacy notice")).toHaveAccessibleDescription("An address that begins with https://.");
  await page.getByLabel("Colour").fill("#0A5C8F");
  await page.getByLabel("Privacy notice").fill("https://example.com/privacy");
  await expectAccessibleInBoth(page, "admin, guest pages");
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status").getByText("Saved: Guest pages")).toBeVisible();
  await goTo(page, "Audit");
  await expect(page.getByRole("row", { name: /Guest pages/ })).toContainText("https://example.com/privacy");

  for (const guest of [await stage.caller(), await stage.requester()]) {
    await expect(guest.page.getByRole("banner")).toContainText("Acme Care");
    await expect(guest.page).toHaveTitle(/· Acme Care$/);
    const notice = guest.page.getByRole("link", { name: "Privacy notice" });
    await expect(notice).toHaveAttribute("href", "https://example.com/privacy");
    await expect(notice).toHaveAttribute("rel", "noopener noreferrer");
    const button = guest.page.getByRole("button", { name: /^(Call now|Start chat)$/ });
    await expect(button).toHaveCSS("background-color", "rgb(10, 92, 143)");
    await expectAccessible(guest.page, "a branded page");
  }
});

test("a closed queue says when it opens, in the reader's own time, and takes nobody", async ({ stage }) => {
  test.setTimeout(240_000);
  const page = await administrator(stage);
  await goTo(page, "Teams & queues");
  const queues = page.getByRole("table", { name: "Queues" });
  await queues.getByRole("button", { name: "Support" }).click();
  const dialog = page.getByRole("dialog");
  const hours = dialog.getByRole("group", { name: "Opening hours" });
  await hours.getByLabel("Open at certain hours only").check();
  await expect(hours.getByLabel("Monday")).toHaveValue("9:00–17:00");
  await hours.getByLabel("Monday").fill("9-25");
  await dialog.getByRole("button", { name: "Save" }).click();
  await expect(hours.getByLabel("Monday")).toHaveAccessibleDescription(/^Times such as 9:00–17:30/);
  for (const day of ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]) await hours.getByLabel(day).fill("");
  const opens = dayIn(3);
  await hours.getByLabel(opens.name).fill("9-12, 13-17.30");
  await hours.getByLabel("Time zone").selectOption("UTC");
  await expectAccessible(page, "admin, opening hours");
  await save(page, "Support");

  const caller = await stage.caller({ timezoneId: "Asia/Tokyo" });
  const form = caller.page;
  await form.getByLabel("Your name").fill("Noor");
  await form.getByLabel("What is it about?").selectOption({ label: "Support (closed)" });
  const closed = form.getByRole("status").filter({ hasText: "We’re closed" });
  await expect(closed).toContainText(`We open again on ${opens.name} ${opens.date} at 18:00 (your local time).`);
  await expect(form.getByRole("button", { name: "Call now" })).toBeDisabled();
  await expectAccessible(form, "a closed queue");
  await speak(form, "日本語");
  await expect(form.getByRole("status").filter({ hasText: "受付時間外" })).toContainText("18:00");
  await expectAccessible(form, "a closed queue, in Japanese");
  await speak(form, "English");
  const refused = await caller.ask<{ type: string }>("POST", "/conversations", { queue: "support" });
  expect(refused.status, "not signed in").toBe(401);
  await form.getByLabel("What is it about?").selectOption({ label: "Sales" });
  await expect(form.getByRole("button", { name: "Call now" })).toBeEnabled();

  // It closes while somebody fills in the form: said when they press the button.
  const writer = await stage.requester();
  await writer.page.getByLabel("Your name").fill("Ada");
  await writer.page.getByLabel("What is it about?").selectOption({ label: "Sales" });
  await queues.getByRole("button", { name: "Sales" }).click();
  await hours.getByLabel("Closed on").fill(new Date().toISOString().slice(0, 10));
  await hours.getByLabel("Time zone").selectOption("UTC");
  await save(page, "Sales");
  await writer.page.getByRole("button", { name: "Start chat" }).click();
  await expect(writer.page.getByRole("alert")).toContainText("We have just closed");
  await expect(writer.page.getByRole("status").filter({ hasText: "We’re closed" })).toContainText("00:00");
});

test("callers and customers are told their place in the queue where that is switched on", async ({ stage }) => {
  test.setTimeout(180_000);
  const page = await administrator(stage);
  await goTo(page, "Teams & queues");
  await page.getByRole("table", { name: "Queues" }).getByRole("button", { name: "Sales" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Place in the queue").check();
  await dialog.getByLabel("Closed on").fill("");
  await save(page, "Sales");
  const first = await stage.caller();
  await first.call("Ada", "Sales");
  await expect(first.page.getByRole("status").filter({ hasText: "You’re next" })).toBeVisible();
  const second = await stage.caller();
  await second.call("Ben", "Sales");
  await expect(second.page.getByRole("status").filter({ hasText: "You’re number 2 in the queue" })).toBeVisible();
  await expectAccessible(second.page, "a place in the queue");
  await first.hangUp();
  await expect(second.page.getByRole("status").filter({ hasText: "You’re next" })).toBeVisible();
  await speak(second.page, "日本語");
  await expect(second.page.getByRole("status").filter({ hasText: "次におつなぎします" })).toBeVisible();

  // Chats have a line of their own.
  const writer = await stage.requester();
  await writer.start("Cleo", "Sales");
  await expect(writer.log.getByText("You’re next in the queue. You can start typing")).toBeVisible();
  const behind = await stage.requester();
  await behind.start("Dan", "Sales");
  await expect(behind.log.getByText("You’re number 2 in the queue. You can start typing")).toBeVisible();
  await writer.end();
  await expect(behind.log.getByText("You’re next in the queue. You can start typing")).toBeVisible();
  await behind.end();
});
