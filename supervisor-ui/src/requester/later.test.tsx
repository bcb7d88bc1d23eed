import { act, cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { useLater } from "./later";

afterEach(cleanup);

/** A page that is asked for something before the rest of it is there. */
function show(fetch: () => Promise<string>, used: (there: string) => void) {
  function Page() {
    const { there, isAwaited, failed, isMissing, use } = useLater(fetch);
    const state = [there ?? "nothing", isAwaited && "awaited", failed && "failed", isMissing && "missing"];
    return (
      <>
        <button onClick={() => use(used)}>Call</button>
        <output>{state.filter(Boolean).join(" ")}</output>
      </>
    );
  }
  render(<Page />);
  const press = () => userEvent.click(screen.getByRole("button"));
  return { press, state: () => screen.getByRole("status").textContent };
}

it("is fetched at once, and what was wanted meanwhile is done once it is there", async () => {
  let arrive: (there: string) => void = () => undefined;
  const fetch = vi.fn(() => new Promise<string>((resolve) => (arrive = resolve)));
  const used = vi.fn();
  const { press, state } = show(fetch, used);
  expect(fetch).toHaveBeenCalledTimes(1);
  await press();
  await press();
  expect(state()).toBe("nothing awaited");
  await act(async () => arrive("all"));
  expect(used).toHaveBeenCalledExactlyOnceWith("all");
  expect(state()).toBe("all");
  await press();
  expect([used.mock.calls.length, fetch.mock.calls.length]).toEqual([2, 1]);
});

it("that it can’t be had is said to who wants it, and tried again when they want it again", async () => {
  const used = vi.fn();
  const fetch = vi.fn<() => Promise<string>>(() => Promise.reject(new Error("offline")));
  const { press, state } = show(fetch, used);
  await act(async () => undefined);
  expect(state()).toBe("nothing missing");
  await press();
  expect(state()).toBe("nothing failed missing");
  expect(used).not.toHaveBeenCalled();
  fetch.mockResolvedValue("all");
  await press();
  expect(used).toHaveBeenCalledExactlyOnceWith("all");
  expect(state()).toBe("all");
});
