import { expectAccessible } from "../support/axe";
import { PASSWORD } from "../support/people";
import { expect, test } from "../support/test";

test("a long hold is told to the supervisor, with the reason; one click listens; what is muted is not told", async ({
  stage,
}) => {
  const { agent } = await stage.call("Marek Novak");
  const sam = await stage.supervisor();
  const { page } = sam;
  const signs = page.getByRole("region", { name: "Signs" });
  await expect(signs).toContainText("Nothing needs attention");

  // From the first second on, so that nobody waits for the default of two minutes.
  const settings = page.getByRole("dialog", { name: "Signs: settings" });
  await signs.getByRole("button", { name: "Signs: settings" }).click();
  await settings.getByLabel("On hold, seconds").fill("1");
  // The callers of the test talk without a pause.
  await settings.getByLabel("Talking over each other", { exact: true }).uncheck();
  await settings.getByLabel("Caller raises their voice").uncheck();
  await expectAccessible(page, "the settings of signs");
  await page.keyboard.press("Escape");
  await expect(settings).toHaveCount(0);

  await agent.page.getByRole("button", { name: "Hold" }).click();
  const sign = signs.getByRole("listitem").filter({ hasText: "Long hold" });
  await expect(sign).toContainText("Marek Novak with Ana Duarte");
  await expectAccessible(page, "a sign");
  await sign.getByRole("button", { name: "Listen: Marek Novak with Ana Duarte" }).click();
  await expect(sam.statement).toContainText("Listening");
  // Whoever is there needs no sign.
  await expect(sign).toHaveCount(0);
  await agent.page.getByRole("button", { name: "Resume" }).click();
  await agent.hangUp();
});

test("another account signs in in a second tab: the first one does nothing more in its name, and says why", async ({
  stage,
}) => {
  const { page: first } = await stage.supervisor();
  const second = await first.context().newPage();
  // It was open at the sign-in page when the first one signed in.
  await second.route("**/api/v1/me", (route) => route.fulfill({ status: 401, json: {} }), { times: 1 });
  await second.goto("/login");
  await second.getByLabel("Username").fill("agent2 ");
  await second.getByLabel("Password").fill(PASSWORD);
  await second.getByRole("button", { name: "Sign in" }).click();
  await expect(second).toHaveURL(/\/agent$/);
  await expect(first).toHaveURL(/\/agent$/);
  await expect(first.getByText("this page is no longer Sam Okafor’s")).toBeVisible();
  await expect(first.getByRole("button", { name: /^Account: Luis/ })).toBeVisible();
});
