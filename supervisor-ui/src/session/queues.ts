import { useQuery } from "@tanstack/react-query";
import { OwnAccountApi } from "../api/ownAccount";
import type { QueueChoices } from "../wire/generated";

/** An administrator's change counts soon, without a reload. */
const FRESH_MS = 60_000;

const api = new OwnAccountApi();

/** What an administrator chose for the queues that one serves or supervises; empty while it is not known. */
export function useQueueChoices(): readonly QueueChoices[] {
  const { data } = useQuery({
    queryKey: ["queue-choices"],
    queryFn: () => api.queues(),
    staleTime: FRESH_MS,
    refetchInterval: FRESH_MS,
  });
  return data?.queues ?? NONE;
}

const NONE: readonly QueueChoices[] = [];
