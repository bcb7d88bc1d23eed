import { cleanup, render, screen } from "@testing-library/react";
import { describe, expect, it } from "vitest";
import { setLanguage } from "../../i18n";
import { LiveContext } from "../../live/hooks";
import { LiveStore } from "../../live/store";
import type { SocketEnd } from "../../live/socket";
import { StationContext } from "../../media/hooks";
import type { Station } from "../../media/station";
import { ME } from "../../testing/wire";
import type { CallView, Envelope, LegView, Mode } from "../../wire/generated";
import type { Desk, DeskView } from "./desk/desk";
import { Guests } from "./Guests";
import { DeskContext } from "./desk/hooks";
import "./words";
import { createStore } from "../../store/store";

const leg = (id: string, role: LegView["role"], name: string, more: Partial<LegView> = {}): LegView => ({
  id,
  user: `u-${id}`,
  name,
  role,
  muted: false,
  lost: false,
  joined_at: 0,
  ...more,
});
const OWN = leg("own", "agent", "Ana Duarte");
const sam = (mode: Mode): LegView => leg("sam", "supervisor", "Sam Okafor", { mode, coach: "own" });

function show(
  guests: LegView[],
  { held = false, muted = false, lost = false, apart = false, more = [] as LegView[] } = {},
) {
  const call: CallView = {
    id: "c",
    state: "active",
    caller: { name: "Marek Novák" },
    legs: [leg("caller", "caller", "Marek Novák"), OWN, ...more, ...guests],
    held,
    agents_apart: apart,
    placed_at: 0,
    answered_at: 1,
    own_leg: "own",
  };
  let take: (envelope: Envelope) => void = () => undefined;
  let end: (how: SocketEnd) => void = () => undefined;
  const live = new LiveStore({
    now: () => 0,
    open: (onMessage, onEnd) => {
      [take, end] = [onMessage, onEnd];
      return { close: () => undefined, retryNow: () => undefined };
    },
  });
  const named: CallView[] = [call];
  live.start();
  take({
    type: "snapshot",
    seq: 0,
    at: 0,
    me: ME,
    calls: named,
    agents: [],
    policy: { notify_agent_on_listen: false },
  });
  if (lost) end("lost");
  const station = { view: createStore({ state: { kind: "ready", id: "s" }, path: "up" }) } as unknown as Station;
  const view = { muted, here: "c" } as DeskView;
  const desk = { view: createStore(view) } as unknown as Desk;
  return render(
    <LiveContext value={live}>
      <DeskContext value={{ desk, ringer: null as never, notes: null as never, tabs: null as never }}>
        <StationContext value={station}>
          <Guests call={call} own={OWN} />
        </StationContext>
      </DeskContext>
    </LiveContext>,
  );
}

describe("what the agent is told of who has come", () => {
  it("is nothing, not even an empty place, while nobody is named", () => {
    const { container } = show([]);
    expect(screen.queryByRole("alert")).toBeNull();
    expect(container.textContent).toBe("");
  });

  it("warns not to answer a coach aloud", () => {
    show([sam("whisper")]);
    expect(screen.getByRole("alert").textContent).toContain(
      "Sam is coaching you – only you can hear this.Don’t answer aloud: the caller hears you.",
    );
  });

  it("takes the warning back where the caller does not hear", () => {
    show([sam("whisper")], { held: true });
    expect(screen.getByRole("alert").textContent).toContain("The caller is on hold: only Sam hears you.");
    expect(screen.getByRole("alert").textContent).not.toContain("the caller hears you");
  });

  it("counts whoever else is on the call", () => {
    show([sam("whisper")], { held: true, more: [leg("luis", "agent", "Luis Herrera")] });
    expect(screen.getByRole("alert").textContent).toContain("The caller is on hold: only Luis and Sam hear you.");
  });

  it("says nothing of anybody while the server is silent", () => {
    const { container } = show([sam("whisper")], { lost: true });
    expect(container.textContent).toBe("");
  });

  it("says who has joined", () => {
    show([sam("barge")]);
    expect(screen.getByRole("alert").textContent).toContain(
      "Sam has joined the call – everyone hears Sam.Marek hears you both.",
    );
  });

  it("says who has taken the call over, and whether the agent hears on", () => {
    show([sam("take_over"), leg("mei", "supervisor", "Mei Tanaka", { mode: "barge" })]);
    const [first] = screen.getAllByRole("alert");
    expect(first?.textContent).toContain(
      "Sam has taken the call over – nobody hears you.Sam is speaking with Marek, and you can hear them.",
    );
    cleanup();
    show([sam("take_over")], { apart: true });
    expect(screen.getByRole("alert").textContent).toContain("you can’t hear them until the call is handed back");
  });

  it("says it in Japanese", () => {
    setLanguage("ja");
    show([sam("whisper")]);
    expect(screen.getByRole("alert").textContent).toContain(
      "Samさんが助言しています – あなただけに聞こえます。声に出して答えないでください。顧客に聞こえます。",
    );
    cleanup();
    setLanguage("en");
  });
});
