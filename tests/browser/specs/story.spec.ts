import { SILENCE_DBFS } from "../support/ears";
import { hears } from "../support/hearing";
import type { Caller, Supervisor } from "../support/people";
import { expect, test } from "../support/test";
import { BARGE_TONE_HZ, BEEP_HZ, PITCH_HZ } from "../support/voices";

/** What a beep of −20 dBFS is at least, once Opus and the listener's browser have had it. */
const TONE_DBFS = -32;

test("a call that is listened to, whispered and barged: everyone hears what they should", async ({ stage }) => {
  test.setTimeout(180_000);
  const { caller, agent } = await stage.call("Marek Novák");
  await hears(caller, ["agent"]);
  await hears(agent, ["caller"]);
  const supervisor = await stage.supervisor();
  await supervisor.open("Marek Novák");
  await supervisor.isIn("Off");

  await test.step("Listen: the supervisor hears both, and nobody notices", async () => {
    await supervisor.choose("Listen");
    await hears(supervisor, ["caller", "agent"]);
    await hears(agent, ["caller"]);
    await hears(caller, ["agent"]);
    await expect(agent.banner).toHaveCount(0);
  });

  await test.step("Whisper: a beep and the supervisor's voice, for the agent alone", async () => {
    const atCaller = caller.ears.listen([PITCH_HZ.supervisor, BEEP_HZ], 4000);
    const [beep] = await agent.ears.during([BEEP_HZ], async () => {
      await supervisor.choose("Whisper");
      await hears(agent, ["caller", "supervisor"]);
    });
    expect(beep?.loudest, "the beep at the agent, dBFS").toBeGreaterThan(TONE_DBFS);
    await expect(agent.banner).toContainText("Sam is coaching you – only you can hear this.");
    await expect(agent.banner).toContainText("Don’t answer aloud: the caller hears you.");
    const [voice, tone] = await atCaller;
    expect(voice?.lasting, "the supervisor's voice at the caller, dBFS").toBeLessThan(SILENCE_DBFS);
    expect(tone?.loudest, "the beep at the caller, dBFS").toBeLessThan(TONE_DBFS);
    await hears(caller, ["agent"]);
    await hears(supervisor, ["caller", "agent"]);
  });

  await test.step("nothing of it reached the caller's page", async () => knowsNothing(caller, supervisor));

  await test.step("L: back to Listen", async () => {
    await supervisor.page.keyboard.press("l");
    await supervisor.isIn("Listen");
    await expect(agent.banner).toHaveCount(0);
    await hears(agent, ["caller"]);
    await knowsNothing(caller, supervisor);
  });

  await test.step("Barge: asked once, then a tone, and everyone hears everyone", async () => {
    await supervisor.mode("Barge").click();
    const { bargeDialog } = supervisor;
    await expect(bargeDialog.getByRole("button", { name: "Cancel" })).toBeFocused();
    await supervisor.page.keyboard.press("Enter");
    await expect(bargeDialog).toBeHidden();
    await supervisor.isIn("Listen");

    const tone = caller.ears.during([BARGE_TONE_HZ], () => hears(caller, ["agent", "supervisor"]));
    await supervisor.choose("Barge");
    expect((await tone)[0]?.loudest, "the barge tone at the caller, dBFS").toBeGreaterThan(TONE_DBFS);
    await hears(agent, ["caller", "supervisor"]);
    await hears(supervisor, ["caller", "agent"]);
    await caller.talksWith("Ana", "Sam");
    await expect(agent.banner).toContainText("Sam has joined the call – everyone hears Sam.");
  });

  await test.step("S: the call goes on as before", async () => {
    await supervisor.page.keyboard.press("s");
    await supervisor.isIn("Off");
    await caller.talksWith("Ana");
    await expect(agent.banner).toHaveCount(0);
    await hears(caller, ["agent"]);
    await hears(agent, ["caller"]);
    await hears(supervisor, []);
  });
});

test("Listen is heard at once", async ({ stage }) => {
  const { caller } = await stage.call("Ella Berg");
  await hears(caller, ["agent"], 0);
  const supervisor = await stage.supervisor();
  await supervisor.open("Ella Berg");
  const times: number[] = [];
  for (let i = 0; i < 5; i += 1) {
    await hears(supervisor, [], 500);
    const onset = supervisor.ears.onset();
    await supervisor.mode("Listen").click();
    times.push(Math.round(await onset));
    await supervisor.isIn("Listen");
    await supervisor.page.keyboard.press("s");
    await supervisor.isIn("Off");
  }
  const median = times.toSorted((a, b) => a - b)[2] ?? 0;
  const figure = `click to audible Listen: median ${median} ms (${times.join(", ")})`;
  test.info().annotations.push({ type: "figure", description: figure });
  console.log(figure);
  // The goal, 300 ms, holds on an idle machine; a busy one only shows that nothing waits for a timeout.
  expect(median).toBeLessThan(1000);
});

test("a reload in the middle of Whisper turns supervision off, and the call goes on", async ({ stage }) => {
  const { caller, agent } = await stage.call("Ken Mori");
  const supervisor = await stage.supervisor();
  await supervisor.open("Ken Mori");
  await supervisor.choose("Listen");
  await supervisor.choose("Whisper");
  await hears(agent, ["caller", "supervisor"], 0);
  await expect(agent.banner).toBeVisible();

  await supervisor.page.reload();
  await expect(agent.banner).toHaveCount(0);
  await hears(agent, ["caller"]);
  await hears(caller, ["agent"]);
  await supervisor.isIn("Off");
  await supervisor.open("Ken Mori");
  await supervisor.isIn("Off");
  await expect(supervisor.panel.getByRole("region", { name: "On this call" }).getByRole("listitem")).toHaveCount(2);
  await knowsNothing(caller, supervisor);
});

/** Neither what the caller's page shows nor what it was sent gives a supervisor away. */
async function knowsNothing(caller: Caller, supervisor: Supervisor): Promise<void> {
  const TELLING = /supervis|whisper|barge|coach|monitor|Okafor|\bSam\b/i;
  expect(await caller.page.locator("body").innerHTML()).not.toMatch(TELLING);
  expect(caller.told.length, "messages to the caller's page").toBeGreaterThan(3);
  expect(caller.told.filter((message) => TELLING.test(message))).toEqual([]);
  const legs = supervisor.told.flatMap((message) =>
    [...message.matchAll(/"id":"(\w+)","user":"\w+","name":"Sam Okafor"/g)].map(([, id]) => id ?? ""),
  );
  expect(legs.length, "the supervisor's own leg, as the supervisor was told").toBeGreaterThan(0);
  for (const leg of new Set(legs)) expect(caller.told.filter((message) => message.includes(leg))).toEqual([]);
}
