import { fireEvent, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { describe, expect, it } from "vitest";
import { Button, HoldButton } from "./Button";
import { Dialog, DialogTitle } from "./Dialog";
import { MenuButton } from "./Menu";
import { Tabs } from "./Tabs";

function Account({ chosen }: { chosen: string[] }) {
  const entry = (label: string, isDisabled = false) => ({
    id: label,
    label,
    isDisabled,
    onSelect: () => void chosen.push(label),
  });
  return (
    <MenuButton
      label="Account"
      entries={[entry("Message"), entry("Ready", true), entry("Sign out")]}
      trigger={(props) => <Button {...props}>Ana</Button>}
    />
  );
}

describe("a menu", () => {
  it("is opened, gone through and left by keys, and gives the focus back", async () => {
    const chosen: string[] = [];
    const user = userEvent.setup();
    render(<Account chosen={chosen} />);
    const button = screen.getByRole("button", { name: "Ana" });
    button.focus();
    await user.keyboard("{ArrowDown}");
    expect(button.getAttribute("aria-expanded")).toBe("true");
    expect(document.activeElement?.textContent).toBe("Message");
    // What can't be chosen is passed by; the end leads to the beginning; a letter finds.
    await user.keyboard("{ArrowDown}");
    expect(document.activeElement?.textContent).toBe("Sign out");
    await user.keyboard("{ArrowDown}s{Escape}");
    expect(screen.queryByRole("menu")).toBeNull();
    expect(document.activeElement).toBe(button);
    await user.keyboard("{Enter}s{Enter}");
    expect(chosen).toEqual(["Sign out"]);
    expect(document.activeElement).toBe(button);
  });

  it("is closed by a press elsewhere, and chooses nothing then", async () => {
    const chosen: string[] = [];
    render(<Account chosen={chosen} />);
    await userEvent.click(screen.getByRole("button", { name: "Ana" }));
    await userEvent.click(screen.getByRole("menuitem", { name: "Ready" }));
    expect(screen.getByRole("menu")).toBeTruthy();
    await userEvent.click(document.body);
    expect(screen.queryByRole("menu")).toBeNull();
    expect(chosen).toEqual([]);
  });
});

function Asking() {
  const [isOpen, open] = useState(false);
  return (
    <>
      <Button onPress={() => open(true)}>Barge</Button>
      <Dialog isOpen={isOpen} onClose={() => open(false)} role="alertdialog">
        <DialogTitle>Everyone will hear you</DialogTitle>
        <Button autoFocus onPress={() => open(false)}>
          Cancel
        </Button>
      </Dialog>
    </>
  );
}

describe("a dialog", () => {
  it("has its title for a name, begins where it is told to, and gives page and focus back on Escape", async () => {
    const root = document.createElement("div");
    root.id = "root";
    document.body.append(root);
    render(<Asking />, { container: root });
    const barge = screen.getByRole("button", { name: "Barge" });
    await userEvent.click(barge);
    const dialog = screen.getByRole("alertdialog", { name: "Everyone will hear you" });
    expect(document.activeElement).toBe(screen.getByRole("button", { name: "Cancel" }));
    expect(root.hasAttribute("inert")).toBe(true);
    // A question stays when one presses beside it.
    await userEvent.click(dialog.parentElement ?? dialog);
    expect(screen.getByRole("alertdialog")).toBeTruthy();
    // Wherever the focus went, Escape closes it, and is no key of the page.
    (document.activeElement as HTMLElement).blur();
    const escape = new KeyboardEvent("keydown", { key: "Escape", bubbles: true, cancelable: true });
    let reached = false;
    const page = () => (reached = true);
    window.addEventListener("keydown", page);
    fireEvent(document.body, escape);
    window.removeEventListener("keydown", page);
    expect(screen.queryByRole("alertdialog")).toBeNull();
    expect(reached).toBe(false);
    expect(root.hasAttribute("inert")).toBe(false);
    expect(document.activeElement).toBe(barge);
    root.remove();
  });
});

describe("a button that is held", () => {
  const ends: [string, (button: HTMLElement) => void][] = [
    ["the pointer comes up", (button) => fireEvent.pointerUp(button)],
    ["the pointer leaves it", (button) => fireEvent.pointerLeave(button)],
    ["the system takes the pointer", (button) => fireEvent.pointerCancel(button)],
    ["it loses the focus", (button) => fireEvent.blur(button)],
    ["the window loses the focus", () => fireEvent.blur(window)],
  ];
  it.each(ends)("lets go when %s, once", (_, end) => {
    const said: string[] = [];
    render(
      <HoldButton onHold={() => said.push("hold")} onRelease={() => said.push("release")}>
        Hold to whisper
      </HoldButton>,
    );
    const button = screen.getByRole("button");
    fireEvent.pointerDown(button, { button: 0, isPrimary: true });
    end(button);
    end(button);
    fireEvent.pointerEnter(button);
    expect(said).toEqual(["hold", "release"]);
  });

  it("lets go when it can no longer be used, and when it goes away", () => {
    const said: string[] = [];
    const draw = (isDisabled: boolean) => (
      <HoldButton isDisabled={isDisabled} onHold={() => said.push("hold")} onRelease={() => said.push("release")}>
        Hold to whisper
      </HoldButton>
    );
    const { rerender, unmount } = render(draw(false));
    fireEvent.keyDown(screen.getByRole("button"), { key: " " });
    fireEvent.keyDown(screen.getByRole("button"), { key: " ", repeat: true });
    rerender(draw(true));
    expect(said).toEqual(["hold", "release"]);
    rerender(draw(false));
    fireEvent.keyDown(screen.getByRole("button"), { key: "Enter" });
    unmount();
    expect(said).toEqual(["hold", "release", "hold", "release"]);
  });
});

it("tabs move the focus by arrows, and select when one says so", async () => {
  const user = userEvent.setup();
  const Both = () => {
    const [tab, setTab] = useState<"public" | "private">("public");
    const tabs = [
      { id: "public" as const, label: "Public" },
      { id: "private" as const, label: "Private" },
    ];
    return (
      <Tabs label="Who sees it" tabs={tabs} selected={tab} onSelect={setTab}>
        {tab}
      </Tabs>
    );
  };
  render(<Both />);
  screen.getByRole("tab", { name: "Public" }).focus();
  await user.keyboard("{ArrowRight}");
  expect(document.activeElement).toBe(screen.getByRole("tab", { name: "Private" }));
  expect(screen.getByRole("tabpanel", { name: "Public" })).toBeTruthy();
  await user.keyboard("{Enter}");
  expect(screen.getByRole("tabpanel", { name: "Private" }).textContent).toBe("private");
});
