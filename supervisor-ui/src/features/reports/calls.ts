import type { CallGrouping } from "../../api/records";
import type { CallReportFigures, CallReportRow } from "../../wire/generated";

/**
 * The part of the calls that were answered within their goal, in percent, of those that were answered or
 * hung up by their callers; null: there was none.
 */
export function serviceLevel({ answered, abandoned, within_goal }: CallReportFigures): number | null {
  const counted = answered + abandoned;
  return counted === 0 ? null : Math.floor((within_goal / counted) * 100);
}

/** Hours and days in their order, the rest by the number of calls. */
export function sorted(rows: readonly CallReportRow[], by: CallGrouping): readonly CallReportRow[] {
  if (by === "hour" || by === "day") return rows;
  return rows.toSorted((a, b) => b.figures.offered - a.figures.offered);
}
