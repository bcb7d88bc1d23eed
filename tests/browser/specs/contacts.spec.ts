import type { ConversationView, SaveUser } from "../../../supervisor-ui/src/wire/generated";
import { administrator } from "../support/admin";
import { expectAccessibleInBoth } from "../support/axe";
import { Colleague } from "../support/desk";
import { PASSWORD, Person } from "../support/people";
import { expect, test } from "../support/test";

const NORA: SaveUser = {
  username: "nora",
  name: "Nora Lind",
  role: "caller",
  permissions: ["place_calls"],
  teams: [],
  queues: [],
  skills: [],
  disabled: false,
  password: PASSWORD,
};

test("beside a chat stand the customer’s earlier ones, and a guest’s name finds none", async ({ stage }) => {
  test.setTimeout(180_000);
  const admin = new Person(await administrator(stage));
  expect((await admin.ask("POST", "/admin/users", NORA)).status).toBe(201);

  // A customer with an account, whose own page is another matter.
  const nora = await stage.visitor();
  await nora.page.goto("/login");
  const signedIn = await nora.ask("POST", "/login", { username: NORA.username, password: PASSWORD });
  expect(signedIn.status).toBe(200);
  const writes = async (subject: string): Promise<string> => {
    const { status, body } = await nora.ask<ConversationView>("POST", "/conversations", { queue: "support", subject });
    expect(status).toBe(201);
    return body.id;
  };
  const ana = await stage.agent("agent1");
  await ana.getReady();
  const first = new Colleague(ana, await writes("Where is my parcel?"));
  await first.accept();
  const note = await ana.ask("POST", `/interactions/${first.conversation}/notes`, { text: "", wrap_up: "resolved" });
  expect(note.status).toBe(201);
  await first.end();
  const second = new Colleague(ana, await writes("The parcel is damaged"));
  await second.accept();

  // The agent of both.
  await ana.page
    .getByRole("tab", { name: /Nora Lind/ })
    .last()
    .click();
  const line = ana.page.getByText("Other contacts: 1");
  await line.click();
  const earlier = ana.page.getByRole("listitem").filter({ hasText: "Where is my parcel?" });
  await expect(earlier).toContainText("Ana Duarte · Support");
  await expect(earlier).toContainText("Resolved");
  await expect(ana.page.getByText("Found by the customer’s account.")).toBeVisible();
  await expectAccessibleInBoth(ana.page, "agent, earlier contacts");

  // Their supervisor, before listening: what they may see in History. It leads there.
  const sam = await stage.supervisor();
  await sam.row("Nora Lind").click();
  await expect(sam.page.getByRole("complementary", { name: "Selected conversation" })).toBeVisible();
  await sam.page.getByText("Other contacts: 1").click();
  await expectAccessibleInBoth(sam.page, "supervisor, earlier contacts");
  await sam.page.getByRole("link", { name: /Where is my parcel\?/ }).click();
  await expect(sam.page).toHaveURL(new RegExp(`/supervisor/records/${first.conversation}$`));
  await expect(sam.page.getByRole("complementary", { name: "Record of Nora Lind" })).toBeVisible();

  // Another agent has had nothing to do with her.
  const luis = await stage.agent("agent2");
  const { status } = await luis.ask("GET", `/interactions/${second.conversation}/contacts`);
  expect(status).toBe(404);
  await second.end();

  // Whoever gives her name on a page is not taken for her, and the agent is told why nothing is shown.
  const { caller, agent } = await stage.call("Nora Lind");
  await expect(agent.page.getByRole("heading", { name: "Other contacts of this customer" })).toBeVisible();
  await expect(agent.page.getByText("Nothing identifies this customer")).toBeVisible();
  await caller.hangUp();
});
