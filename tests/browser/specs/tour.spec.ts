import { speak } from "../support/axe";
import { VOICE_DBFS } from "../support/ears";
import { expect, test } from "../support/test";
import { TAKES, take } from "../support/tour";
import { PITCH_HZ } from "../support/voices";

// With other calls around, as on a working day.
test.use({ demoCalls: 6, manner: "turns" });

/** They talk for a while, so that the last minutes are not empty. */
const TALK_MS = TAKES ? 100_000 : 0;
const COACHING_MS = TAKES ? 20_000 : 0;

test("the tour", async ({ stage }) => {
  test.setTimeout(300_000);
  const { page: login } = await stage.visitor();
  await login.goto("/login");
  await expect(login.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await take(login, "login");

  const supervisor = await stage.supervisor();
  const { page } = supervisor;
  const { caller, agent } = await stage.call("Marek Novák");
  await page.waitForTimeout(TALK_MS);
  const reason = "Wants to cancel. Can I make the retention offer?";
  await agent.page.getByRole("button", { name: "Ask for help" }).click();
  await agent.page.getByRole("dialog").getByRole("textbox").fill(reason);
  await agent.page.getByRole("dialog").getByRole("button", { name: "Ask for help" }).click();
  const help = page.getByRole("alert", { name: "Help requested" });
  await expect(help).toContainText(/Ana .*asks for help/);
  await expect(help).toContainText(reason);
  await page.waitForTimeout(COACHING_MS);

  await page.keyboard.press("h");
  await supervisor.isIn("Listen");
  await expect(agent.page.getByText("Sam is helping")).toBeVisible();
  await expect(supervisor.panel).toContainText("Nobody hears you");
  await expect(supervisor.panel).toContainText("Sent 0 packets");
  await page.waitForTimeout(COACHING_MS);
  await take(page, "supervisor-listen");

  await supervisor.choose("Whisper");
  await expect(agent.banner).toContainText("only you can hear this");
  await expect(supervisor.panel).toContainText("Microphone live");
  await page.waitForTimeout(COACHING_MS);
  await take(page, "supervisor-whisper");
  // While the supervisor speaks, and the agent hears it.
  await expect
    .poll(async () => (await agent.ears.listen([PITCH_HZ.supervisor], 300))[0]?.lasting ?? 0, { intervals: [0] })
    .toBeGreaterThan(VOICE_DBFS);
  await take(agent.page, "agent-coached", 0);
  await caller.talksWith("Ana");
  await take(caller.page, "caller");

  await page.emulateMedia({ colorScheme: "dark" });
  await take(page, "supervisor-whisper-dark");
  await page.emulateMedia({ colorScheme: "light" });
  await speak(page, "日本語");
  await expect(supervisor.statement).toHaveText("ささやき中 – あなたの声はAnaさんだけに聞こえます");
  await take(page, "supervisor-ja");
  await speak(page, "English");

  await supervisor.choose("Barge");
  await expect(supervisor.panel).toContainText("Everyone hears you");
  await take(page, "supervisor-barge");

  await page.locator("body").press("o");
  await page
    .getByRole("alertdialog")
    .getByRole("button", { name: /Yes, take over/ })
    .click();
  await expect(supervisor.statement).toHaveText(/Call taken over/);
  await caller.talksWith("Sam");
  await page.waitForTimeout(COACHING_MS);
  await take(page, "supervisor-take-over");
  await expect(agent.banner).toContainText("Sam has taken the call over");
  await take(agent.page, "agent-taken-over");
});
