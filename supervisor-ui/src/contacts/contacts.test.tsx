import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, describe, expect, it, vi } from "vitest";
import { LiveContext } from "../live/hooks";
import { INITIAL_STATE } from "../live/state";
import type { LiveStore } from "../live/store";
import { ME } from "../testing/wire";
import type { CustomerContacts, InteractionView, User } from "../wire/generated";
import { Contacts, ContactsLine } from "./Contacts";

const AT = Date.UTC(2026, 10, 29, 12);

function aContact(id: string, more: Partial<InteractionView> = {}): InteractionView {
  return {
    id,
    kind: "call",
    channel: "voice",
    queue: "support",
    requester: { user: "r", name: "Nora Lind" },
    opened_at: AT,
    answered_at: AT,
    ended_at: AT + 60_000,
    agents: [{ user: "a", name: "Ana Duarte" }],
    codes: [],
    ...more,
  };
}

/** Shows a part to somebody, with what the server answers. */
function show(part: "card" | "line", answer: CustomerContacts | number, me: User = ME) {
  const fetched = vi.fn<typeof fetch>(async () =>
    typeof answer === "number"
      ? Response.json({ type: "/problems/not-found", title: "", status: answer, detail: "" }, { status: answer })
      : Response.json(answer),
  );
  vi.stubGlobal("fetch", fetched);
  const state = { ...INITIAL_STATE, me };
  const store = { subscribe: () => () => undefined, getState: () => state } as unknown as LiveStore;
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const Part = part === "card" ? Contacts : ContactsLine;
  const { container } = render(
    <QueryClientProvider client={queries}>
      <LiveContext value={store}>
        <Part interaction="now" />
      </LiveContext>
    </QueryClientProvider>,
  );
  const isAnswered = () => vi.waitFor(() => expect(queries.getQueryState(["contacts", "now"])?.status).toBe("success"));
  return { container, fetched, isAnswered };
}

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe("the customer's other contacts", () => {
  it("say what came of each, by what they were found, and lead to the record", async () => {
    const chat = aContact("k1", { kind: "conversation", subject: "A refund" });
    delete chat.ended_at;
    const missed = aContact("c3", { agents: [] });
    const contacts = [chat, aContact("c2", { codes: ["resolved", "VIP"] }), missed];
    const queues = [{ id: "support", name: "Support" }] as User["queues"];
    const { fetched } = show("card", { known_by: "number", contacts }, { ...ME, queues });
    const rows = await screen.findAllByRole("listitem");
    expect(fetched.mock.calls[0]?.[0]).toContain("/interactions/now/contacts");
    expect(rows.map((row) => row.textContent)).toEqual([
      expect.stringContaining("A refund · Ana Duarte · Supportin progress"),
      expect.stringContaining("Ana Duarte · SupportResolved, VIP"),
      expect.stringContaining("Supportnot answered"),
    ]);
    expect(within(rows[0] as HTMLElement).getByRole("img", { name: "Chat" })).toBeTruthy();
    expect(screen.getByText(/^Found by the phone number/)).toBeTruthy();
    await userEvent.click(within(rows[1] as HTMLElement).getByRole("link"));
    expect(location.pathname).toBe("/supervisor/records/c2");
    cleanup();
    show("card", { known_by: "channel", contacts: [aContact("c2")] }, { ...ME, role: "agent" });
    expect((await screen.findByRole("link")).getAttribute("href")).toBe("/agent/history/c2");
  });

  it("say why there are none: nothing identifies the customer, or there is nothing to see", async () => {
    show("card", { contacts: [] });
    expect(await screen.findByText(/^Nothing identifies this customer/)).toBeTruthy();
    cleanup();
    show("card", { known_by: "account", contacts: [] });
    expect(await screen.findByText("No other contacts that you can see.")).toBeTruthy();
    cleanup();
    show("card", 503);
    expect((await screen.findByRole("alert")).textContent).toContain("could not be loaded");
  });

  it("are one line where there is little room, and nothing where there is nothing", async () => {
    show("line", { known_by: "number", contacts: [aContact("c1"), aContact("c2")] });
    expect((await screen.findByText("Other contacts: 2")).closest("details")?.open).toBe(false);
    cleanup();
    const { container, isAnswered } = show("line", { contacts: [] });
    await act(isAnswered);
    expect(container.textContent).toBe("");
  });
});
