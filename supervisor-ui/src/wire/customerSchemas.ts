// The messages of the API, from crate `wire`. Made by `cargo run -p xtask -- codegen`: change the crate, not this file.

import * as v from "valibot";
import type * as wire from "./generated";
import { anyText, type Schema } from "./schema";

export const AttachmentView: Schema<wire.AttachmentView> = v.object({
  id: v.string(),
  name: v.string(),
  media_type: v.string(),
  size_bytes: v.number(),
});

export const CallPhase: Schema<wire.CallPhase> = v.picklist(["waiting", "ringing", "dialing", "active", "ended"]);

export const CallerInfo: Schema<wire.CallerInfo> = v.object({
  name: v.string(),
  number: v.exactOptional(v.string()),
});

export const CallerSource: Schema<wire.CallerSource> = v.picklist(["stated", "network", "dialed"]);

export const UserRef: Schema<wire.UserRef> = v.object({
  user: v.string(),
  name: v.string(),
});

export const OutboundProgress: Schema<wire.OutboundProgress> = v.picklist(["calling", "ringing", "taken"]);

export const OutboundView: Schema<wire.OutboundView> = v.object({
  by: UserRef,
  progress: OutboundProgress,
});

export const AddingProgress: Schema<wire.AddingProgress> = v.picklist(["calling", "ringing", "failed"]);

export const EndReason: Schema<wire.EndReason> = v.picklist([
  "caller",
  "agent",
  "no_agent",
  "no_media",
  "lost",
  "server",
  "busy",
  "declined",
  "no_answer",
  "no_such_number",
  "trunk_refused",
  "no_common_codec",
  "trunk_failed",
]);

export const AddingView: Schema<wire.AddingView> = v.object({
  by: UserRef,
  number: v.string(),
  transfer: v.boolean(),
  progress: AddingProgress,
  reason: v.exactOptional(EndReason),
});

export const Role: Schema<wire.Role> = anyText<wire.Role>();

export const Mode: Schema<wire.Mode> = anyText<wire.Mode>();

export const MediaFault: Schema<wire.MediaFault> = v.picklist([
  "wrong_payload_type",
  "wrong_source",
  "nothing_received",
  "nothing_arrives",
  "digital_silence",
  "clipping",
]);

export const LegView: Schema<wire.LegView> = v.object({
  id: v.string(),
  user: v.string(),
  name: v.string(),
  role: Role,
  mode: v.exactOptional(Mode),
  mode_since: v.exactOptional(v.number()),
  consulted_by: v.exactOptional(v.string()),
  muted: v.boolean(),
  lost: v.boolean(),
  echo: v.exactOptional(v.boolean()),
  fault: v.exactOptional(MediaFault),
  joined_at: v.number(),
});

export const HelpState: Schema<wire.HelpState> = v.picklist(["open", "in_progress", "closed", "cancelled"]);

export const HelpView: Schema<wire.HelpView> = v.object({
  leg: v.string(),
  agent: v.string(),
  reason: v.exactOptional(v.string()),
  state: HelpState,
  requested_at: v.number(),
  taken_by: v.exactOptional(UserRef),
  taken_at: v.exactOptional(v.number()),
  ended_at: v.exactOptional(v.number()),
});

export const HandoverKind: Schema<wire.HandoverKind> = v.picklist(["transfer", "consultation", "conference"]);

export const Destination: Schema<wire.Destination> = v.union([
  v.object({
    queue: v.string(),
  }),
  v.object({
    agent: v.string(),
  }),
]);

export const HandoverView: Schema<wire.HandoverView> = v.object({
  id: v.string(),
  kind: HandoverKind,
  from: UserRef,
  to: Destination,
  to_name: v.string(),
  note: v.exactOptional(v.string()),
  requested_at: v.number(),
});

export const ConsultationState: Schema<wire.ConsultationState> = v.picklist(["ringing", "talking"]);

