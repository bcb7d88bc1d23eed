import { useEffect } from "react";

/** What the tab and the window's frame say. */
export type TabMode = "off" | "listen" | "whisper" | "barge" | "lost";

const GLYPHS: Record<TabMode, string> = { off: "", listen: "○ ", whisper: "◐ ", barge: "● ", lost: "" };

/** Title, icon and frame of the window: the mode again, where the eye is not. */
export function useTab(mode: TabMode, title: string): void {
  useEffect(() => {
    document.title = `${GLYPHS[mode]}${title} · Sotto`;
    const icon = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
    icon?.setAttribute("href", `/favicon-${mode === "lost" ? "off" : mode}.svg`);
    if (mode === "off") delete document.body.dataset["mode"];
    else document.body.dataset["mode"] = mode;
  }, [mode, title]);
  useEffect(
    () => () => {
      delete document.body.dataset["mode"];
    },
    [],
  );
}
