import { NO_VOICE_DBFS } from "../support/ears";
import { hears } from "../support/hearing";
import { expect, test } from "../support/test";
import { PITCH_HZ } from "../support/voices";

test("an agent declines, the next one answers; each side can hang up", async ({ stage }) => {
  const ana = await stage.agent("agent1");
  await ana.getReady();
  const luis = await stage.agent("agent2");
  await luis.getReady();
  const caller = await stage.caller();
  await caller.call("Ines Costa");
  await ana.rings("Ines Costa");
  await ana.decline();
  await luis.rings("Ines Costa");
  await expect(ana.incoming).toBeHidden();
  await luis.accept();
  await caller.talksWith("Luis");
  await hears(luis, ["caller"], 0);

  await luis.hangUp();
  await expect(caller.page.getByRole("heading", { name: "Call ended" })).toBeVisible();
  await expect(luis.page.getByRole("heading", { name: "Ready for calls" })).toBeVisible();

  await caller.page.getByRole("button", { name: "Call again" }).click();
  await caller.call("Ines Costa");
  const answering = await Promise.race([ana, luis].map(async (agent) => agent.rings("Ines Costa").then(() => agent)));
  await answering.accept();
  await caller.talksWith(answering.name);
  await caller.hangUp();
  await expect(caller.page.getByRole("heading", { name: "You hung up" })).toBeVisible();
  await expect(answering.page.getByText("Ines Costa hung up.")).toBeVisible();
  await expect(answering.page.getByRole("heading", { name: "Ready for calls" })).toBeVisible();
});

test("mute and hold: silence for the other side, and whisper works on", async ({ stage }) => {
  const { caller, agent } = await stage.call("Noah Weiss");
  await hears(agent, ["caller"], 0);
  await caller.page.getByRole("button", { name: "Mute" }).click();
  await expect(caller.page.getByText("You are muted")).toBeVisible();
  await hears(agent, []);
  await caller.page.getByRole("button", { name: "Unmute" }).click();
  await hears(agent, ["caller"], 0);

  await agent.page.getByRole("button", { name: /^Mute/ }).click();
  await hears(caller, []);
  await agent.page.getByRole("button", { name: /^Unmute/ }).click();
  await hears(caller, ["agent"], 0);

  await agent.page.getByRole("button", { name: /^Hold/ }).click();
  await expect(caller.page.getByText("You are on hold")).toBeVisible();
  const supervisor = await stage.supervisor();
  await supervisor.open("Noah Weiss");
  await supervisor.choose("Listen");
  await supervisor.choose("Whisper");
  await hears(agent, ["supervisor"]);
  const [voice, own] = await caller.ears.listen([PITCH_HZ.supervisor, PITCH_HZ.agent], 1500);
  expect(voice?.loudest).toBeLessThan(NO_VOICE_DBFS);
  expect(own?.loudest).toBeLessThan(NO_VOICE_DBFS);

  await agent.hangUp();
  await expect(caller.page.getByRole("heading", { name: "Call ended" })).toBeVisible();
  await expect(supervisor.page.getByText("Ana hung up. Supervision ended.")).toBeVisible();
  await expect(supervisor.statement).toHaveText(/nobody hears you/);
});
