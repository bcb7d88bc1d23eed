import { useEffect } from "react";
import { setTab } from "./tab";

/** What the tab and the window's frame say. */
export type TabMode = "off" | "listen" | "whisper" | "barge" | "lost";

const GLYPHS: Record<TabMode, string> = { off: "", listen: "○ ", whisper: "◐ ", barge: "● ", lost: "" };

/** Title, icon and frame of the window: the mode again, where the eye is not. */
export function useTab(mode: TabMode, title: string): void {
  useEffect(() => {
    setTab(`${GLYPHS[mode]}${title}`, mode === "lost" ? "off" : mode);
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
