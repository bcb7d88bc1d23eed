import type { PoliciesView } from "../../../supervisor-ui/src/wire/generated";
import { expectAccessibleInBoth } from "../support/axe";
import { expect, test } from "../support/test";

test("after a call nothing rings until it is written up, and the day is kept", async ({ stage }) => {
  test.setTimeout(180_000);
  const admin = await stage.visitor();
  await admin.signIn("admin");
  await expect(admin.page.getByText("Connected")).toBeVisible();
  const { body } = await admin.ask<PoliciesView>("GET", "/admin/policies");
  const policies = { ...body.policies, after_call_s: 120 };
  expect((await admin.ask("PUT", "/admin/policies", { ...body, policies })).status).toBe(200);

  const { caller, agent } = await stage.call("Daniel Ortiz");
  const { page } = agent;
  const day = page.locator("dl").filter({ hasText: "Calls today" });
  await expect(day).toContainText(/Calls today\d/);
  // Other tests have had calls with this agent.
  const before = Number(/Calls today(\d+)/.exec((await day.textContent()) ?? "")?.[1]);
  await caller.hangUp();
  await expect(page.getByRole("heading", { name: /After-call work/ })).toBeVisible();
  await expect(page.getByRole("timer")).toHaveText(/^[12]:\d\d$/);
  await expect(page.getByText("Call with Daniel Ortiz")).toBeVisible();
  await expectAccessibleInBoth(page, "after-call work");

  // Somebody waits meanwhile: it does not ring.
  const next = await stage.caller();
  await next.call("Nora Lind");
  await page.waitForTimeout(1000);
  await expect(agent.incoming).toHaveCount(0);

  await page.getByRole("combobox", { name: "Wrap-up code" }).selectOption({ label: "Resolved" });
  await page.getByRole("textbox", { name: "Note, staff only" }).fill("Paid by hand.");
  await page.getByRole("button", { name: "Save and go ready" }).click();
  await agent.rings("Nora Lind");
  await agent.accept();
  await next.hangUp();
  await page.getByRole("button", { name: "Go ready" }).click();
  await expect(day).toContainText(`Calls today${before + 2}Missed`, { timeout: 30_000 });

  const supervisor = await stage.supervisor();
  await supervisor.page.goto("/supervisor/records");
  await supervisor.page.getByRole("row").filter({ hasText: "Daniel Ortiz" }).getByRole("button").click();
  await expect(supervisor.page.getByRole("listitem").filter({ hasText: "Paid by hand." }).first()).toContainText(
    "Resolved",
  );

  // The server is the next test's, too.
  const { body: now } = await admin.ask<PoliciesView>("GET", "/admin/policies");
  expect((await admin.ask("PUT", "/admin/policies", { ...now, policies: body.policies })).status).toBe(200);
});
