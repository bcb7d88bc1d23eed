import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { describe, expect, it, vi } from "vitest";
import { Diagram } from "../../../hearing/Diagram";
import { preview, statement } from "../../../hearing/statement";
import { aCall, aLeg, ME, supervised } from "../../../testing/wire";
import type { CallView, Mode } from "../../../wire/generated";
import "../words";
import { availabilityOf, callObstacle } from "../supervision/availability";
import { EchoStrip } from "./CallDetails";
import { ownSpans, placedMarks, WINDOW_MS } from "../model/marks";
import { Modes } from "./Modes";
import { TakeOver, TakeOverDialog } from "./TakeOver";

const HINTS = { listen: "Nobody hears you", whisper: "Only Ana hears you", barge: "Everyone hears you" };
const ALL = { listen: "yes", whisper: "yes", barge: "yes" } as const;

describe("the mode group", () => {
  it("moves the focus with arrows and chooses with Space or Enter only", async () => {
    const choose = vi.fn();
    render(
      <Modes mode="listen" asked={null} label="Who hears you" hints={HINTS} availability={ALL} onChoose={choose} />,
    );
    const user = userEvent.setup();
    await user.tab();
    expect(document.activeElement).toBe(screen.getByRole("radio", { name: /Listen/ }));
    await user.keyboard("{ArrowRight}{ArrowRight}");
    expect(document.activeElement).toBe(screen.getByRole("radio", { name: /Barge/ }));
    expect(choose).not.toHaveBeenCalled();
    await user.keyboard("{Enter}");
    expect(choose).toHaveBeenCalledExactlyOnceWith("barge");
  });

  it("keeps the old mode checked while another is asked for", () => {
    render(
      <Modes
        mode="listen"
        asked="whisper"
        label="Who hears you"
        hints={HINTS}
        availability={ALL}
        onChoose={() => undefined}
      />,
    );
    expect(screen.getByRole("radio", { name: /Listen/ }).getAttribute("aria-checked")).toBe("true");
    const whisper = screen.getByRole("radio", { name: /Whisper/ });
    expect(whisper.getAttribute("aria-checked")).toBe("false");
    expect(whisper.textContent).toContain("Asking the server");
  });

  it("says why a mode cannot be had, and does not ask for it", async () => {
    const choose = vi.fn();
    render(
      <Modes
        mode="listen"
        asked={null}
        label="Who hears you"
        hints={HINTS}
        availability={{ ...ALL, barge: "role" }}
        onChoose={choose}
      />,
    );
    const barge = screen.getByRole("radio", { name: /Barge/ });
    expect(barge.getAttribute("aria-disabled")).toBe("true");
    expect(barge.textContent).toContain("Not in your role");
    await userEvent.click(barge);
    expect(choose).not.toHaveBeenCalled();
  });
});

describe("the step after Barge", () => {
  const taken = (mode: "barge" | "take_over", call: CallView) => {
    const [begin, back] = [vi.fn(), vi.fn()];
    render(<TakeOver of={{ call }} mode={mode} isPossible onTakeOver={begin} onHandBack={back} />);
    return { button: screen.getByRole("button"), begin, back };
  };

  it("leads into a take-over and back", async () => {
    const inBarge = taken("barge", supervised(aCall("a"), "barge"));
    expect(screen.getByRole("region").textContent).toContain("Nobody will hear Ana");
    await userEvent.click(inBarge.button);
    expect(inBarge.begin).toHaveBeenCalledOnce();
    expect(inBarge.back).not.toHaveBeenCalled();
    cleanup();
    const has = taken("take_over", supervised(aCall("a"), "take_over"));
    expect(has.button.textContent).toContain("Hand the call back");
    await userEvent.click(has.button);
    expect(has.back).toHaveBeenCalledOnce();
    expect(has.begin).not.toHaveBeenCalled();
  });

  it("is not to be had where another has taken it, nor is the way back without an agent", () => {
    const call = supervised(aCall("a"), "barge");
    const mei = aLeg("mei", "supervisor", "Mei Tanaka", { mode: "take_over" });
    const { button } = taken("barge", { ...call, legs: [...call.legs, mei] });
    expect(button.hasAttribute("disabled")).toBe(true);
    expect(screen.getByRole("region").textContent).toContain("Mei has taken this call over");
    cleanup();
    const mine = supervised(aCall("a"), "take_over");
    const alone = taken("take_over", { ...mine, legs: mine.legs.filter(({ role }) => role !== "agent") });
    expect(alone.button.hasAttribute("disabled")).toBe(true);
    expect(screen.getByRole("region").textContent).toContain("It ends when you stop.");
  });

  it("is asked about with what would be", async () => {
    const yes = vi.fn();
    const call = supervised(aCall("a", { agents_apart: true }), "barge");
    render(<TakeOverDialog isOpen of={{ call }} onCancel={() => undefined} onConfirm={yes} />);
    const dialog = screen.getByRole("alertdialog");
    expect(dialog.textContent).toContain("You’ll speak with Marek instead of Ana");
    expect(dialog.textContent).toContain("won’t hear what you and Marek say");
    expect(screen.getByRole("img").getAttribute("aria-label")).toContain("Marek Novák hears you only.");
    await userEvent.click(screen.getByRole("button", { name: /Yes, take over/ }));
    expect(yes).toHaveBeenCalledOnce();
  });
});

