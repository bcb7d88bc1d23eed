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

  it("goes by the place of a key that writes no Latin letter, and while an input method is on", () => {
    expect(actionOf(MAP, { ...press("д"), code: "KeyL" })).toBe("listen");
    expect(actionOf(MAP, { ...press("ς"), code: "KeyW" })).toBe("whisper");
    expect(actionOf(MAP, { ...press("り"), code: "KeyL" })).toBe("listen");
    expect(actionOf(MAP, { ...press("Process"), code: "KeyL" })).toBe("listen");
    expect(actionOf(MAP, { ...press("Ь", { ctrlKey: true, shiftKey: true }), code: "KeyM" })).toBe("mute");
    // A Latin letter at another place is that letter: Dvorak, AZERTY.
    expect(actionOf(MAP, { ...press("n"), code: "KeyL" })).toBeUndefined();
    expect(actionOf(MAP, { ...press("w"), code: "KeyZ" })).toBe("whisper");
    expect(actionOf(MAP, { ...press("?", { shiftKey: true }), code: "Minus" })).toBe("help");
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
