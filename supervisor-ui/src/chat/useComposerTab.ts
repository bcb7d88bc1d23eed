import { useState } from "react";
import type { Visibility } from "../wire/generated";

const STORED = "sotto.tab.";

/** Which tab of a conversation's composer is in sight; it outlives a reload, as the drafts do. */
export function useComposerTab(thread: string): [Visibility, (tab: Visibility) => void] {
  const [chosen, choose] = useState<{ thread: string; tab: Visibility } | null>(null);
  const stored = (): Visibility => (sessionStorage.getItem(STORED + thread) === "private" ? "private" : "public");
  const tab = chosen?.thread === thread ? chosen.tab : stored();
  return [
    tab,
    (next) => {
      sessionStorage.setItem(STORED + thread, next);
      choose({ thread, tab: next });
    },
  ];
}