export const ConsultationView: Schema<wire.ConsultationView> = v.object({
  state: ConsultationState,
  by: v.string(),
  with: v.string(),
  leg: v.exactOptional(v.string()),
  since: v.number(),
});

export const MoodView: Schema<wire.MoodView> = v.object({
  value: v.number(),
  trend: v.number(),
});

export const TalkView: Schema<wire.TalkView> = v.object({
  caller_share: v.number(),
  talk_over: v.number(),
  dead_air: v.number(),
  silent_ms: v.number(),
  caller_raised: v.boolean(),
  agent_raised: v.boolean(),
});

export const CallView: Schema<wire.CallView> = v.object({
  id: v.string(),
  state: CallPhase,
  queue: v.exactOptional(v.string()),
  caller: CallerInfo,
  caller_source: v.exactOptional(CallerSource),
  outbound: v.exactOptional(OutboundView),
  adding: v.exactOptional(AddingView),
  legs: v.array(LegView),
  place: v.exactOptional(v.number()),
  ringing: v.exactOptional(UserRef),
  held: v.boolean(),
  placed_at: v.number(),
  answered_at: v.exactOptional(v.number()),
  help: v.exactOptional(HelpView),
  handovers: v.exactOptional(v.array(HandoverView)),
  consultation: v.exactOptional(ConsultationView),
  transferring_to: v.exactOptional(v.string()),
  mood: v.exactOptional(MoodView),
  talk: v.exactOptional(TalkView),
  agents_apart: v.exactOptional(v.boolean()),
  own_leg: v.exactOptional(v.string()),
  revision: v.exactOptional(v.number()),
  end_reason: v.exactOptional(EndReason),
});

export const ConversationPhase: Schema<wire.ConversationPhase> = v.picklist(["waiting", "active", "parked", "ended"]);

export const MemberPart: Schema<wire.MemberPart> = anyText<wire.MemberPart>();

export const MemberView: Schema<wire.MemberView> = v.object({
  user: v.string(),
  name: v.string(),
  part: MemberPart,
  mode: v.exactOptional(Mode),
  since: v.number(),
});

export const MarkKind: Schema<wire.MarkKind> = v.picklist(["delivered", "read"]);

export const MarkView: Schema<wire.MarkView> = v.object({
  user: v.string(),
  kind: MarkKind,
  up_to: v.number(),
});

export const ConversationRights: Schema<wire.ConversationRights> = v.object({
  write_public: v.boolean(),
  write_private: v.exactOptional(v.boolean()),
  transcript: v.boolean(),
});

export const HelpRequestView: Schema<wire.HelpRequestView> = v.object({
  agent: UserRef,
  reason: v.exactOptional(v.string()),
  state: HelpState,
  raised_at: v.number(),
  taken_by: v.exactOptional(UserRef),
  taken_at: v.exactOptional(v.number()),
});

export const ConversationEnd: Schema<wire.ConversationEnd> = v.picklist(["requester", "agent", "no_agents", "server"]);

export const ConversationView: Schema<wire.ConversationView> = v.object({
  id: v.string(),
  state: ConversationPhase,
  channel: v.string(),
  call: v.exactOptional(v.string()),
  queue: v.exactOptional(v.string()),
  requester: UserRef,
  subject: v.exactOptional(v.string()),
  members: v.array(MemberView),
  messages: v.number(),
  marks: v.array(MarkView),
  transferring_to: v.exactOptional(v.string()),
  opened_at: v.number(),
  answered_at: v.exactOptional(v.number()),
  may: ConversationRights,
  help: v.exactOptional(HelpRequestView),
  handovers: v.exactOptional(v.array(HandoverView)),
  mood: v.exactOptional(MoodView),
  place: v.exactOptional(v.number()),
  revision: v.exactOptional(v.number()),
  end_reason: v.exactOptional(ConversationEnd),
});

export const Permission: Schema<wire.Permission> = anyText<wire.Permission>();

export const Named: Schema<wire.Named> = v.object({
  id: v.string(),
  name: v.string(),
});

