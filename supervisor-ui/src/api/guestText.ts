import type {
  AttachmentView,
  ConversationView,
  MarkRequest,
  MessagePage,
  MessageReceipt,
  OpenConversation,
  PostMessage,
  TranscriptView,
} from "../wire/generated";
import * as schemas from "../wire/customerSchemas";
import { zone } from "../browser/zone";
import { API_ROOT } from "./http";
import { GuestApi } from "./guest";
import { upload, type Upload } from "./upload";
import "./conversationProblems";

/** Messages of one page of history. */
const PAGE_MESSAGES = 50;
/** A file of 10 MB takes its time on a slow line. */
const FILE_TIMEOUT_MS = 120_000;

/** What a customer who writes asks of the server. It knows nothing of what staff can do. */
export class GuestTextApi extends GuestApi {
  logout(): Promise<void> {
    return this.done("POST", "/logout");
  }

  open(body: OpenConversation): Promise<ConversationView> {
    return this.json(schemas.ConversationView, "POST", "/conversations", body);
  }
  /** The conversation beside a call; it is made if there is none yet. */
  beside(call: string): Promise<ConversationView> {
    return this.json(schemas.ConversationView, "PUT", `/calls/${call}/conversation`);
  }
  conversation(id: string): Promise<ConversationView> {
    return this.json(schemas.ConversationView, "GET", `/conversations/${id}`);
  }
  end(id: string): Promise<void> {
    return this.done("POST", `/conversations/${id}/end`);
  }

  /** The same `client_id` again is the same message. */
  post(id: string, body: PostMessage): Promise<MessageReceipt> {
    return this.json(schemas.MessageReceipt, "POST", `/conversations/${id}/messages`, body);
  }
  /** The newest messages before a number. */
  messages(id: string, before: number): Promise<MessagePage> {
    return this.json(
      schemas.MessagePage,
      "GET",
      `/conversations/${id}/messages?before=${before}&limit=${PAGE_MESSAGES}`,
    );
  }
  typing(id: string, typing: boolean): Promise<void> {
    return this.done("POST", `/conversations/${id}/typing`, { visibility: "public", typing });
  }
  mark(id: string, body: MarkRequest): Promise<void> {
    return this.done("PUT", `/conversations/${id}/marks`, body);
  }

  /** `progress` is told from 0 to 1. */
  attach(id: string, file: File, progress: (done: number) => void): Upload<AttachmentView> {
    const path = `/conversations/${id}/attachments?name=${encodeURIComponent(file.name)}`;
    return upload(schemas.AttachmentView, API_ROOT + path, file, this.credentials, progress);
  }
  async attachment(id: string, attachment: string): Promise<Blob> {
    const answer = { accept: "*/*", timeoutMs: FILE_TIMEOUT_MS };
    return (await this.send("GET", `/conversations/${id}/attachments/${attachment}`, undefined, answer)).blob();
  }

  transcript(id: string): Promise<TranscriptView> {
    return this.json(schemas.TranscriptView, "GET", `/conversations/${id}/transcript?kind=external`);
  }
  async transcriptText(id: string): Promise<string> {
    const answer = { accept: "text/plain, application/problem+json" };
    const at = zone();
    const path = `/conversations/${id}/transcript?kind=external${at && `&zone=${encodeURIComponent(at)}`}`;
    return (await this.send("GET", path, undefined, answer)).text();
  }
}
