import { useState } from "react";
import { session } from "../browser/storage";
import type { Visibility } from "../wire/generated";

const STORED = "sotto.tab.";

/** Which tab of a conversation's composer is in sight, `first` at first; it outlives a reload, as the drafts do. */
export function useComposerTab(thread: string, first: Visibility = "public"): [Visibility, (tab: Visibility) => void] {
  const [chosen, choose] = useState<{ thread: string; tab: Visibility } | null>(null);
  const stored = (): Visibility => {
    const kept = session.get(STORED + thread);
    return kept === "private" || kept === "public" ? kept : first;
  };
  const tab = chosen?.thread === thread ? chosen.tab : stored();
  return [
    tab,
    (next) => {
      session.set(STORED + thread, next);
      choose({ thread, tab: next });
    },
  ];
}