export const Queue: Schema<wire.Queue> = v.object({
  id: v.string(),
  name: v.string(),
  team: v.string(),
});

export const User: Schema<wire.User> = v.object({
  id: v.string(),
  username: v.string(),
  name: v.string(),
  role: Role,
  permissions: v.array(Permission),
  teams: v.array(Named),
  queues: v.array(Queue),
});

export const PresenceState: Schema<wire.PresenceState> = v.picklist([
  "ready",
  "not_ready",
  "ringing",
  "active",
  "offline",
]);

export const AgentView: Schema<wire.AgentView> = v.object({
  user: v.string(),
  name: v.string(),
  queues: v.array(v.string()),
  state: PresenceState,
  reason: v.exactOptional(v.string()),
  since: v.number(),
  until: v.exactOptional(v.number()),
});

export const Offer: Schema<wire.Offer> = v.object({
  call: CallView,
  handover: v.exactOptional(HandoverView),
  expires_at: v.number(),
});

export const Snapshot: Schema<wire.Snapshot> = v.object({
  me: User,
  calls: v.array(CallView),
  agents: v.array(AgentView),
  offer: v.exactOptional(Offer),
});

export const HandoverOutcome: Schema<wire.HandoverOutcome> = v.picklist([
  "accepted",
  "no_agents",
  "declined",
  "cancelled",
]);

export const CallMeters: Schema<wire.CallMeters> = v.object({
  call: v.string(),
  legs: v.array(v.number()),
});

export const CallMood: Schema<wire.CallMood> = v.object({
  call: v.string(),
  mood: MoodView,
  talk: TalkView,
});

export const StationState: Schema<wire.StationState> = v.picklist(["connecting", "connected"]);

export const StationView: Schema<wire.StationView> = v.object({
  id: v.string(),
  state: StationState,
  fault: v.exactOptional(MediaFault),
});

export const StationEnd: Schema<wire.StationEnd> = v.picklist([
  "closed",
  "by_client",
  "lost",
  "no_ice",
  "no_dtls",
  "dtls_failed",
  "wrong_certificate",
]);

export const Envelope: Schema<wire.Envelope> = v.variant("type", [
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("snapshot"),
    me: User,
    calls: v.array(CallView),
    agents: v.array(AgentView),
    offer: v.exactOptional(Offer),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("call.offered"),
    call: CallView,
    handover: v.exactOptional(HandoverView),
    expires_at: v.number(),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("call.offer_ended"),
    call: v.string(),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("call.updated"),
    call: CallView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("call.started"),
    call: CallView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("call.ended"),
    call: CallView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("leg.joined"),
    call: CallView,
    leg: LegView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("leg.left"),
    call: CallView,
    leg: LegView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("leg.changed"),
    call: CallView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("help.changed"),
    call: CallView,
    request: HelpView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("call.handover_requested"),
    call: CallView,
    handover: HandoverView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("call.handover_ended"),
    call: v.string(),
    handover: HandoverView,
    outcome: HandoverOutcome,
    by: v.exactOptional(UserRef),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("presence.changed"),
    agent: AgentView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("meters"),
    calls: v.array(CallMeters),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("moods"),
    calls: v.array(CallMood),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("station.changed"),
    station: StationView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("station.closed"),
    station: v.string(),
    reason: StationEnd,
  }),
]);

export const LegState: Schema<wire.LegState> = v.object({
  leg: v.string(),
  mode: v.exactOptional(Mode),
  revision: v.exactOptional(v.number()),
});

export const LoginResponse: Schema<wire.LoginResponse> = v.object({
  token: v.string(),
  expires_at: v.number(),
  user: User,
});

export const DeliveryFailureCause: Schema<wire.DeliveryFailureCause> = v.picklist(["refused", "expired", "unsendable"]);

export const DeliveryFailureView: Schema<wire.DeliveryFailureView> = v.object({
  cause: DeliveryFailureCause,
  detail: v.exactOptional(v.string()),
});

