import { useMemo } from "react";
import { useTextTools } from "../../../live/hooks";
import { useSession } from "../../../session/session";
import { toast } from "../../../ui/toasts";
import type { HelpAction } from "../../../wire/generated";
import type { Request } from "./requests";

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
