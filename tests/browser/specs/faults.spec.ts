import type { Page } from "@playwright/test";
import { hears } from "../support/hearing";
import { expect, test } from "../support/test";

/** Leaving in a call is asked about; here the answer is yes. */
async function reload(page: Page): Promise<void> {
  page.on("dialog", (dialog) => void dialog.accept());
  await page.reload();
}

test("an agent loads the page again in a call: the call goes on, and the caller hears them", async ({ stage }) => {
  const { caller, agent } = await stage.call("Ayla Demir");
  await hears(caller, ["agent"], 0);
  await reload(agent.page);
  await expect(agent.page.getByRole("heading", { name: "Ayla Demir" })).toBeVisible();
  await expect(agent.page.getByText("Ayla hears you")).toBeVisible();
  await hears(caller, ["agent"], 0);
  await caller.talksWith("Ana");
  await agent.hangUp();
  await expect(caller.page.getByRole("heading", { name: /^Call ended/ })).toBeVisible();
});

test("a microphone that the headset mutes: the agent is told, and so is the supervisor", async ({ stage }) => {
  const agent = await stage.agent();
  await agent.page.evaluate(() => {
    const devices = navigator.mediaDevices;
    const capture = devices.getUserMedia.bind(devices);
    const tracks: MediaStreamTrack[] = [];
    Object.assign(window, { capturedTracks: tracks });
    devices.getUserMedia = async (constraints) => {
      const stream = await capture(constraints);
      tracks.push(...stream.getTracks());
      return stream;
    };
  });
  await agent.getReady();
  const caller = await stage.caller();
  await caller.call("Piotr Zieliński");
  await agent.accept();
  await caller.talksWith("Ana");
  const supervisor = await stage.supervisor();
  await supervisor.open("Piotr Zieliński");
  await agent.page.evaluate(() => {
    const tracks = (window as unknown as { capturedTracks: MediaStreamTrack[] }).capturedTracks;
    for (const track of tracks) track.dispatchEvent(new Event("mute"));
  });
  await expect(agent.page.getByText("Your microphone is muted outside this page")).toBeVisible();
  await expect(supervisor.panel.getByText("Agent · muted")).toBeVisible();
  await agent.page.evaluate(() => {
    const tracks = (window as unknown as { capturedTracks: MediaStreamTrack[] }).capturedTracks;
    for (const track of tracks) track.dispatchEvent(new Event("unmute"));
  });
  await expect(agent.page.getByText("Your microphone is muted outside this page")).toBeHidden();
  await expect(supervisor.panel.getByText("Agent · muted")).toBeHidden();
  await agent.hangUp();
});

test("a network that lets no UDP through: told before the first call, and nobody gets ready", async ({ stage }) => {
  const agent = await stage.agent("agent3");
  await agent.page.route("**/api/v1/stations", async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    const answer = await route.fetch();
    // Port 9 discards: nothing ever comes back from there.
    const sdp = (await answer.text()).replace(/^(a=candidate:\S+ \d+ udp \d+ \S+) \d+/gim, "$1 9");
    return route.fulfill({ response: answer, body: sdp });
  });
  await agent.page.reload();
  const notice = agent.page.getByText("No path for sound: UDP to 127.0.0.1 seems to be blocked");
  await expect(notice).toBeVisible({ timeout: 40_000 });
  await agent.page.getByRole("button", { name: "Go ready" }).click();
  await agent.page.waitForTimeout(2000);
  await expect(agent.page.getByRole("heading", { name: "Not ready" })).toBeVisible();
  await expect(notice).toBeVisible();

  const caller = await stage.caller();
  await caller.page.route("**/api/v1/stations", async (route) => {
    const answer = await route.fetch();
    const sdp = (await answer.text()).replace(/^(a=candidate:\S+ \d+ udp \d+ \S+) \d+/gim, "$1 9");
    return route.fulfill({ response: answer, body: sdp });
  });
  await caller.page.getByLabel("Your name").fill("Nobody");
  await caller.page.getByRole("button", { name: "Call now" }).click();
  await expect(caller.page.getByText("Your network doesn’t let calls through.")).toBeVisible({ timeout: 40_000 });
});

test("the server dies in a call: nothing is said that is not known, and both sides are told what became of it", async ({
  stage,
  server,
}) => {
  const { agent } = await stage.call("Rosa Blum");
  const supervisor = await stage.supervisor();
  await supervisor.open("Rosa Blum");
  await supervisor.choose("Listen");
  await supervisor.choose("Whisper");
  await expect(agent.banner).toBeVisible();
  await server.restart(async () => {
    await expect(agent.page.getByText(/^Connection to the server lost/)).toBeVisible();
    await expect(agent.banner).toBeHidden();
    await expect(agent.page.getByText(/hears you both|on another of your pages/)).toHaveCount(0);
    await expect(supervisor.statement).toHaveText("Reconnecting – you are muted, nobody hears you");
  });
  await expect(agent.page.getByText("the call with Rosa Blum ended meanwhile")).toBeVisible({ timeout: 30_000 });
  await expect(supervisor.page.getByText("Reconnected. The call you were on has ended. Nobody hears you.")).toBeVisible(
    { timeout: 30_000 },
  );
});