export const MessageView: Schema<wire.MessageView> = v.object({
  number: v.number(),
  public: v.exactOptional(v.number()),
  author: UserRef,
  part: MemberPart,
  at: v.number(),
  text: v.string(),
  attachments: v.array(AttachmentView),
  client_id: v.exactOptional(v.string()),
  delivery_failure: v.exactOptional(DeliveryFailureView),
});

export const MessagePage: Schema<wire.MessagePage> = v.object({
  messages: v.array(MessageView),
  more: v.boolean(),
});

export const MessageReceipt: Schema<wire.MessageReceipt> = v.object({
  number: v.number(),
  public: v.exactOptional(v.number()),
  at: v.number(),
});

export const ConversationOffer: Schema<wire.ConversationOffer> = v.object({
  conversation: ConversationView,
  handover: v.exactOptional(HandoverView),
  expires_at: v.number(),
});

export const ChatView: Schema<wire.ChatView> = v.object({
  id: v.string(),
  with: UserRef,
  own: v.boolean(),
  pending: v.boolean(),
  unread: v.number(),
  read_up_to: v.number(),
  messages: v.number(),
  opened_at: v.number(),
  ended: v.boolean(),
});

export const TextSnapshot: Schema<wire.TextSnapshot> = v.object({
  conversations: v.array(ConversationView),
  offers: v.array(ConversationOffer),
  waiting: v.array(ConversationView),
  chats: v.array(ChatView),
});

export const ChatMessageView: Schema<wire.ChatMessageView> = v.object({
  number: v.number(),
  own: v.boolean(),
  at: v.number(),
  text: v.string(),
  client_id: v.exactOptional(v.string()),
});

export const TextEnvelope: Schema<wire.TextEnvelope> = v.variant("type", [
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("text.snapshot"),
    conversations: v.array(ConversationView),
    offers: v.array(ConversationOffer),
    waiting: v.array(ConversationView),
    chats: v.array(ChatView),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.offered"),
    conversation: ConversationView,
    handover: v.exactOptional(HandoverView),
    expires_at: v.number(),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.offer_ended"),
    conversation: v.string(),
    handover: v.exactOptional(v.string()),
    taken_by: v.exactOptional(UserRef),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.list_changed"),
    queue: v.string(),
    waiting: v.array(ConversationView),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.updated"),
    conversation: ConversationView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.joined"),
    conversation: ConversationView,
    member: MemberView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.left"),
    conversation: ConversationView,
    member: UserRef,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.tagged"),
    conversation: ConversationView,
    by: UserRef,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("message.posted"),
    conversation: v.string(),
    message: MessageView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("message.typing"),
    conversation: v.string(),
    user: UserRef,
    typing: v.boolean(),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("message.marked"),
    conversation: v.string(),
    mark: MarkView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("message.not_delivered"),
    conversation: v.string(),
    public: v.number(),
    failure: DeliveryFailureView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.help_changed"),
    conversation: ConversationView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.transferring"),
    conversation: ConversationView,
    to: v.string(),
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.handover_requested"),
    conversation: ConversationView,
    handover: HandoverView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.handover_ended"),
    conversation: v.string(),
    handover: HandoverView,
    outcome: HandoverOutcome,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("conversation.ended"),
    conversation: ConversationView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("chat.updated"),
    chat: ChatView,
  }),
  v.object({
    seq: v.exactOptional(v.number()),
    at: v.number(),
    type: v.literal("chat.message"),
    chat: ChatView,
    message: ChatMessageView,
  }),
]);

export const TranscriptKind: Schema<wire.TranscriptKind> = v.picklist(["external", "internal"]);

export const TranscriptLine: Schema<wire.TranscriptLine> = v.object({
  at: v.number(),
  private: v.exactOptional(v.boolean()),
  author: v.exactOptional(UserRef),
  text: v.string(),
});

export const TranscriptView: Schema<wire.TranscriptView> = v.object({
  kind: TranscriptKind,
  lines: v.array(TranscriptLine),
});
