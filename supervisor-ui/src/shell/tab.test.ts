import { renderHook } from "@testing-library/react";
import { expect, it } from "vitest";
import { useTab } from "./useTab";

it("shows the mode in the tab without asking the network for a picture", () => {
  document.head.innerHTML = '<link rel="icon" href="/favicon-off.svg">';
  const icon = () => document.querySelector('link[rel="icon"]')?.getAttribute("href") ?? "";
  const { rerender } = renderHook(({ mode }: { mode: "whisper" | "lost" }) => useTab(mode, "Live"), {
    initialProps: { mode: "whisper" },
  });
  const whispering = icon();
  expect(whispering).toMatch(/^data:image\/svg\+xml,/);
  rerender({ mode: "lost" });
  expect(icon()).toMatch(/^data:image\/svg\+xml,/);
  expect(icon()).not.toBe(whispering);
});
