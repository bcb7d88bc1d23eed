import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import type { Request } from "./requests";

/** A desktop notification for each request that arrives while nobody looks here; a click leads in. */
export function useHelpNews(requests: readonly Request[], onOpen: (id: string) => void): void {
  const { t } = useTranslation("supervisor");
  const known = useRef<ReadonlySet<string> | null>(null);
  useEffect(() => {
    const before = known.current;
    known.current = new Set(requests.map(({ key }) => key));
    // What was there when the page was opened is no news.
    if (before === null || document.hasFocus() || !mayNotify()) return;
    for (const { key, id, agent, customer, reason, takenBy } of requests) {
      if (before.has(key) || takenBy) continue;
      const shown = new Notification(t("help.asks", { agent }), { body: reason ? `${customer}: ${reason}` : customer, tag: key });
      shown.onclick = () => {
        window.focus();
        onOpen(id);
        shown.close();
      };
    }
  }, [requests, onOpen, t]);
}

/** Whether this browser has notifications and they were allowed. */
export function mayNotify(): boolean {
  return "Notification" in window && Notification.permission === "granted";
}
