import { fireEvent, render } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import { KeySettings } from "./settings";
import { useKeys } from "./useKeys";

const settings = new KeySettings("test", { hold: "v" });

function Page({ press, release }: { press: () => void; release: () => void }) {
  useKeys(settings, { press, release });
  return <textarea aria-label="note" />;
}

function setUp() {
  const [press, release] = [vi.fn(), vi.fn()];
  const { getByLabelText, unmount } = render(<Page press={press} release={release} />);
  fireEvent.keyDown(document.body, { key: "v", code: "KeyV" });
  expect(press).toHaveBeenCalledExactlyOnceWith("hold");
  return { release, field: getByLabelText("note"), unmount };
}

it("lets go with Cmd at the latest: while it is down, macOS tells of no other key that comes up", () => {
  const { release, unmount } = setUp();
  fireEvent.keyDown(document.body, { key: "Meta", code: "MetaLeft", metaKey: true });
  expect(release).not.toHaveBeenCalled();
  fireEvent.keyUp(document.body, { key: "Meta", code: "MetaLeft" });
  expect(release).toHaveBeenCalledExactlyOnceWith("hold");
  unmount();
});

it("lets go when somebody begins to write", () => {
  const { release, field, unmount } = setUp();
  field.focus();
  expect(release).toHaveBeenCalledExactlyOnceWith("hold");
  unmount();
});
