import { useQuery } from "@tanstack/react-query";
import { useTextTools } from "../live/hooks";
import type { CannedReply, UserRef } from "../wire/generated";

const FRESH_MS = 60_000;
/** Somebody may be writing one for this very case. */
const REPLIES_FRESH_MS = 1_000;

/** Whom one can bring in; undefined until they are known. */
export function useColleagues(): readonly UserRef[] | undefined {
  const { api } = useTextTools();
  return useQuery({ queryKey: ["colleagues"], queryFn: () => api.colleagues(), staleTime: FRESH_MS, retry: 1 }).data;
}

/** Replies that were written beforehand, for a queue or for all. */
export function useReplies(queue: string | undefined): readonly CannedReply[] | undefined {
  const { api } = useTextTools();
  const { data } = useQuery({
    queryKey: ["replies"],
    queryFn: () => api.replies(),
    staleTime: REPLIES_FRESH_MS,
    retry: 1,
  });
  return data?.filter((reply) => reply.queue === undefined || reply.queue === queue);
}
