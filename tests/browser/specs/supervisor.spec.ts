import type { Page } from "@playwright/test";
import { PASSWORD, type Supervisor } from "../support/people";
import { expect, test } from "../support/test";

// Calls between recorded people: here only the supervisor is at a browser.
test.use({ demoCalls: 3 });

/** A call that is under way, opened. */
async function atCall(supervisor: Supervisor): Promise<void> {
  await supervisor.calls.first().click();
  await expect(supervisor.panel).toBeVisible();
}

test("V whispers while it is held, and a window without the keyboard lets go", async ({ stage }) => {
  const supervisor = await stage.supervisor();
  const { keyboard } = supervisor.page;
  await atCall(supervisor);
  await keyboard.press("l");
  await supervisor.isIn("Listen");

  await keyboard.down("v");
  await supervisor.isIn("Whisper");
  await expect(supervisor.panel.getByRole("button", { name: /^You’re whispering/ })).toBeVisible();
  await keyboard.up("v");
  await supervisor.isIn("Listen");

  await keyboard.down("v");
  await supervisor.isIn("Whisper");
  // The browser under test never takes the focus from a page: this is what it would tell the page.
  await supervisor.page.evaluate(() => window.dispatchEvent(new Event("blur")));
  await supervisor.isIn("Listen");
  await keyboard.up("v");
  await supervisor.isIn("Listen");

  await keyboard.press("s");
  await supervisor.isIn("Off");
});

test("in Listen nothing is sent, and the count on the page is the true one", async ({ stage }) => {
  const supervisor = await stage.supervisor();
  await atCall(supervisor);
  await supervisor.choose("Listen");
  const microphone = supervisor.panel.getByRole("region", { name: "Microphone" });
  await expect(microphone).toContainText("Microphone off");
  await expect(microphone).toContainText("Sent 0 packets · the server’s gate is closed too");
  const before = await supervisor.ears.sent();
  await supervisor.page.waitForTimeout(2000);
  expect(await supervisor.ears.sent(), "packets sent in Listen").toBe(before);

  await supervisor.choose("Whisper");
  await expect(microphone).toContainText("Microphone live");
  await expect(microphone).toContainText(/Heard by \S+ only · 0 to the caller/);
  await expect.poll(() => supervisor.ears.sent()).toBeGreaterThan(before + 25);

  await supervisor.choose("Listen");
  await expect(microphone).toContainText("Sent 0 packets");
  const after = await supervisor.ears.sent();
  await supervisor.page.waitForTimeout(2000);
  expect(await supervisor.ears.sent(), "packets sent in Listen again").toBe(after);
  await supervisor.page.keyboard.press("s");
});

test("shortcuts can be switched off, and stay so", async ({ stage }) => {
  const supervisor = await stage.supervisor();
  const { page } = supervisor;
  await atCall(supervisor);
  await page.keyboard.press("?");
  const dialog = page.getByRole("dialog", { name: "Keyboard shortcuts" });
  await dialog.getByText("Single-key shortcuts").click();
  await expect(dialog.getByRole("switch")).not.toBeChecked();
  await page.keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await page.keyboard.press("l");
  await page.waitForTimeout(1000);
  await supervisor.isIn("Off");

  await page.reload();
  await atCall(supervisor);
  await page.keyboard.press("l");
  await page.waitForTimeout(1000);
  await supervisor.isIn("Off");
  await page.getByRole("button", { name: "Keyboard shortcuts" }).click();
  await dialog.getByText("Single-key shortcuts").click();
  await dialog.getByRole("button", { name: "Close" }).click();
  await page.keyboard.press("l");
  await supervisor.isIn("Listen");
  await page.keyboard.press("s");
  await supervisor.isIn("Off");
});

test("a letter in the search is a letter, not a shortcut", async ({ stage }) => {
  const supervisor = await stage.supervisor();
  const { page } = supervisor;
  await atCall(supervisor);
  await page.keyboard.press("/");
  await expect(page.getByRole("searchbox", { name: "Search" })).toBeFocused();
  await page.keyboard.type("lwbs");
  await expect(page.getByText("No matches")).toBeVisible();
  await supervisor.isIn("Off");
  await page.getByRole("button", { name: "Show all" }).click();
  await expect(supervisor.calls.first()).toBeVisible();
});

test("everything by keyboard alone", async ({ stage }) => {
  const { page } = await stage.visitor();
  const { keyboard } = page;
  await page.goto("/login");
  await expect(page.getByLabel("Username")).toBeFocused();
  await keyboard.type("supervisor2");
  await keyboard.press("Tab");
  await keyboard.type(PASSWORD);
  await keyboard.press("Enter");

  const rows = page.getByRole("grid", { name: "Live calls" }).locator("tr[aria-selected]");
  await expect(rows.first()).toBeVisible();
  await tabTo(page, "the first row", (element) => element.matches("tr[aria-selected]"));
  const [first, second] = [rows.nth(0), rows.nth(1)];
  await expect(first).toBeFocused();
  await keyboard.press("ArrowDown");
  await expect(second).toBeFocused();
  await keyboard.press("ArrowUp");
  await expect(first).toBeFocused();
  await keyboard.press("Enter");
  const modes = page.getByRole("radiogroup", { name: "Who hears you" });
  const mode = (name: string) => modes.getByRole("radio", { name: new RegExp(`^${name}`) });
  await expect(modes).toBeVisible();
  await keyboard.press("l");
  await expect(mode("Listen")).toBeChecked();

  await tabTo(page, "the group of modes", (element) => element.matches("[role=radio]"));
  await expect(mode("Listen")).toBeFocused();
  expect(
    await mode("Listen").evaluate((element) => getComputedStyle(element).outlineStyle),
    "a ring shows the focus",
  ).not.toBe("none");
  await keyboard.press("ArrowRight");
  await expect(mode("Whisper")).toBeFocused();
  await expect(mode("Listen"), "moving the focus chooses nothing").toBeChecked();
  await keyboard.press("Space");
  await expect(mode("Whisper")).toBeChecked();
  await keyboard.press("Escape");
  await page.waitForTimeout(500);
  await expect(mode("Whisper"), "Esc never changes who hears you").toBeChecked();

  await keyboard.press("b");
  const dialog = page.getByRole("alertdialog", { name: "Everyone will hear you" });
  await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
  await keyboard.press("Escape");
  await expect(dialog).toBeHidden();
  await expect(mode("Whisper")).toBeChecked();
  await keyboard.press("b");
  await expect(dialog).toBeVisible();
  await keyboard.press("Tab");
  await expect(dialog.getByRole("button", { name: "Yes, I’m sure" })).toBeFocused();
  await keyboard.press("Enter");
  await expect(mode("Barge")).toBeChecked();
  await keyboard.press("l");
  await expect(mode("Listen")).toBeChecked();
  await keyboard.press("s");
  await expect(modes.getByRole("radio", { checked: true })).toHaveCount(0);
});

/** Tab, until the focus is where it is wanted. */
async function tabTo(page: Page, what: string, isThere: (element: Element) => boolean): Promise<void> {
  const seen: string[] = [];
  for (let i = 0; i < 40; i += 1) {
    await page.keyboard.press("Tab");
    const focus = page.locator(":focus");
    if ((await focus.count()) === 0) continue;
    if (await focus.evaluate(isThere)) return;
    seen.push(
      await focus.evaluate((element) =>
        (element.getAttribute("aria-label") ?? element.textContent ?? "").trim().slice(0, 30),
      ),
    );
  }
  throw new Error(`the focus never came to ${what}; it was on ${seen.join(" | ")}`);
}
