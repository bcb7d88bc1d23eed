import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { RecordsApi, type CallGrouping } from "../../../api/records";
import { useLive, useText } from "../../../live/hooks";
import { useSession } from "../../../session/session";
import { boardOf } from "./model";
import { queuesOf } from "./queues";

/** Today's figures are added up on the server; what goes on comes by itself. */
const FRESH_MS = 10_000;

const api = new RecordsApi();

/** Today's calls, by the reader's clock. */
function useToday(by: CallGrouping) {
  return useQuery({
    queryKey: ["board", "today", by],
    queryFn: () => {
      const now = new Date();
      const day = (after: number) => new Date(now.getFullYear(), now.getMonth(), now.getDate() + after).getTime();
      return api.calls({ from: day(0), until: day(1), team: "", queue: "" }, by);
    },
    refetchInterval: FRESH_MS,
  });
}

export function useBoard() {
  const agents = useLive((state) => state.agents);
  const calls = useLive((state) => state.calls);
  const conversations = useText((state) => state.conversations);
  const { data, isError } = useToday("agent");
  const rows = useMemo(
    () => boardOf(agents.values(), calls.values(), conversations.values(), data),
    [agents, calls, conversations, data],
  );
  return { rows, failed: isError };
}

export function useQueues() {
  const { user } = useSession();
  const calls = useLive((state) => state.calls);
  const conversations = useText((state) => state.conversations);
  const { data, isError } = useToday("queue");
  const rows = useMemo(
    () => queuesOf(user.queues, calls.values(), conversations.values(), data),
    [user.queues, calls, conversations, data],
  );
  return { rows, failed: isError };
}
