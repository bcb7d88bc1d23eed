import { hears } from "../support/hearing";
import type { Agent } from "../support/people";
import { expect, test } from "../support/test";

/** The picture of who hears whom, in words. */
const picture = (page: Agent["page"]) => page.getByRole("img", { name: /^Who hears whom/ });

/** Takes a colleague into the call. */
async function confer(agent: Agent, colleague: Agent, caller: string): Promise<void> {
  await colleague.getReady();
  await agent.page.getByRole("button", { name: /^Conference/ }).click();
  const dialog = agent.page.getByRole("dialog");
  await dialog.getByText("Luis Herrera").click();
  await dialog.getByRole("button", { name: "Send request" }).click();
  await expect(colleague.page.getByText(caller).first()).toBeVisible();
  await colleague.accept();
}

test("a conference: every sentence names everybody, in every mode", async ({ stage }) => {
  const { caller, agent } = await stage.call("Ingeborg Lind");
  const luis = await stage.agent("agent2");
  await confer(agent, luis, "Ingeborg Lind");
  await caller.talksWith("Ana", "Luis");
  await expect(picture(agent.page)).toHaveAccessibleName(
    "Who hears whom. Ingeborg Lind hears Luis and you. Luis Herrera hears Ingeborg and you. " +
      "You hear both. Everyone hears you.",
  );

  const supervisor = await stage.supervisor();
  await supervisor.open("Ingeborg Lind");
  await expect(supervisor.panel).toContainText("with Ana Duarte, Luis Herrera");
  await supervisor.choose("Listen");
  await expect(picture(supervisor.page)).toHaveAccessibleName(/You hear everyone\. Nobody hears you\.$/);
  await supervisor.choose("Whisper");
  await expect(picture(supervisor.page)).toHaveAccessibleName(
    /Luis Herrera hears Ingeborg and Ana\..*Only Ana hears you\.$/,
  );
  await expect(agent.banner).toContainText("Don’t answer aloud: the caller hears you.");
  await expect(luis.banner).toBeHidden();
  // The other one is chosen among those on the call.
  await supervisor.panel.getByRole("button", { name: "Whisper to Luis" }).click();
  await expect(supervisor.statement).toHaveText(/only Luis hears you/);
  await expect(luis.banner).toContainText("Don’t answer aloud: the caller hears you.");
  await expect(agent.banner).toBeHidden();
  await expect(picture(supervisor.page)).toHaveAccessibleName(/Only Luis hears you\.$/);
  await supervisor.choose("Barge");
  await expect(supervisor.panel).toContainText("Heard by Ingeborg, Ana and Luis");
  await expect(picture(supervisor.page)).toHaveAccessibleName(/You hear everyone\. Everyone hears you\.$/);
  await expect(luis.banner).toContainText("Sam has joined the call – everyone hears Sam.");
  await hears(caller, ["agent", "supervisor"], 0);
  await caller.hangUp();
  await expect(supervisor.panel).toContainText("Ingeborg hung up. Supervision ended. Nobody hears you.");
});

test("one supervisor at two machines: nobody ends what the other does, and each says where the sound is", async ({
  stage,
}) => {
  const { agent } = await stage.call("Joost Bakker");
  const first = await stage.supervisor();
  await first.open("Joost Bakker");
  await first.choose("Listen");
  await first.choose("Whisper");
  await expect(agent.banner).toContainText("only you can hear this");

  const second = await stage.supervisor();
  await expect(second.statement).toHaveText("Whispering from another tab or device – only Ana hears you");
  await second.open("Joost Bakker");
  await expect(second.panel).toContainText("Microphone off");
  await expect(second.panel).toContainText("Sent 0 packets · your audio is on another tab or device");
  await first.page.waitForTimeout(3000);
  await first.isIn("Whisper");
  await expect(agent.banner).toContainText("only you can hear this");

  await second.page.reload();
  await expect(second.statement).toHaveText("Whispering from another tab or device – only Ana hears you");
  await first.isIn("Whisper");

  await second.open("Joost Bakker");
  await second.panel.getByRole("button", { name: /^Listen here/ }).click();
  await second.isIn("Listen");
  await expect(first.statement).toHaveText("Listening on another tab or device – nobody hears you");
  await expect(first.panel).toContainText("You’re on this call from another tab or device now. Nobody hears you here.");
  await first.panel.getByRole("button", { name: "Stop there" }).click();
  await second.isIn("Off");
  await expect(first.statement).toHaveText("Not on a call – nobody hears you");
  await agent.hangUp();
});

test("a call that is transferred: nobody is said to hear it before somebody has answered", async ({ stage }) => {
  const { agent } = await stage.call("Marta Silva");
  const luis = await stage.agent("agent2");
  await luis.getReady();
  const supervisor = await stage.supervisor();
  await supervisor.open("Marta Silva");
  await supervisor.choose("Listen");
  await supervisor.choose("Whisper");
  await agent.page.getByRole("button", { name: /^Transfer/ }).click();
  const dialog = agent.page.getByRole("dialog");
  await dialog.getByText("Luis Herrera").click();
  await dialog.getByRole("button", { name: "Transfer", exact: true }).click();
  await expect(luis.page.getByRole("region", { name: "Transfer from Ana Duarte" })).toBeVisible();
  await expect(supervisor.panel).toContainText("Ringing Luis Herrera");
  await expect(supervisor.panel).toContainText("You’re back in Listen: Ana has left the call. Nobody hears you.");
  await expect(picture(supervisor.page)).toHaveAccessibleName(
    "Who hears whom. Marta Silva hears no one. You hear Marta. Nobody hears you.",
  );
  await luis.accept();
  await expect(picture(supervisor.page)).toHaveAccessibleName(
    "Who hears whom. Marta Silva hears Luis only. Luis Herrera hears Marta only. You hear both. Nobody hears you.",
  );
  await luis.hangUp();
});