describe("what can be asked for", () => {
  const input = { connected: true, permissions: ME.permissions, obstacle: null, mode: "listen" as Mode | null };

  it("is Listen first, then the others", () => {
    expect(availabilityOf({ ...input, mode: null })).toEqual({
      listen: "yes",
      whisper: "listenFirst",
      barge: "listenFirst",
    });
    expect(availabilityOf(input)).toEqual(ALL);
  });

  it("needs the right, a connection and an agent", () => {
    expect(availabilityOf({ ...input, permissions: ["monitor_live_calls"] })).toEqual({
      listen: "yes",
      whisper: "role",
      barge: "role",
    });
    expect(availabilityOf({ ...input, connected: false }).listen).toBe("lost");
    expect(callObstacle(aCall("a"))).toBeNull();
    const obstacle = callObstacle(aCall("a", { state: "waiting", legs: [] }));
    expect(availabilityOf({ ...input, obstacle }).listen).toBe("noAgent");
  });
});

describe("who hears whom", () => {
  const sentence = (mode: Mode | null, more = {}) => {
    const call = mode ? supervised(aCall("a", more), mode) : aCall("a", more);
    const said = statement(call, { connected: true, here: true, sound: "up", silent: false });
    if (said.kind === "lost") throw new Error("the server stands");
    const { unmount } = render(<Diagram said={said} />);
    const text = screen.getByRole("img").getAttribute("aria-label");
    unmount();
    return text;
  };

  it("is one full sentence for those who do not see it", () => {
    expect(sentence("listen")).toBe(
      "Who hears whom. Marek Novák hears Ana only. Ana Duarte hears Marek only. You hear both. Nobody hears you.",
    );
    expect(sentence("whisper")).toBe(
      "Who hears whom. Marek Novák hears Ana only. Ana Duarte hears Marek and you. You hear both. Only Ana hears you.",
    );
    expect(sentence("barge")).toBe(
      "Who hears whom. Marek Novák hears Ana and you. Ana Duarte hears Marek and you. " +
        "You hear both. Everyone hears you.",
    );
    expect(sentence("take_over")).toBe(
      "Who hears whom. Marek Novák hears you only. Ana Duarte hears Marek and you. " +
        "You hear Marek. Everyone hears you.",
    );
    expect(sentence("take_over", { agents_apart: true, held: true })).toBe(
      "Who hears whom. Marek Novák hears you only. Ana Duarte hears no one. You hear Marek. Only Marek hears you.",
    );
    expect(sentence(null)).toContain("You hear nobody. Nobody hears you.");
    expect(sentence("listen", { held: true })).toContain("Marek Novák hears no one. Ana Duarte hears no one.");
  });

  it("says of each call whether its agent is told of listeners", () => {
    for (const agentNotified of [false, true]) {
      const { unmount } = render(<Diagram said={preview(aCall("a"), "listen")} agentNotified={agentNotified} />);
      expect(screen.queryByText("Agent · notified") !== null).toBe(agentNotified);
      unmount();
    }
  });

  it("shows every agent of a conference, and whom a whisper reaches", () => {
    const legs = [aLeg("c", "caller", "Marek"), aLeg("g", "agent", "Ana"), aLeg("h", "agent", "Luis")];
    const own = aLeg("own", "supervisor", ME.name, { mode: "whisper", coach: "h" });
    const call = aCall("a", { legs: [...legs, own], own_leg: "own" });
    const said = statement(call, { connected: true, here: true, sound: "up", silent: false });
    if (said.kind === "lost") throw new Error("the server stands");
    render(<Diagram said={said} />);
    const texts = [...document.querySelectorAll("svg text")].map(({ textContent }) => textContent);
    expect(texts).toEqual(expect.arrayContaining(["Marek", "Ana", "Luis", "Agent · hears you", "Only Luis hears you"]));
  });
});

describe("an agent on a loudspeaker", () => {
  const legs = (echo: boolean) => [
    aLeg("c", "caller", "Marek"),
    aLeg("g", "agent", "Ana Duarte", echo ? { echo } : {}),
    aLeg("h", "agent", "Luis"),
  ];
  const shown = (echo: boolean, coach?: string) => {
    const { unmount } = render(<EchoStrip call={aCall("a", { legs: legs(echo) })} coach={coach} />);
    const text = screen.getByRole("status").textContent;
    unmount();
    return text;
  };

  it("is told before a whisper, in words", () => {
    expect(shown(true)).toBe("Ana is on a loudspeaker: the caller may hear a whisper.");
    expect(shown(false)).toBe("");
  });

  it("is told while that agent is coached, and not while another is", () => {
    expect(shown(true, "g")).toContain("Ana is on a loudspeaker");
    expect(shown(true, "h")).toBe("");
  });
});

describe("the timeline", () => {
  const mode = (at: number, value: Mode | "off", user = "me") => ({ kind: "mode" as const, at, user, mode: value });

  it("cuts the user's modes to the window", () => {
    const now = 1_000_000;
    const marks = [
      mode(now - 400_000, "listen"),
      mode(now - 60_000, "whisper"),
      mode(now - 30_000, "off"),
      mode(now - 10_000, "barge", "mei"),
    ];
    expect(ownSpans(marks, "me", now)).toEqual([
      { mode: "listen", from: now - WINDOW_MS, to: now - 60_000 },
      { mode: "whisper", from: now - 60_000, to: now - 30_000 },
    ]);
  });

  it("never lets two words overlap", () => {
    const now = 1_000_000;
    const marks = [0, 10, 40, 44, 90, 130, 170].map((ago) => mode(now - ago * 1000, "listen"));
    const placed = placedMarks(marks, [], "me", now).filter((mark) => mark.words);
    const spans = placed.map(({ words, at }) => (words === "before" ? [at - 25_000, at] : [at, at + 25_000]));
    expect(placed.map((mark) => (now - mark.at) / 1000)).toEqual([170, 130, 90, 0]);
    for (const [index, span] of spans.slice(1).entries())
      expect(span[0]).toBeGreaterThanOrEqual(spans[index]?.[1] ?? 0);
  });
});
