import type {
  AddNote,
  CallReport,
  CustomerContacts,
  HelpReport,
  InteractionDetail,
  InteractionKind,
  InteractionPage,
  MessagePage,
  NoteView,
  SupervisionReport,
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
  queue: string;
  /** A user's id. */
  agent: string;
  /** Only those in which somebody supervised. */
  supervised: boolean;
  /** Only those that were wrapped up with this code. */
  code: string;
}

/** What a report looks at. Times are Unix ms. */
export interface ReportFilter {
  from: number;
  until: number;
  team: string;
  queue: string;
}

/** What a row of the report of calls stands for. */
export type CallGrouping = "queue" | "agent" | "hour" | "day";

/** How a transcript is wanted. */
export type TranscriptFormat = "text" | "json";

/** The REST API of records and reports. */
export class RecordsApi extends StationApi {
  list(filter: RecordFilter, before: string | null): Promise<InteractionPage> {
    return this.json(schemas.InteractionPage, "GET", `/interactions${query({ ...listQuery(filter), before })}`);
  }
  listCsv(filter: RecordFilter): Promise<Blob> {
    return this.csv(`/interactions${query({ ...listQuery(filter), ...forSpreadsheets() })}`);
  }
  show(id: string): Promise<InteractionDetail> {
    return this.json(schemas.InteractionDetail, "GET", `/interactions/${id}`);
  }
  contacts(id: string): Promise<CustomerContacts> {
    return this.json(schemas.CustomerContacts, "GET", `/interactions/${id}/contacts`);
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
  helpCsv(filter: ReportFilter): Promise<Blob> {
    return this.csv(`/reports/help${reportQuery(filter)}`);
  }
  calls(filter: ReportFilter, by: CallGrouping): Promise<CallReport> {
    return this.json(schemas.CallReport, "GET", `/reports/calls${reportQuery(filter, { by })}`);
  }
  callsCsv(filter: ReportFilter, by: CallGrouping): Promise<Blob> {
    return this.csv(`/reports/calls${reportQuery(filter, { by, bom: "true" })}`);
  }
  supervision(filter: ReportFilter): Promise<SupervisionReport> {
    return this.json(schemas.SupervisionReport, "GET", `/reports/supervision${reportQuery(filter)}`);
  }
  supervisionCsv(filter: ReportFilter): Promise<Blob> {
    return this.csv(`/reports/supervision${reportQuery(filter, { bom: "true" })}`);
  }
  private async csv(path: string): Promise<Blob> {
    const answer = { accept: "text/csv", timeoutMs: REPORT_TIMEOUT_MS };
    return (await this.send("GET", path, undefined, answer)).blob();
  }
}

/** A day is the reader's. */
function reportQuery(filter: ReportFilter, more: Record<string, string> = {}): string {
  return query({ ...filter, zone: zone(), ...more });
}

function listQuery({ supervised, ...filter }: RecordFilter) {
  return { ...filter, supervised: supervised ? "true" : "" };
}

/** Spreadsheets take a file for UTF-8 by its byte order mark. */
function forSpreadsheets() {
  return { zone: zone(), bom: "true" };
}

/** Only what is asked for. */
export function query(values: Record<string, string | number | null>): string {
  const given = Object.entries(values).filter(([, value]) => value !== null && value !== "");
  const text = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
}
