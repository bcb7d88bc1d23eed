import { useQuery } from "@tanstack/react-query";
import { type CallGrouping, RecordsApi, type ReportFilter } from "../../api/records";

export const reportsApi = new RecordsApi();

export function useHelpReport(filter: ReportFilter, enabled: boolean) {
  return useQuery({
    queryKey: ["reports", "help", filter],
    queryFn: () => reportsApi.help(filter),
    placeholderData: (before) => before,
    enabled,
  });
}

export function useCallReport(filter: ReportFilter, by: CallGrouping, enabled: boolean) {
  return useQuery({
    queryKey: ["reports", "calls", by, filter],
    queryFn: () => reportsApi.calls(filter, by),
    // Of another grouping nothing fits.
    placeholderData: (before, query) => (query?.queryKey[2] === by ? before : undefined),
    enabled,
  });
}

export function useSupervisionReport(filter: ReportFilter, enabled: boolean) {
  return useQuery({
    queryKey: ["reports", "supervision", filter],
    queryFn: () => reportsApi.supervision(filter),
    placeholderData: (before) => before,
    enabled,
  });
}
