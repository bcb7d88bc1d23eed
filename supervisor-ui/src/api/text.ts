import type {
  AgentView,
  AttachmentView,
  CannedReply,
  ChatList,
  ChatMessagePage,
  ChatView,
  ConferenceRequest,
  ConversationList,
  ConversationView,
  DestinationList,
  HandoverView,
  HelpRequest,
  MarkRequest,
  MessagePage,
  MessageReceipt,
  OfferAnswer,
  OpenConversation,
  PostChatMessage,
  PostMessage,
  SupervisionRequest,
  SupervisionState,
  TransferRequest,
  TranscriptKind,
  TranscriptView,
  TypingRequest,
  UserRef,
} from "../wire/generated";
import * as schemas from "../wire/schemas";
import { API_ROOT, StationApi } from "./http";
import { upload, type Upload } from "./upload";
import "./conversationProblems";

/** Messages of one page of history. */
const PAGE = 50;

/** The REST API of conversations and chats, for staff and guests alike. Nothing is retried here. */
export class TextApi extends StationApi {
  open(body: OpenConversation): Promise<ConversationView> {
    return this.json(schemas.ConversationView, "POST", "/conversations", body);
  }
  conversations(): Promise<ConversationList> {
    return this.json(schemas.ConversationList, "GET", "/conversations");
  }
  conversation(id: string): Promise<ConversationView> {
    return this.json(schemas.ConversationView, "GET", `/conversations/${id}`);
  }
  accept(id: string, body: OfferAnswer = {}): Promise<ConversationView> {
    return this.json(schemas.ConversationView, "POST", `/conversations/${id}/accept`, body);
  }
  decline(id: string, body: OfferAnswer = {}): Promise<void> {
    return this.done("POST", `/conversations/${id}/decline`, body);
  }
  leave(id: string): Promise<void> {
    return this.done("POST", `/conversations/${id}/leave`);
  }
  end(id: string): Promise<void> {
    return this.done("POST", `/conversations/${id}/end`);
  }
  /** The conversation beside a call. */
  beside(call: string): Promise<ConversationView> {
    return this.json(schemas.ConversationView, "PUT", `/calls/${call}/conversation`);
  }

  post(id: string, body: PostMessage): Promise<MessageReceipt> {
    return this.json(schemas.MessageReceipt, "POST", `/conversations/${id}/messages`, body);
  }
  /** The newest messages before a number; null: the newest of all. */
  messages(id: string, before: number | null): Promise<MessagePage> {
    return this.json(schemas.MessagePage, "GET", `/conversations/${id}/messages?${page(before)}`);
  }
  typing(id: string, body: TypingRequest): Promise<void> {
    return this.done("POST", `/conversations/${id}/typing`, body);
  }
  mark(id: string, body: MarkRequest): Promise<void> {
    return this.done("PUT", `/conversations/${id}/marks`, body);
  }
  /** Rejects with an ApiError; `progress` is told from 0 to 1. */
  attach(id: string, file: File, progress: (done: number) => void): Upload<AttachmentView> {
    const path = `/conversations/${id}/attachments?name=${encodeURIComponent(file.name)}`;
    return upload(schemas.AttachmentView, API_ROOT + path, file, this.credentials, progress);
  }
  /** Where an attachment lies, for those with the session's cookie. */
  attachmentUrl(id: string, attachment: string): string {
    return `${API_ROOT}/conversations/${id}/attachments/${attachment}`;
  }

  supervise(id: string, body: SupervisionRequest): Promise<SupervisionState> {
    return this.json(schemas.SupervisionState, "PUT", `/conversations/${id}/supervision`, body);
  }
  unsupervise(id: string): Promise<void> {
    return this.done("DELETE", `/conversations/${id}/supervision`);
  }
  tag(id: string, user: string): Promise<void> {
    return this.done("POST", `/conversations/${id}/colleagues`, { user });
  }
  help(id: string, body: HelpRequest): Promise<void> {
    return this.done("POST", `/conversations/${id}/help`, body);
  }
  transfer(id: string, body: TransferRequest): Promise<HandoverView> {
    return this.json(schemas.HandoverView, "POST", `/conversations/${id}/transfer`, body);
  }
  confer(id: string, body: ConferenceRequest): Promise<HandoverView> {
    return this.json(schemas.HandoverView, "POST", `/conversations/${id}/conference`, body);
  }
  takeBack(id: string, handover: string): Promise<void> {
    return this.done("DELETE", `/conversations/${id}/handovers/${handover}`);
  }
  transcript(id: string, kind: TranscriptKind): Promise<TranscriptView> {
    return this.json(schemas.TranscriptView, "GET", `/conversations/${id}/transcript?kind=${kind}`);
  }

  destinations(): Promise<DestinationList> {
    return this.json(schemas.DestinationList, "GET", "/destinations");
  }
  async colleagues(): Promise<UserRef[]> {
    return (await this.json(schemas.ColleagueList, "GET", "/colleagues")).colleagues;
  }
  /** Replies that were written beforehand. */
  async replies(): Promise<CannedReply[]> {
    return (await this.json(schemas.CannedReplyList, "GET", "/replies")).replies;
  }
  /** The people whom one may chat with. */
  async agents(): Promise<AgentView[]> {
    return (await this.json(schemas.AgentList, "GET", "/agents")).agents;
  }

  startChat(user: string): Promise<ChatView> {
    return this.json(schemas.ChatView, "POST", "/chats", { with: user });
  }
  chats(): Promise<ChatList> {
    return this.json(schemas.ChatList, "GET", "/chats");
  }
  /** The message itself comes with the events. */
  postChat(id: string, body: PostChatMessage): Promise<void> {
    return this.done("POST", `/chats/${id}/messages`, body);
  }
  chatMessages(id: string, before: number | null): Promise<ChatMessagePage> {
    return this.json(schemas.ChatMessagePage, "GET", `/chats/${id}/messages?${page(before)}`);
  }
  readChat(id: string, upTo: number): Promise<void> {
    return this.done("PUT", `/chats/${id}/read`, { up_to: upTo });
  }
  endChat(id: string): Promise<void> {
    return this.done("POST", `/chats/${id}/end`);
  }
}

function page(before: number | null): string {
  return before === null ? `limit=${PAGE}` : `before=${before}&limit=${PAGE}`;
}
