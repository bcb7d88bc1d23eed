import { act, render, screen } from "@testing-library/react";
import { createElement } from "react";
import { describe, expect, it, vi } from "vitest";
import { createChannel, createStore } from "./store";
import { useStore } from "./useStore";

describe("a store", () => {
  it("tells of a change, and of nothing that is none", () => {
    const store = createStore({ a: 1, b: 1 });
    const told = vi.fn();
    const leave = store.subscribe(told);
    store.set(store.get());
    expect(told).not.toHaveBeenCalled();
    store.patch({ b: 2 });
    expect(store.get()).toEqual({ a: 1, b: 2 });
    expect(told).toHaveBeenCalledTimes(1);
    leave();
    store.patch({ b: 3 });
    expect(told).toHaveBeenCalledTimes(1);
  });

  it("starts what feeds it with the first listener and stops it after the last", () => {
    const stop = vi.fn();
    const start = vi.fn(() => stop);
    const store = createStore(0, { whileHeard: start });
    const leave = [store.subscribe(() => undefined), store.subscribe(() => undefined)];
    expect(start).toHaveBeenCalledTimes(1);
    leave[0]?.();
    leave[0]?.();
    expect(stop).not.toHaveBeenCalled();
    leave[1]?.();
    expect(stop).toHaveBeenCalledTimes(1);
    store.subscribe(() => undefined);
    expect(start).toHaveBeenCalledTimes(2);
  });

  it("rerenders a component with the part that it selects", () => {
    const store = createStore({ name: "Ana", seen: 0 });
    const drawn = vi.fn();
    const Name = () => {
      drawn();
      return createElement(
        "b",
        null,
        useStore(store, ({ name }) => name),
      );
    };
    render(createElement(Name));
    act(() => store.patch({ seen: 1 }));
    expect(drawn).toHaveBeenCalledTimes(1);
    act(() => store.patch({ name: "Sam" }));
    expect(screen.getByText("Sam")).toBeDefined();
  });
});

describe("a channel", () => {
  it("tells each listener once, also the same function given twice", () => {
    const channel = createChannel<[number, string]>();
    const told = vi.fn();
    const leave = channel.listen(told);
    channel.listen(told);
    channel.emit(1, "a");
    expect(told.mock.calls).toEqual([
      [1, "a"],
      [1, "a"],
    ]);
    leave();
    channel.emit(2, "b");
    expect(told).toHaveBeenCalledTimes(3);
  });
});
