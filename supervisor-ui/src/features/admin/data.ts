import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { AdminApi } from "./api";

export const api = new AdminApi();

export const useUsers = () => useQuery({ queryKey: ["admin", "users"], queryFn: () => api.users() });
export const useTeams = () => useQuery({ queryKey: ["admin", "teams"], queryFn: () => api.teams() });
export const useQueues = () => useQuery({ queryKey: ["admin", "queues"], queryFn: () => api.queues() });
export const useSkills = () => useQuery({ queryKey: ["admin", "skills"], queryFn: () => api.skills() });
export const useReplies = () => useQuery({ queryKey: ["admin", "replies"], queryFn: () => api.replies() });
export const useWhisperRule = () => useQuery({ queryKey: ["admin", "whisper-rule"], queryFn: () => api.whisperRule() });
export const usePolicies = () => useQuery({ queryKey: ["admin", "policies"], queryFn: () => api.policies() });

/** Reads everything anew: what one change means elsewhere is the server's to know. */
export function useReload(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["admin"] });
}

/** Asks the server for a change, then reads everything anew. */
export function useChange<T>(change: (given: T) => Promise<unknown>, onDone: () => void) {
  const reload = useReload();
  return useMutation({
    mutationFn: change,
    onSuccess: async () => {
      await reload();
      onDone();
    },
  });
}
