import { describe, expect, it } from "vitest";
import { actionOf, assignable, capOf, chordOf, type KeyPress, remapped } from "./keymap";

const press = (key: string, modifiers: Partial<KeyPress> = {}): KeyPress => ({
  key,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  shiftKey: false,
  ...modifiers,
});
const MAP = { listen: "l", whisper: "w", help: "?", mute: "ctrl+shift+m" };

describe("shortcuts", () => {
  it("ignores the case of a letter but not its modifiers", () => {
    expect(actionOf(MAP, press("l"))).toBe("listen");
    expect(actionOf(MAP, press("L"))).toBe("listen");
    expect(actionOf(MAP, press("l", { ctrlKey: true }))).toBeUndefined();
    expect(actionOf(MAP, press("L", { shiftKey: true }))).toBeUndefined();
    expect(actionOf(MAP, press("M", { ctrlKey: true, shiftKey: true }))).toBe("mute");
  });

  it("takes Shift for granted where it makes the character", () => {
    expect(chordOf(press("?", { shiftKey: true }))).toBe("?");
    expect(actionOf(MAP, press("?", { shiftKey: true }))).toBe("help");
  });

  it("swaps keys so that none does two things", () => {
    const map = remapped(MAP, "listen", "w");
    expect(map).toMatchObject({ listen: "w", whisper: "l" });
    expect(new Set(Object.values(map)).size).toBe(Object.keys(map).length);
  });

  it("leaves Escape, Enter and the arrows alone", () => {
    for (const key of ["Escape", "Enter", " ", "Tab", "ArrowUp", "Shift"]) expect(assignable(press(key))).toBe(false);
    expect(assignable(press("k"))).toBe(true);
  });

  it("writes caps as on the keyboard", () => {
    expect(capOf("l")).toBe("L");
    expect(capOf("ctrl+shift+m")).toBe("Ctrl ⇧ M");
  });
});
