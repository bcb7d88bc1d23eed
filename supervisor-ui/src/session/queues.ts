import { useQuery } from "@tanstack/react-query";
import type { QueueChoices } from "../wire/generated";
import { useSession } from "./session";

/** An administrator's change counts soon, without a reload. */
const FRESH_MS = 60_000;

/** What an administrator chose for the queues that one serves or supervises; empty while it is not known. */
export function useQueueChoices(): readonly QueueChoices[] {
  const { api } = useSession();
  const { data } = useQuery({
    queryKey: ["queue-choices"],
    queryFn: () => api.ownQueues(),
    staleTime: FRESH_MS,
    refetchInterval: FRESH_MS,
  });
  return data?.queues ?? NONE;
}

const NONE: readonly QueueChoices[] = [];
