import { useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLive, useLiveStore, useTextTools } from "../../../live/hooks";
import { useSession } from "../../../session/session";
import { isolated, shownName } from "../../../text/unicode";
import { toast } from "../../../ui/toasts";
import type { HelpAction } from "../../../wire/generated";
import type { Request } from "../model/requests";

export interface HelpActions {
  take: (request: Request) => void;
  close: (request: Request) => void;
}

/** Takes a request up or closes it; a refusal is told, what came of it comes with the events. */
export function useHelpActions(): HelpActions {
  const { api } = useSession();
  const { api: text } = useTextTools();
  return useMemo(() => {
    const act = ({ kind, id }: Request, action: HelpAction) => {
      const done = kind === "call" ? api.help(id, { action }) : text.help(id, { action });
      done.catch((error: Error) => toast(error.message, "refused"));
    };
    return { take: (request) => act(request, "take"), close: (request) => act(request, "close") };
  }, [api, text]);
}

/**
 * A desktop notification for each request that arrives while nobody looks here; a click leads in.
 * Until `openedAt` is known there is no news, and what was raised before it is none.
 */
export function useHelpNews(requests: readonly Request[], openedAt: number | null, onOpen: (id: string) => void): void {
  const { t } = useTranslation("supervisor");
  const known = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const before = known.current;
    known.current = new Set(requests.map(({ key }) => key));
    if (openedAt === null || document.hasFocus() || !mayNotify()) return;
    for (const { key, id, agent, customer, reason, raisedAt, takenBy } of requests) {
      if (before.has(key) || raisedAt <= openedAt || takenBy) continue;
      const shown = new Notification(t("help.asks", { agent }), {
        body: reason ? `${isolated(customer)}: ${reason}` : shownName(customer),
        tag: key,
      });
      shown.onclick = () => {
        window.focus();
        onOpen(id);
        shown.close();
      };
    }
  }, [requests, openedAt, onOpen, t]);
}

/** When this page was first told how everything stands, on the server's clock; null: not yet. */
export function useOpenedAt(): number | null {
  const store = useLiveStore();
  const live = useLive((state) => state.connection.kind === "live");
  const [at, setAt] = useState<number | null>(null);
  if (live && at === null) setAt(store.getState().heardAt);
  return at;
}

/** Whether this browser has notifications and they were allowed. */
function mayNotify(): boolean {
  return "Notification" in window && Notification.permission === "granted";
}
