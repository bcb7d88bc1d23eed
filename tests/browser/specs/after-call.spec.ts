import type { AdminQueue, AdminQueueList, PoliciesView } from "../../../supervisor-ui/src/wire/generated";
import { expectAccessibleInBoth } from "../support/axe";
import type { Person } from "../support/people";
import { expect, test } from "../support/test";

/** What a queue's calls are wrapped up with, by the administrator's page; none: the usual codes. */
async function setCodes(admin: Person, codes: readonly string[]): Promise<void> {
  const { body } = await admin.ask<AdminQueueList>("GET", "/admin/queues");
  const support = body.queues.find(({ key }) => key === "support");
  const wanted = { ...support, wrap_up_codes: codes };
  expect((await admin.ask<AdminQueue>("PUT", "/admin/queues/support", wanted)).status).toBe(200);
}

test("after a call nothing rings until it is written up, and the day is kept", async ({ stage }) => {
  test.setTimeout(180_000);
  const admin = await stage.visitor();
  await admin.signIn("admin");
  await expect(admin.page.getByText("Connected")).toBeVisible();
  const { body } = await admin.ask<PoliciesView>("GET", "/admin/policies");
  const policies = { ...body.policies, after_call_s: 120 };
  expect((await admin.ask("PUT", "/admin/policies", { ...body, policies })).status).toBe(200);

  await setCodes(admin, ["Refund paid", "resolved"]);

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

  const codes = page.getByRole("combobox", { name: "Wrap-up code" });
  await expect(codes.getByRole("option")).toHaveText(["No code", "Refund paid", "Resolved"]);
  await codes.selectOption({ label: "Refund paid" });
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
    "Refund paid",
  );
  await supervisor.page.goto("/supervisor/records");
  const list = supervisor.page.getByRole("table", { name: "Interactions" });
  await supervisor.page.getByRole("combobox", { name: "Wrap-up code" }).selectOption({ label: "Resolved" });
  await expect(list.getByRole("row").filter({ hasText: "Daniel Ortiz" })).toHaveCount(0);
  await supervisor.page.getByRole("combobox", { name: "Wrap-up code" }).selectOption({ label: "Refund paid" });
  await expect(list.getByRole("row").filter({ hasText: "Daniel Ortiz" }).first()).toContainText("Refund paid");
  await expectAccessibleInBoth(supervisor.page, "history by code");
  await supervisor.page.goto("/supervisor/reports/calls");
  await supervisor.page.getByRole("combobox", { name: "Group by" }).selectOption({ label: "By agent" });
  const agents = supervisor.page.getByRole("table", { name: "By agent" });
  await expect(agents.getByRole("columnheader", { name: "Wrap-up time" })).toBeVisible();
  await expect(agents.getByRole("row").filter({ hasText: "Ana" }).getByRole("cell").last()).toHaveText(
    /\d:\d\d · \d:\d\d/,
  );

  // The server is the next test's, too.
  await setCodes(admin, []);
  const { body: now } = await admin.ask<PoliciesView>("GET", "/admin/policies");
  expect((await admin.ask("PUT", "/admin/policies", { ...now, policies: body.policies })).status).toBe(200);
});
