import { useState } from "react";
import type { Visibility } from "../wire/generated";

const STORED = "sotto.tab.";

/** Which tab of a conversation's composer is in sight, `first` at first; it outlives a reload, as the drafts do. */
export function useComposerTab(thread: string, first: Visibility = "public"): [Visibility, (tab: Visibility) => void] {
  const [chosen, choose] = useState<{ thread: string; tab: Visibility } | null>(null);
  const stored = (): Visibility => {
    const kept = sessionStorage.getItem(STORED + thread);
    return kept === "private" || kept === "public" ? kept : first;
  };
  const tab = chosen?.thread === thread ? chosen.tab : stored();
  return [
    tab,
    (next) => {
      sessionStorage.setItem(STORED + thread, next);
      choose({ thread, tab: next });
    },
  ];
}
