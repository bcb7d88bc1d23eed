import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { RecordsApi, type RecordFilter } from "../../api/records";
import { useSession } from "../../session/session";
import type { AddNote, MessageView } from "../../wire/generated";

/** A search begins when nothing was typed for so long. */
const TYPING_PAUSE_MS = 300;
/** What goes on is looked at again after that. */
const FRESH_MS = 15_000;

const api = new RecordsApi();

/** The pages of the list so far. */
export function useRecords(filter: RecordFilter) {
  const settled = useSettled(filter);
  return useInfiniteQuery({
    queryKey: ["records", settled],
    queryFn: ({ pageParam }) => api.list(settled, pageParam),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next ?? null,
    placeholderData: (before) => before,
    refetchInterval: FRESH_MS,
  });
}

export function useRecord(id: string) {
  return useQuery({ queryKey: ["record", id], queryFn: () => api.show(id), refetchInterval: FRESH_MS });
}

export function useTimeline(id: string) {
  return useQuery({ queryKey: ["record", id, "timeline"], queryFn: () => api.timeline(id), refetchInterval: FRESH_MS });
}

/** The messages that came with the record, and older ones page by page. */
export function useMessages(id: string, newest: readonly MessageView[]) {
  const [older, setOlder] = useState<readonly MessageView[]>([]);
  const all = useMemo(() => merged(older, newest), [older, newest]);
  const first = all[0]?.number ?? 1;
  const load = useMutation({
    mutationFn: () => api.messages(id, first),
    onSuccess: ({ messages }) => setOlder((known) => merged(messages, known)),
  });
  return { all, hasOlder: first > 1, loadOlder: () => load.mutate(), loading: load.isPending };
}

export function useRecordsCsv() {
  return useMutation({ mutationFn: (filter: RecordFilter) => api.listCsv(filter) });
}

/** A queue as it is called, where the reader knows it. */
export function useQueueName(key: string | undefined): string | undefined {
  const { user } = useSession();
  return user.queues.find(({ id }) => id === key)?.name ?? key;
}

export function useAddNote(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (note: AddNote) => api.addNote(id, note),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["record", id] }),
  });
}

export function useTranscripts() {
  return useMutation({
    mutationFn: ({ id, kind, format }: { id: string; kind: "external" | "internal"; format: "text" | "json" }) =>
      api.transcript(id, kind, format),
  });
}

function merged(one: readonly MessageView[], other: readonly MessageView[]): readonly MessageView[] {
  const all = new Map([...one, ...other].map((message) => [message.number, message]));
  return [...all.values()].toSorted((a, b) => a.number - b.number);
}

function useSettled(filter: RecordFilter): RecordFilter {
  const [settled, setSettled] = useState(filter);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(filter), TYPING_PAUSE_MS);
    return () => clearTimeout(timer);
  }, [filter]);
  return settled;
}
