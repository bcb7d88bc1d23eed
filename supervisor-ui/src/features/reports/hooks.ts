import { useMutation, useQuery } from "@tanstack/react-query";
import { RecordsApi, type ReportFilter } from "../../api/records";

const api = new RecordsApi();

export function useHelpReport(filter: ReportFilter, enabled: boolean) {
  return useQuery({
    queryKey: ["reports", "help", filter],
    queryFn: () => api.help(filter),
    placeholderData: (before) => before,
    enabled,
  });
}

export function useHelpCsv() {
  return useMutation({ mutationFn: (filter: ReportFilter) => api.helpCsv(filter) });
}
