import { conversation } from "../support/desk";
import { Overseer } from "../support/overseer";
import { expect, test } from "../support/test";
import { take } from "../support/tour";

// With calls around, as on a working day.
test.use({ demoCalls: 6, manner: "turns" });

test("the tour of text", async ({ stage }) => {
  test.setTimeout(300_000);
  const { requester, agent } = await conversation(stage, "Daniel Ortiz");
  const sam = new Overseer(await stage.supervisor());
  const ana = agent.person.page;
  await requester.write("Hi, I sent the headphones back on the 3rd and there is still no refund.");
  await agent.say("Thank you, Daniel. The parcel arrived on the 6th. Let me check the refund.");
  await requester.write(
    "I have been waiting for this refund since last week. Honestly, I am about to dispute the charge.",
  );
  await ana.getByRole("tab", { name: /Daniel Ortiz/ }).click();
  await agent.ask("POST", "help", { action: "raise", reason: "Refund is stuck, can I pay it by hand?" });

  const { page } = sam;
  await expect(page.getByRole("alert", { name: "Help requested" })).toContainText("Refund is stuck");
  await page.getByRole("link", { name: /^Help/ }).click();
  await expect(page.getByText("Refund is stuck").first()).toBeVisible();
  await take(page, "help-requested");
  await page.getByRole("link", { name: /^Live/ }).click();

  await sam.open("Daniel Ortiz");
  await page.keyboard.press("l");
  await sam.isIn("Listen");
  await page.keyboard.press("t");
  await sam.isIn("Whisper");
  await sam.write("Private", "Ana, pay it by hand, up to 150. Tell him two days, not five.");
  await take(page, "supervisor-chat");
  await expect(ana.getByRole("article").filter({ hasText: "Tell him two days" })).toBeVisible();
  await take(ana, "agent-chat");
  await agent.say("I pay it by hand now: you have it in two days.");
  await expect(requester.log.getByText("in two days")).toBeVisible();
  await take(requester.page, "customer-chat");

  await sam.panel.getByRole("button", { name: /Stop/ }).click();
  await sam.isIn("Off");
  await agent.end();
  await page.getByRole("link", { name: "History" }).click();
  await page.getByRole("row").filter({ hasText: "Daniel Ortiz" }).getByRole("button").click();
  await expect(page.getByText("Tell him two days").first()).toBeVisible();
  await take(page, "record");
});
