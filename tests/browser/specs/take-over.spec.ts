import { expectAccessible } from "../support/axe";
import { conversation } from "../support/desk";
import { SILENCE_DBFS } from "../support/ears";
import { hears } from "../support/hearing";
import { Overseer } from "../support/overseer";
import { expect, test } from "../support/test";
import { PITCH_HZ } from "../support/voices";

test("a call is taken over and handed back: everyone hears what they should, and is told", async ({ stage }) => {
  test.setTimeout(180_000);
  const { caller, agent } = await stage.call("Greta Lund");
  const supervisor = await stage.supervisor();
  const { page } = supervisor;
  const step = supervisor.panel.getByRole("region", { name: "Take-over" });
  const dialog = page.getByRole("alertdialog", { name: /You’ll speak with Greta instead of Ana/ });
  await supervisor.open("Greta Lund");
  await supervisor.choose("Listen");
  await expect(step, "it follows on Barge").toHaveCount(0);
  await supervisor.choose("Barge");
  await hears(caller, ["agent", "supervisor"]);

  await test.step("it is asked about, and begins on Cancel", async () => {
    await step.getByRole("button", { name: /Take the call over/ }).click();
    await expect(dialog.getByRole("button", { name: "Cancel" })).toBeFocused();
    await expect(dialog).toContainText("Ana will be told, and will hear what you and Greta say.");
    await expectAccessible(page, "before a take-over");
    await page.keyboard.press("Enter");
    await expect(dialog).toBeHidden();
    await supervisor.isIn("Barge");
  });

  await test.step("the caller talks with the supervisor, and the agent hears on, muted", async () => {
    await page.locator("body").press("o");
    await dialog.getByRole("button", { name: /Yes, take over/ }).click();
    await expect(supervisor.statement).toHaveText(/Call taken over – the caller hears you, nobody hears the agent/);
    await expect(page).toHaveTitle(/Call taken over/);
    await caller.talksWith("Sam");
    await hears(caller, ["supervisor"]);
    await hears(agent, ["caller", "supervisor"]);
    await hears(supervisor, ["caller"]);
    const [voice] = await caller.ears.listen([PITCH_HZ.agent], 2000);
    expect(voice?.lasting, "the agent's voice at the caller, dBFS").toBeLessThan(SILENCE_DBFS);
    await expect(agent.banner).toContainText("Sam has taken the call over – nobody hears you.");
    await expect(agent.banner).toContainText("Sam is speaking with Greta, and you can hear them.");
    await expectAccessible(page, "a call taken over");
    await expectAccessible(agent.page, "the agent of a call taken over");
  });

  await test.step("the agent directs nothing meanwhile, and is told why", async () => {
    await agent.page.getByRole("button", { name: /^Hold/ }).click();
    await expect(agent.page.getByText("A supervisor has taken it over.")).toBeVisible();
    await caller.talksWith("Sam");
  });

  await test.step("handed back, the agent is with the caller at once", async () => {
    await step.getByRole("button", { name: /Hand the call back/ }).click();
    await supervisor.isIn("Barge");
    await caller.talksWith("Ana", "Sam");
    await hears(caller, ["agent", "supervisor"]);
    await expect(agent.banner).toContainText("Sam has joined the call");
  });

  await test.step("and is so, too, when the supervisor goes out of a take-over", async () => {
    await page.locator("body").press("o");
    await dialog.getByRole("button", { name: /Yes, take over/ }).click();
    await hears(caller, ["supervisor"]);
    await page.locator("body").press("s");
    await supervisor.isIn("Off");
    await caller.talksWith("Ana");
    await hears(caller, ["agent"]);
    await expect(agent.banner).toHaveCount(0);
  });
});

test("a conversation is taken over and handed back", async ({ stage }) => {
  const { requester, agent } = await conversation(stage, "Ines Prado");
  await requester.write("Nobody answers me.");
  const sam = new Overseer(await stage.supervisor());
  const { page } = sam;
  const ana = agent.person.page;
  const step = sam.panel.getByRole("region", { name: "Take-over" });
  await ana.getByRole("tab", { name: /Ines Prado/ }).click();
  await sam.open("Ines Prado");
  await page.keyboard.press("l");
  await sam.isIn("Listen");
  await sam.mode("Barge").click();
  await sam.dialog.getByRole("button", { name: "Yes, I’m sure" }).click();
  await sam.isIn("Barge");
  await step.getByRole("button", { name: /Take the conversation over/ }).click();
  const dialog = page.getByRole("alertdialog", { name: /You’ll write to Ines instead of Ana/ });
  await expectAccessible(page, "before a conversation is taken over");
  await dialog.getByRole("button", { name: /Yes, take over/ }).click();

  await expect(sam.panel).toContainText("You write to Ines, the agent can’t");
  await expect(ana.getByText("Sam has taken over: you can read along until it’s handed back")).toBeVisible();
  await sam.tab("Public").click();
  await sam.write("Public", "Ines, I am looking after this myself.");
  await expect(requester.log.getByText("looking after this myself")).toBeVisible();
  await expect(ana.getByRole("article").filter({ hasText: "looking after this myself" })).toBeVisible();
  await ana.getByRole("tab", { name: /^Public/ }).click();
  await expect(ana.getByRole("textbox", { name: /^Message to / }), "the agent's field").toHaveCount(0);
  await expect(ana.getByText("Sam has taken the conversation over and writes to Ines.")).toBeVisible();
  expect(requester.told.filter((message) => message.includes("take_over"))).toEqual([]);

  await step.getByRole("button", { name: /Hand the conversation back/ }).click();
  await sam.isIn("Barge");
  await agent.say("Here I am again, Ines.");
  await expect(requester.log.getByText("Here I am again")).toBeVisible();
});
