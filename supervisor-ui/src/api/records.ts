import type {
  AddNote,
  HelpReport,
  InteractionDetail,
  InteractionKind,
  InteractionPage,
  MessagePage,
  NoteView,
  Timeline,
  TranscriptKind,
} from "../wire/generated";
import * as schemas from "../wire/schemas";
import { zone } from "../browser/zone";
import { StationApi } from "./http";

/** A report over months may take the database a while. */
const REPORT_TIMEOUT_MS = 30_000;

/** What a list of interactions is narrowed to. Times are Unix ms. */
export interface RecordFilter {
  search: string;
  kind: InteractionKind | "";
  from: number | null;
  until: number | null;
}

/** What a report looks at. Times are Unix ms. */
export interface ReportFilter {
  from: number;
  until: number;
  team: string;
  queue: string;
}

/** How a transcript is wanted. */
export type TranscriptFormat = "text" | "json";

/** The REST API of records and reports. */
export class RecordsApi extends StationApi {
  list(filter: RecordFilter, before: string | null): Promise<InteractionPage> {
    const { search, kind, from, until } = filter;
    return this.json(schemas.InteractionPage, "GET", `/interactions${query({ search, kind, from, until, before })}`);
  }
  show(id: string): Promise<InteractionDetail> {
    return this.json(schemas.InteractionDetail, "GET", `/interactions/${id}`);
  }
  timeline(id: string): Promise<Timeline> {
    return this.json(schemas.Timeline, "GET", `/interactions/${id}/timeline`);
  }
  messages(id: string, before: number): Promise<MessagePage> {
    return this.json(schemas.MessagePage, "GET", `/interactions/${id}/messages${query({ before })}`);
  }
  addNote(id: string, body: AddNote): Promise<NoteView> {
    return this.json(schemas.NoteView, "POST", `/interactions/${id}/notes`, body);
  }
  async transcript(id: string, kind: TranscriptKind, format: TranscriptFormat): Promise<Blob> {
    const accept = format === "text" ? "text/plain" : "application/json";
    const wanted = query({ kind, zone: format === "text" ? zone() : "" });
    return (await this.send("GET", `/conversations/${id}/transcript${wanted}`, undefined, { accept })).blob();
  }
  help(filter: ReportFilter): Promise<HelpReport> {
    return this.json(schemas.HelpReport, "GET", `/reports/help${reportQuery(filter)}`);
  }
  async helpCsv(filter: ReportFilter): Promise<Blob> {
    const answer = { accept: "text/csv", timeoutMs: REPORT_TIMEOUT_MS };
    return (await this.send("GET", `/reports/help${reportQuery(filter)}`, undefined, answer)).blob();
  }
}

/** A day is the reader's. */
function reportQuery(filter: ReportFilter): string {
  return query({ ...filter, zone: zone() });
}

/** Only what is asked for. */
export function query(values: Record<string, string | number | null>): string {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== "");
  const text = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}
