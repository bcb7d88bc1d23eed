import { readFile } from "node:fs/promises";
import { expectAccessible, expectAccessibleInBoth } from "../support/axe";
import { expect, test } from "../support/test";

test("an agent is set from the board, followed from call to call, and all of it is reported", async ({ stage }) => {
  test.setTimeout(240_000);
  const supervisor = await stage.supervisor();
  const { page } = supervisor;
  const { caller, agent } = await stage.call("Daniel Ortiz");
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Board" }).click();
  const row = page.getByRole("row").filter({ hasText: "Ana Duarte" });
  await expect(row).toContainText("On a call");
  // The day may have had calls before: other tests are played on the same server. This one counts already.
  const answeredToday = async () => Number.parseInt(await row.getByRole("cell").nth(3).innerText(), 10) || 0;
  const before = await answeredToday();
  await expect(row.getByRole("button", { name: "Open the call with Daniel Ortiz" })).toBeVisible();
  await expectAccessibleInBoth(page, "agent board");

  // The call of this moment, and the next one: by the same way as a click on Listen.
  await row.getByRole("button", { name: "Follow Ana Duarte" }).click();
  await expect(page.getByText(/^Following Ana Duarte: you’ll listen to each call as it comes in/)).toBeVisible();
  await expect(supervisor.statement).toHaveText(/Listening – nobody hears you/);
  await caller.hangUp();
  await expect(supervisor.statement).toHaveText(/Not on a call/);
  const next = await stage.caller();
  await next.call("Nora Lind");
  await agent.rings("Nora Lind");
  await agent.accept();
  await expect(supervisor.statement).toHaveText(/Listening – nobody hears you/);
  // A Stop is meant: this call is not listened to again.
  await page.getByRole("banner").getByRole("button", { name: /Stop/ }).click();
  await expect(supervisor.statement).toHaveText(/Not on a call/);
  await page.waitForTimeout(1500);
  await expect(supervisor.statement).toHaveText(/Not on a call/);
  await page.getByRole("button", { name: "Stop following" }).click();
  await next.hangUp();

  await row.getByRole("button", { name: "Actions for Ana Duarte" }).click();
  await page.getByRole("menuitem", { name: "Set to not ready" }).click();
  await expect(row).toContainText("Not ready · set by a supervisor");
  await expect(agent.page.getByText("set by a supervisor")).toBeVisible();
  // Today's figures are up to ten seconds old.
  await expect.poll(answeredToday, { timeout: 20_000 }).toBeGreaterThanOrEqual(before + 1);
  const answered = await answeredToday();

  await page.getByRole("link", { name: "Queues" }).click();
  const queue = page.getByRole("row").filter({ hasText: "Support" });
  await expect(queue).toContainText(/\d+ %/, { timeout: 20_000 });
  await expect(queue).toContainText("goal 80 % in 20 s");
  await expectAccessibleInBoth(page, "queues");
  await page.getByRole("link", { name: "Wallboard" }).click();
  await expect(page.getByRole("region", { name: "Wallboard" })).toContainText("Support");
  await expect(page.getByRole("region", { name: "Wallboard" })).not.toContainText("Ana");
  await expectAccessible(page, "wallboard");

  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Reports" }).click();
  await page.getByRole("link", { name: "Calls", exact: true }).click();
  await page.getByRole("combobox", { name: "Group by" }).selectOption({ label: "By agent" });
  await expect(page.getByRole("table", { name: "By agent" }).getByRole("row").filter({ hasText: "Ana" })).toContainText(
    String(answered),
  );
  await expectAccessibleInBoth(page, "report of calls");
  await expect(page.getByRole("link", { name: "Supervision" })).toHaveCount(0);
});

test("who supervised whom is told to the administrator, with a file for the works council", async ({ stage }) => {
  test.setTimeout(180_000);
  const supervisor = await stage.supervisor();
  const { caller } = await stage.call("Daniel Ortiz");
  await supervisor.open("Daniel Ortiz");
  await supervisor.choose("Listen");
  await supervisor.choose("Whisper");
  await caller.hangUp();
  await supervisor.isIn("Off");

  const admin = await stage.visitor();
  await admin.signIn("admin");
  await expect(admin.page.getByText("Connected")).toBeVisible();
  await admin.page.goto("/supervisor/reports/supervision");
  // The latest comes first; what others did on this server before stands below.
  const latest = (text: string) => admin.page.getByRole("table").getByRole("row").filter({ hasText: text }).first();
  await expect(latest("Whisper")).toContainText("Ana Duarte");
  await expect(latest("Whisper")).toContainText("the call ended");
  await expect(latest("changed mode")).toContainText("Listen");
  await expectAccessibleInBoth(admin.page, "report of supervision");
  const [download] = await Promise.all([
    admin.page.waitForEvent("download"),
    admin.page.getByRole("button", { name: "CSV" }).click(),
  ]);
  const csv = await readFile(await download.path(), "utf8");
  expect(csv).toMatch(/^\ufefffrom,until,seconds,supervisor,mode,agents/);
  expect(csv).toContain("Sam Okafor,whisper,Ana Duarte,support,call,");
});

test("the board speaks Japanese", async ({ stage }) => {
  const { page } = await stage.supervisor();
  await page.getByRole("button", { name: "Language: English" }).click();
  await page.getByRole("menuitemradio", { name: "日本語" }).click();
  await page.getByRole("link", { name: "ボード" }).click();
  await expect(page.getByRole("columnheader", { name: "本日の不応答" })).toBeVisible();
  await expect(page.getByRole("row").filter({ hasText: "Luis Herrera" })).toContainText("オフライン");
  await expectAccessible(page, "agent board, in Japanese");
});
