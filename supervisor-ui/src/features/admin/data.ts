import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/http";
import { AdminApi } from "./api";

export const api = new AdminApi();

export const useUsers = () => useQuery({ queryKey: ["admin", "users"], queryFn: () => api.users() });
export const useTeams = () => useQuery({ queryKey: ["admin", "teams"], queryFn: () => api.teams() });
export const useQueues = () => useQuery({ queryKey: ["admin", "queues"], queryFn: () => api.queues() });
export const useSkills = () => useQuery({ queryKey: ["admin", "skills"], queryFn: () => api.skills() });
export const useReplies = () => useQuery({ queryKey: ["admin", "replies"], queryFn: () => api.replies() });
export const useWhisperRule = () => useQuery({ queryKey: ["admin", "whisper-rule"], queryFn: () => api.whisperRule() });
export const usePolicies = () => useQuery({ queryKey: ["admin", "policies"], queryFn: () => api.policies() });
export const useBrand = () => useQuery({ queryKey: ["admin", "brand"], queryFn: () => api.brand() });

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

/** A refusal in the page's language, where the page knows it; else in the server's words. */
export function useProblem(): (error: unknown) => string {
  const { t } = useTranslation("admin");
  return (error) => {
    if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
    switch (error.kind) {
      case "unreachable":
        return t("wrong.unreachable");
      case "/problems/taken":
        return t("wrong.taken");
      case "/problems/stale-revision":
        return t("wrong.stale");
      case "/problems/in-use":
        return t("wrong.inUse");
      case "/problems/last-administrator":
        return t("wrong.lastAdministrator");
      default:
        return error.message;
    }
  };
}

export function isStale(error: unknown): boolean {
  return error instanceof ApiError && error.kind === "/problems/stale-revision";
}
