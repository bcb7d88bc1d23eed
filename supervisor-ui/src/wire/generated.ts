// The messages of the API, from crate `wire`. Made by `cargo run -p xtask -- codegen`: change the crate, not this file.

/** `POST /interactions/{id}/notes`. */
export type AddNote = {
  /** The text, ≤ 4,000 characters. */
  text: string;
  /** Ends the work on the interaction, with this code. */
  wrap_up?: string;
};

/** `POST /calls/{id}/outbound`: a number is called, and whoever takes it joins the call. */
export type AddNumber = {
  /** The number, as of `DialNumber`. */
  number: string;
  /** You leave the call to the two once they have taken it. */
  transfer: boolean;
};

/** How far a call to somebody outside is. */
export type AddingProgress = "calling" | "ringing" | "failed";

/** Somebody outside whom an agent calls to a call. */
export type AddingView = {
  /** The agent. */
  by: UserRef;
  /** The number. */
  number: string;
  /** The agent leaves the call then. */
  transfer: boolean;
  /** How far it is. */
  progress: AddingProgress;
  /** Why nobody took it. */
  reason?: EndReason;
};

/** A team or a skill. */
export type AdminName = {
  /** Opaque id. */
  id: string;
  /** The name. */
  name: string;
  /** Counts its changes. */
  revision: number;
};

/** A queue with its settings. */
export type AdminQueue = {
  /** The queue's key; chosen once. */
  key: string;
  /** The name shown. */
  name: string;
  /** The owning team's id. */
  team: string;
  /** Guests may come without an account. */
  open_to_guests: boolean;
  /** What is switched on. */
  settings: QueueSettings;
  /** What its calls and conversations are wrapped up with; empty: the codes that every queue has. */
  wrap_up_codes: Array<string>;
  /** When it takes new calls and conversations. */
  opening_hours: OpeningHours;
  /** Counts the queue's changes. */
  revision: number;
};

/** `GET /admin/queues`. */
export type AdminQueueList = {
  /** Every queue, by name. */
  queues: Array<AdminQueue>;
};

/** `GET /admin/skills`. */
export type AdminSkillList = {
  /** Every skill, by name. */
  skills: Array<AdminName>;
};

/** `GET /admin/teams`. */
export type AdminTeamList = {
  /** Every team, by name. */
  teams: Array<AdminName>;
};

/** An account. */
export type AdminUser = {
  /** Opaque id. */
  id: string;
  /** What one signs in with. */
  username: string;
  /** The name that others see. */
  name: string;
  /** The role. */
  role: Role;
  /** What the user may do. */
  permissions: Array<Permission>;
  /** The teams, by id. */
  teams: Array<string>;
  /** The queues that an agent serves, by key. */
  queues: Array<string>;
  /** The skills, by id. */
  skills: Array<string>;
  /** Switched off: can't sign in. */
  disabled: boolean;
  /** Counts the account's changes. */
  revision: number;
};

/** `GET /admin/users`. */
export type AdminUserList = {
  /** Every account, by name. */
  users: Array<AdminUser>;
};

/** An agent who can be transferred to. */
export type AgentDestination = {
  /** The agent's user id. */
  user: string;
  /** The name shown. */
  name: string;
  /** What the agent is. */
  state: PresenceState;
};

/** `GET /agents`: the people one may chat with. */
export type AgentList = {
  /** By name, without oneself. */
  agents: Array<AgentView>;
};

/** The answer to `PUT /agents/{id}/presence`. */
export type AgentPresenceResult = {
  /** What the agent is now. */
  state: PresenceState;
};

/** An agent as the staff see them. */
export type AgentView = {
  /** The agent's user id. */
  user: string;
  /** The agent's name. */
  name: string;
  /** The queues that the agent serves, by key. */
  queues: Array<string>;
  /** What the agent is. */
  state: PresenceState;
  /**
   * Why not ready: the agent's words, or `missed`, `missed a conversation`, `after_call`,
   * `supervisor`.
   */
  reason?: string;
  /** Since when, Unix ms. */
  since: number;
  /** With the reason `after_call`: when that ends by itself, Unix ms. */
  until?: number;
  /** Supervises, and takes no calls: `ready` says that they are signed in. */
  supervisor?: boolean;
};

/** `POST /calls/{id}/answer` and `POST /calls/{id}/legs`: which station shall carry the leg. */
export type AttachStation = {
  /** One of the user's own stations. */
  station: string;
  /** If given, only `listen` is accepted: supervision begins there. */
  mode?: Mode;
};

/** Something attached; also the answer to `POST /conversations/{id}/attachments`. */
export type AttachmentView = {
  /** Opaque id; `GET /conversations/{id}/attachments/{attachment}` has the content. */
  id: string;
  /** Its name, as its owner called it. */
  name: string;
  /** Its media type, as found in its content. */
  media_type: string;
  /** Its size in bytes, ≤ 10 MB. */
  size_bytes: number;
};

/** What became of something. */
export type AuditAction = "created" | "changed" | "deleted";

/** One change by an administrator. */
export type AuditEntry = {
  /** Counts up by one. */
  position: number;
  /** When, Unix ms. */
  at: number;
  /** Who. */
  actor: UserRef;
  /** What became of it. */
  action: AuditAction;
  /** What kind of thing it is. */
  kind: AuditKind;
  /** What people called it then. */
  subject: string;
  /** What it was, in words: teams and skills by name. Never a password. */
  before?: Record<string, unknown>;
  /** What it is since then. */
  after?: Record<string, unknown>;
};

/** What administrators change. */
export type AuditKind = "user" | "team" | "queue" | "skill" | "whisper_rule" | "policies" | "reply" | "brand";

/** `GET /admin/audit?kind=…&search=…&before=…`. */
export type AuditPage = {
  /** Newest first. */
  entries: Array<AuditEntry>;
  /** For `before` of the next page; absent on the last one. */
  next?: number;
};

/** How the centre presents itself to who calls and writes. What is empty was not chosen. */
export type Brand = {
  /** Its name, ≤ 40 characters. */
  name: string;
  /**
   * The colour of its name and of the buttons with which one comes in, as `#0a5c8f`: white has to be readable on it
   * (a contrast of 4.5 at least).
   */
  accent: string;
  /** Where its privacy notice is, by HTTPS, ≤ 500 characters. */
  privacy_url: string;
  /** What is said while a queue is closed, beside when it opens, ≤ 300 characters. */
  closed_message: string;
};

/** `GET` and `PUT /admin/brand`. */
export type BrandView = {
  /** The choices. */
  brand: Brand;
  /** Counts their changes; 0: nobody has chosen yet. */
  revision: number;
};

/** `GET /calls`. */
export type CallList = {
  /** The calls that this user may see. */
  calls: Array<CallView>;
};

/** Levels on one call. */
export type CallMeters = {
  /** The call's id. */
  call: string;
  /**
   * A number for each leg of the call, in the order of its `legs` as they were told last: the level in dBFS
   * (−127 … 0), and 128 more (1 … 128) while the leg speaks.
   */
  legs: Array<number>;
};

/** How one call sounds. */
export type CallMood = {
  /** The call's id. */
  call: string;
  /** An indicator, not a judgement of a person. */
  mood: MoodView;
  /** What it was made of. */
  talk: TalkView;
};

/** Where a call stands. */
export type CallPhase = "waiting" | "ringing" | "dialing" | "active" | "ended";

/**
 * `GET /reports/calls?by=queue|agent|hour|day`: how calls were offered, answered and worked on. As
 * CSV with `Accept: text/csv`.
 */
export type CallReport = {
  /** One row a queue, agent, hour or day; hours and days in order, those without a call left out. */
  rows: Array<CallReportRow>;
  /** Of all these calls together. */
  total: CallReportFigures;
};

/** Figures of some calls. */
export type CallReportFigures = {
  /** Calls that came; of an agent, those that rang at them and those that they came to otherwise. */
  offered: number;
  /** Of these, answered. */
  answered: number;
  /** Of these, hung up by the caller before anybody answered; 0 by agent. */
  abandoned: number;
  /**
   * Of these, answered within the goal of their queue; 0 by agent. The service level is this part
   * of `answered` and `abandoned` together.
   */
  within_goal: number;
  /** By agent: those that they let ring until it went on; else 0. */
  missed: number;
  /** By agent: conversations that they let run out, which no other figure counts; else 0. */
  missed_chats: number;
  /** By agent: those that they did not want; else 0. */
  declined: number;
  /** How long callers waited until an agent answered; absent by agent, and if none did. */
  wait?: TimeSpread;
  /**
   * How long calls that are over were worked on: from the answer to the end, or as long as the
   * agent was on them.
   */
  handle?: TimeSpread;
  /** How long callers were on hold, of the calls that were. */
  hold?: TimeSpread;
  /**
   * How long agents wrote calls up before they were there for the next one; absent: the centre leaves
   * them no such time, or nobody used it.
   */
  wrap?: TimeSpread;
};

/** One row of the report. */
export type CallReportRow = {
  /** When the hour or day begins, Unix ms. */
  start?: number;
  /** The queue's key; absent in a report by queue: calls that were placed straight to an agent. */
  queue?: string;
  /** The queue's goal. */
  goal?: ServiceGoal;
  /** The agent. */
  agent?: UserRef;
  /** The figures. */
  figures: CallReportFigures;
};

/** A call as its viewer may see it. */
export type CallView = {
  /** Opaque id. */
  id: string;
  /** Where the call stands. */
  state: CallPhase;
  /** The queue's key; absent for a call placed straight to an agent. */
  queue?: string;
  /** Who calls. */
  caller: CallerInfo;
  /** Who says so; absent: the caller, on a page. */
  caller_source?: CallerSource;
  /** The agent who made it, and how far it is; absent: the caller made it. Staff only. */
  outbound?: OutboundView;
  /** Somebody outside who is called to it, or was in vain; staff only. */
  adding?: AddingView;
  /** The legs that the viewer knows of, in the order in which they joined. */
  legs: Array<LegView>;
  /** The caller's place in the queue, 1 for the next one; to the caller alone, where the queue has it switched on. */
  place?: number;
  /** The agent at whom it rings now; staff only. */
  ringing?: UserRef;
  /** Whether caller and agent are parted. */
  held: boolean;
  /** When the call was placed, Unix ms. */
  placed_at: number;
  /** When the first agent answered, Unix ms. */
  answered_at?: number;
  /** The open help request; staff only. */
  help?: HelpView;
  /** The transfer, consultation or invitation that waits for an agent; staff only. One at most. */
  handovers?: Array<HandoverView>;
  /** An agent is being consulted; staff only. */
  consultation?: ConsultationView;
  /** While the call is transferred: the name of the queue or agent. The caller is told, too. */
  transferring_to?: string;
  /** How the call sounds: an indicator, not a judgement of a person; supervisors only. */
  mood?: MoodView;
  /** What the mood was made of; supervisors only. */
  talk?: TalkView;
  /**
   * The agents are told of who only listens: the policy that the call began with; supervisors
   * only.
   */
  listen_told?: boolean;
  /**
   * Agents do not hear what a supervisor who has taken the call over speaks with the caller: the policy
   * that the call began with; staff only.
   */
  agents_apart?: boolean;
  /** The viewer's own leg. */
  own_leg?: string;
  /** Counts the call's changes. Supervisors only: to others its jumps would tell of supervision. */
  revision?: number;
  /** How the call ended, once it has. */
  end_reason?: EndReason;
};

/** Who calls. */
export type CallerInfo = {
  /** The name, 1–80 characters. */
  name: string;
  /** The number, ≤ 40 characters. */
  number?: string;
};

/** Who says who calls. */
export type CallerSource = "stated" | "network" | "dialed";

/** A text that agents send with a click. */
export type CannedReply = {
  /** Opaque id. */
  id: string;
  /** What agents find it by. */
  title: string;
  /** The text. */
  text: string;
  /** Only for conversations of this queue, by key. */
  queue?: string;
  /** Counts its changes. */
  revision: number;
};

/** `GET /replies` (agents: those of their queues, and general ones), `GET /admin/replies` (all). */
export type CannedReplyList = {
  /** By title. */
  replies: Array<CannedReply>;
};

/** `GET /chats`. */
export type ChatList = {
  /** Those that go on, newest first. */
  chats: Array<ChatView>;
};

/** `GET /chats/{id}/messages?before=…&limit=…`: the newest ones before a number. */
export type ChatMessagePage = {
  /** The messages, in rising order. */
  messages: Array<ChatMessageView>;
  /** Whether there are older ones. */
  more: boolean;
};

/** A message of a chat. */
export type ChatMessageView = {
  /** Its number, from 1 and without gaps. */
  number: number;
  /** Whether the viewer wrote it. */
  own: boolean;
  /** When, Unix ms. */
  at: number;
  /** The text, as it was written: plain, to be escaped. */
  text: string;
  /** The author's own id; told to the author only. */
  client_id?: string;
};

/** A chat as one of the two sees it. */
export type ChatView = {
  /** Opaque id. */
  id: string;
  /** The other one. */
  with: UserRef;
  /** Whether the viewer began it. */
  own: boolean;
  /** It was not answered yet. */
  pending: boolean;
  /** Messages that the viewer has not read. */
  unread: number;
  /** How far the other one has read. */
  read_up_to: number;
  /** Messages in it. */
  messages: number;
  /** When it was opened, Unix ms. */
  opened_at: number;
  /** It is over. */
  ended: boolean;
};

/** `GET /colleagues`: whom one can tag in. */
export type ColleagueList = {
  /** The people of one's teams, by name, without oneself. */
  colleagues: Array<UserRef>;
};

/** `POST /calls/{id}/conference`, `POST /conversations/{id}/conference`. */
export type ConferenceRequest = {
  /** Whom to ask in. */
  to: Destination;
  /** A note to the receiver, ≤ 500 characters; staff only. */
  note?: string;
};

/** What becomes of a consultation. */
export type ConsultationAction = "transfer" | "merge" | "cancel";

/** How far a consultation got. */
export type ConsultationState = "ringing" | "talking";

/** `PUT /calls/{id}/consultation`: what becomes of it. */
export type ConsultationUpdate = {
  /** What becomes of it. */
  action: ConsultationAction;
};

/** A consultation: an agent asks another one, the caller meanwhile on hold. */
export type ConsultationView = {
  /** How far it got. */
  state: ConsultationState;
  /** The leg of the agent who consults. */
  by: string;
  /** The name of the queue or agent while it rings, then of the agent who is consulted. */
  with: string;
  /** The leg of the agent who is consulted, once they talk. */
  leg?: string;
  /** Since when, Unix ms. */
  since: number;
};

/** How a conversation ended. */
export type ConversationEnd = "requester" | "agent" | "no_agents" | "server";

/** `GET /conversations`. */
export type ConversationList = {
  /** Those that this user may see and that go on. */
  conversations: Array<ConversationView>;
};

/**
 * A conversation, or a request within one, that is offered to an agent. The messages can be read
 * once it is accepted.
 */
export type ConversationOffer = {
  /** The conversation. */
  conversation: ConversationView;
  /** The request, with its note: "Conference request from …". */
  handover?: HandoverView;
  /** Until when, Unix ms. */
  expires_at: number;
};

/** Where a conversation stands. */
export type ConversationPhase = "waiting" | "active" | "parked" | "ended";

/** What the viewer may do in a conversation at this moment. */
export type ConversationRights = {
  /** Write to everybody. */
  write_public: boolean;
  /** Write to staff; absent: no. Never there for a customer. */
  write_private?: boolean;
  /** Have the external transcript. */
  transcript: boolean;
};

/** A conversation as its viewer may see it; its messages are paged apart. */
export type ConversationView = {
  /** Opaque id. */
  id: string;
  /** Where it stands. */
  state: ConversationPhase;
  /**
   * How the customer's messages come and go: `web_chat`, `voice` (beside a call), or a
   * connector's name.
   */
  channel: string;
  /** The call that it stands beside. */
  call?: string;
  /** The queue's key; absent for one straight to an agent. */
  queue?: string;
  /** The customer. */
  requester: UserRef;
  /** What it is about. */
  subject?: string;
  /** Who is in it, as far as the viewer may know. */
  members: Array<MemberView>;
  /** Messages that the viewer may read. */
  messages: number;
  /** How far public messages got. */
  marks: Array<MarkView>;
  /** While it is handed over: the name of the queue or agent. */
  transferring_to?: string;
  /** When it was opened, Unix ms. */
  opened_at: number;
  /** When the first agent came, Unix ms. */
  answered_at?: number;
  /** What the viewer may do here besides reading. */
  may: ConversationRights;
  /** The help request; staff only. */
  help?: HelpRequestView;
  /** Requests that wait for an agent; staff only. */
  handovers?: Array<HandoverView>;
  /** The mood of the customer's last messages; staff only, if the queue has it. */
  mood?: MoodView;
  /**
   * The customer's place in the queue, 1 for the next one; to the customer alone, where the queue has it switched
   * on.
   */
  place?: number;
  /** Counts changes of who is there; supervisors only. */
  revision?: number;
  /** How it ended, once it has. */
  end_reason?: ConversationEnd;
};

/** `GET /interactions/{id}/contacts`: the customer's other contacts, as far as you may see them. */
export type CustomerContacts = {
  /** By what the customer is known from one contact to the next; absent: by nothing, and so none are found. */
  known_by?: KnownBy;
  /** Running and earlier ones, newest first, at most 20. */
  contacts: Array<InteractionView>;
};

/** How agents come to conversations. */
export type Delivery = "push" | "pull";

/** Why a message was given up. */
export type DeliveryFailureCause = "refused" | "expired" | "unsendable";

/** Why a message never reaches the customer. */
export type DeliveryFailureView = {
  /** The cause. */
  cause: DeliveryFailureCause;
  /** What the channel's connector said to it, as one line: `403 Forbidden: the window is closed`. */
  detail?: string;
};

/** Where a call shall ring. */
export type Destination = { queue: string } | { agent: string };

/** `GET /destinations`: where an agent can transfer to, or whom ask in. */
export type DestinationList = {
  /** The queues, by name. */
  queues: Array<QueueDestination>;
  /** The agents, by name. */
  agents: Array<AgentDestination>;
};

/** `POST /calls/outbound`. */
export type DialNumber = {
  /** The agent's station. */
  station: string;
  /**
   * The number: international (`+49 30 123456`; spaces, `-`, `.` and brackets may be in it), or a service
   * code that begins with `*`.
   */
  number: string;
};

/** How a call ended. */
export type EndReason =
  | "caller"
  | "agent"
  | "no_agent"
  | "no_media"
  | "lost"
  | "server"
  | "busy"
  | "declined"
  | "no_answer"
  | "no_such_number"
  | "trunk_refused"
  | "no_common_codec"
  | "trunk_failed";

/** One message of the WebSocket, server to client. */
export type Envelope = {
  /** Counts up by one on each connection; absent on lossy messages. */
  seq?: number;
  /** The server's clock, Unix ms. */
  at: number;
} & Event;

/** What happened, as one user is told of it. */
export type Event =
  | ({ type: "snapshot" } & Snapshot)
  | {
      type: "call.offered";
      /** The call. */
      call: CallView;
      /** The request, with its note: "Conference request from …"; absent for a new call. */
      handover?: HandoverView;
      /** Until when it rings here, Unix ms. */
      expires_at: number;
    }
  | {
      type: "call.offer_ended";
      /** The call's id. */
      call: string;
    }
  | {
      type: "call.updated";
      /** The call. */
      call: CallView;
    }
  | {
      type: "call.started";
      /** The call. */
      call: CallView;
    }
  | {
      type: "call.ended";
      /** The call, as it was. */
      call: CallView;
    }
  | {
      type: "leg.joined";
      /** The call. */
      call: CallView;
      /** Who joined. */
      leg: LegView;
    }
  | {
      type: "leg.left";
      /** The call. */
      call: CallView;
      /** Who left. */
      leg: LegView;
    }
  | {
      type: "leg.changed";
      /** The call. */
      call: CallView;
    }
  | {
      type: "supervision.started";
      /** The call. */
      call: CallView;
      /** The supervisor's leg. */
      leg: LegView;
    }
  | {
      type: "supervision.mode_changed";
      /** The call. */
      call: CallView;
      /** The supervisor's leg. */
      leg: LegView;
      /** The mode before. */
      from: Mode;
    }
  | {
      type: "supervision.ended";
      /** The call. */
      call: CallView;
      /** The supervisor's leg, as it was. */
      leg: LegView;
    }
  | {
      type: "help.changed";
      /** The call, with the request if one is open. */
      call: CallView;
      /** The request as it is now, also when it is over. */
      request: HelpView;
    }
  | {
      type: "call.handover_requested";
      /** The call. */
      call: CallView;
      /** The request. */
      handover: HandoverView;
    }
  | {
      type: "call.handover_ended";
      /** The call's id. */
      call: string;
      /** The request. */
      handover: HandoverView;
      /** How: "No agents were available". */
      outcome: HandoverOutcome;
      /** Who accepted. */
      by?: UserRef;
    }
  | {
      type: "presence.changed";
      /** The agent. */
      agent: AgentView;
    }
  | {
      type: "meters";
      /** One entry a call. */
      calls: Array<CallMeters>;
    }
  | {
      type: "moods";
      /** One entry a call. */
      calls: Array<CallMood>;
    }
  | {
      type: "station.changed";
      /** The station as it is now. */
      station: StationView;
    }
  | {
      type: "station.closed";
      /** The station's id. */
      station: string;
      /** Why. */
      reason: StationEnd;
    };

/** A queue that guests may call. */
export type GuestQueue = {
  /** The queue's key, as used in `PlaceCall`: `support`. */
  id: string;
  /** The name shown: `Support`. */
  name: string;
  /** The owning team's id. */
  team: string;
  /** It takes nobody at this time; absent: it does. */
  closed?: QueueClosed;
};

/** `POST /guests`: somebody without an account who wants to call. */
export type GuestRequest = {
  /** The name that the agent will see, 1–80 characters. */
  name: string;
};

/** What becomes of the agent who accepts. */
export type HandoverKind = "transfer" | "consultation" | "conference";

/** How a request ended. */
export type HandoverOutcome = "accepted" | "no_agents" | "declined" | "cancelled";

/** A request that waits for an agent; staff only. */
export type HandoverView = {
  /** Its id within the call or conversation. */
  id: string;
  /** What becomes of who accepts. */
  kind: HandoverKind;
  /** Who asks. */
  from: UserRef;
  /** Who is wanted. */
  to: Destination;
  /** The name of the queue or agent. */
  to_name: string;
  /** The note to the receiver. */
  note?: string;
  /** Since when, Unix ms. */
  requested_at: number;
};

/** What to do with a help request. */
export type HelpAction = "raise" | "take" | "close";

/** A reason for help, and how often it was given. */
export type HelpReason = {
  /** In the agents' words. */
  reason: string;
  /** How often. */
  count: number;
};

/** `GET /reports/help`: help requests by day and agent. As CSV with `Accept: text/csv`. */
export type HelpReport = {
  /** One row an agent, team, queue and day. */
  rows: Array<HelpReportRow>;
  /** The reasons given, the most frequent first. */
  reasons: Array<HelpReason>;
};

/** One row of the report. */
export type HelpReportRow = {
  /** When the day begins, Unix ms. */
  day: number;
  /** The agent. */
  agent: UserRef;
  /** The team's id. */
  team?: string;
  /** The queue's key. */
  queue?: string;
  /** Requests raised. */
  count: number;
  /** Of these, taken up. */
  answered: number;
  /** Of these, cancelled. */
  cancelled: number;
  /** The mean time until one was taken up, ms; absent if none was. */
  answer_ms_mean?: number;
  /** The longest time until one was taken up, ms. */
  answer_ms_max?: number;
};

/** `POST /calls/{id}/help`. */
export type HelpRequest = {
  /** What to do with the request. Default: raise it. */
  action: HelpAction;
  /** Why, ≤ 500 characters; for `raise`. */
  reason?: string;
};

/** A help request of an interaction. */
export type HelpRequestView = {
  /** Who asked. */
  agent: UserRef;
  /** Why; private. */
  reason?: string;
  /** How far it got. */
  state: HelpState;
  /** When the hand was raised, Unix ms. */
  raised_at: number;
  /** Who is on it. */
  taken_by?: UserRef;
  /** Since when, Unix ms. */
  taken_at?: number;
};

/** How far a help request got. */
export type HelpState = "open" | "in_progress" | "closed" | "cancelled";

/** A help request of a call. */
export type HelpView = {
  /** The agent's leg. */
  leg: string;
  /** Who asked: the user id; the name stands with the leg. */
  agent: string;
  /** Why. */
  reason?: string;
  /** How far it got. */
  state: HelpState;
  /** Since when, Unix ms. */
  requested_at: number;
  /** The supervisor who is on it. */
  taken_by?: UserRef;
  /** When it was first taken up, Unix ms. */
  taken_at?: number;
  /** When it was closed or cancelled, Unix ms. */
  ended_at?: number;
};

/** `GET /interactions/{id}`: the whole record. */
export type InteractionDetail = {
  /** The interaction. */
  interaction: InteractionView;
  /** Who took part, as far as the viewer may know. */
  members: Array<RecordMember>;
  /**
   * The newest messages, in rising order; older ones are paged. Of one that goes on, only for
   * those who are in it.
   */
  messages: Array<MessageView>;
  /** The notes. */
  notes: Array<NoteView>;
  /** Of a call that is over: how the parties' sound came. For its supervisors. */
  sound?: Array<PartySound>;
};

/** What an interaction is. */
export type InteractionKind = "call" | "conversation";

/** `GET /interactions?search=…&kind=…&from=…&until=…&before=…`. */
export type InteractionPage = {
  /** Newest first. */
  interactions: Array<InteractionView>;
  /** For `before` of the next page; absent on the last one. */
  next?: string;
};

/** One contact of a customer. */
export type InteractionView = {
  /** Opaque id, the call's or conversation's. */
  id: string;
  /** Which of the two. */
  kind: InteractionKind;
  /** `voice`, `web_chat`, or a connector's name. */
  channel: string;
  /** The queue's key. */
  queue?: string;
  /** The customer. */
  requester: UserRef;
  /** The agent who made the call; the requester is whom they called. Absent: the customer came. */
  dialed_by?: UserRef;
  /** What it is about. */
  subject?: string;
  /** When it was opened, Unix ms. */
  opened_at: number;
  /** When the first agent came, Unix ms. */
  answered_at?: number;
  /** When it ended, Unix ms; absent: it goes on. */
  ended_at?: number;
  /** How it ended. */
  end_reason?: string;
  /** The agents who answered the customer. */
  agents: Array<UserRef>;
  /** The latest help request, if there was one: how far it got. */
  help?: HelpState;
  /** What it was wrapped up with, the latest last; empty also for who does not read its notes to the end. */
  codes: Array<string>;
};

/**
 * What identifies a customer, as far as anything does. Names are nothing to go by, nor is a number that a caller
 * typed.
 */
export type KnownBy = "number" | "channel" | "account" | "visitor";

/** The answer to a change of a leg: what now holds at the server. */
export type LegState = {
  /** The leg's id within its call. */
  leg: string;
  /** The supervisor's mode; absent for the other roles. */
  mode?: Mode;
  /** The call's revision; absent for callers and agents. */
  revision?: number;
};

/** `PUT /calls/{id}/legs/{leg}`: the desired state of one's own leg. */
export type LegUpdate = {
  /** A supervisor's mode. */
  mode?: Mode;
  /** In whisper: the agent's leg to coach. Defaults to the agent who answered. */
  coach?: string;
  /** "Yes, I'm sure": needed for a `take_over` that does not follow on `barge`, for everybody is told. */
  announce?: boolean;
  /** An agent's or caller's own mute. */
  muted?: boolean;
  /**
   * An agent's own statement: the microphone hears the loudspeaker, so the caller may hear a
   * whisper.
   */
  echo?: boolean;
  /**
   * Another of one's own stations that shall carry an agent's or caller's leg from now on, as
   * after a lost connection. Supervision does not move: it begins anew.
   */
  station?: string;
  /** The call's revision on which the decision was made; 409 when it has changed since. */
  revision?: number;
};

/** A leg as its viewer may see it. */
export type LegView = {
  /** The leg's id within its call. */
  id: string;
  /** Whose leg it is. */
  user: string;
  /** The name shown. */
  name: string;
  /** `caller`, `agent` or `supervisor`. */
  role: Role;
  /** The supervisor's mode. */
  mode?: Mode;
  /** In whisper: the coached agent's leg. */
  coach?: string;
  /** Since when the mode holds, Unix ms. */
  mode_since?: number;
  /** This agent is consulted by the agent of that leg, and hears that one alone; staff only. */
  consulted_by?: string;
  /** The party's own mute. */
  muted: boolean;
  /** The media are missing at the moment. */
  lost: boolean;
  /** The agent is on a loudspeaker, so the caller may hear a whisper; staff only. */
  echo?: boolean;
  /** What is wrong with the party's sound, as long as it is; supervisors only. */
  fault?: MediaFault;
  /** When the leg joined, Unix ms. */
  joined_at: number;
};

/** `POST /login`. */
export type LoginRequest = {
  /** The account's name. */
  username: string;
  /** The account's password. */
  password: string;
};

/** The answer to `POST /login`. */
export type LoginResponse = {
  /** For `Authorization: Bearer …`. Browsers use the cookie that comes with the answer. */
  token: string;
  /** When the token ends, Unix ms. */
  expires_at: number;
  /** Who signed in. */
  user: User;
};

/** How far public messages got at somebody. */
export type MarkKind = "delivered" | "read";

/**
 * `PUT /conversations/{id}/marks`: how far public messages got. Of readers who are neither the
 * customer nor an agent nothing is noted.
 */
export type MarkRequest = {
  /** How far. */
  kind: MarkKind;
  /** Up to this public place. */
  up_to: number;
};

/** How far public messages got at one member. */
export type MarkView = {
  /** User id. */
  user: string;
  /** How far. */
  kind: MarkKind;
  /** Up to this public place. */
  up_to: number;
};

/** What is wrong with the media of a connected station. */
export type MediaFault =
  | "wrong_payload_type"
  | "wrong_source"
  | "nothing_received"
  | "nothing_arrives"
  | "digital_silence"
  | "clipping";

/** As what somebody takes part. */
export type MemberPart = "requester" | "agent" | "colleague" | "supervisor";

/** Somebody in a conversation. */
export type MemberView = {
  /** User id. */
  user: string;
  /** The name shown. */
  name: string;
  /** As what. */
  part: MemberPart;
  /** A supervisor's mode; staff only. */
  mode?: Mode;
  /** Since when the viewer may know of them, Unix ms. */
  since: number;
};

/** `GET /conversations/{id}/messages?before=…&limit=…`: the newest ones before a number. */
export type MessagePage = {
  /** The messages, in rising order. */
  messages: Array<MessageView>;
  /** Whether there are older ones. */
  more: boolean;
};

/** The answer to a message that was sent: it is kept. */
export type MessageReceipt = {
  /** Its number in the author's eyes. */
  number: number;
  /** Its place among the public ones; absent for a private message. */
  public?: number;
  /** When it was kept, Unix ms; for a retry, when it first was. */
  at: number;
};

/** A message as its viewer may see it. */
export type MessageView = {
  /** Its number in the viewer's eyes, from 1 and without gaps: a gap is a lost message. */
  number: number;
  /** Its place among the public ones, for marks; absent: the message is private. */
  public?: number;
  /** Who wrote it. */
  author: UserRef;
  /** As what. */
  part: MemberPart;
  /** When, Unix ms. */
  at: number;
  /** The text, as it was written: plain, to be escaped. */
  text: string;
  /** What is attached. */
  attachments: Array<AttachmentView>;
  /** The author's own id; told to the author only. */
  client_id?: string;
  /** Why it never reaches the customer, who writes at another channel; to staff only. */
  delivery_failure?: DeliveryFailureView;
};

/**
 * What was offered to an agent who let it go on to the next. Who it was is not told: they were served by
 * somebody else, or nobody.
 */
export type MissedOffer = {
  /** When it was first offered to the agent, Unix ms. */
  at: number;
  /** A call, or a conversation. */
  kind: InteractionKind;
  /** The queue's key. */
  queue?: string;
};

/** A supervisor's mode. `monitor`, `coach` and `join` are accepted as other names. */
export type Mode = "listen" | "whisper" | "barge" | "take_over";

/** The mood of somebody's last messages: an indicator, not a judgement of a person. */
export type MoodView = {
  /** −1 (bad) … 1 (good). */
  value: number;
  /** How it changes: −1, 0 or 1. */
  trend: number;
};

/** Something with an id and a name. */
export type Named = {
  /** Opaque id. */
  id: string;
  /** The name shown. */
  name: string;
};

/** A note of staff's. */
export type NoteView = {
  /** When, Unix ms. */
  at: number;
  /** Who. */
  author: UserRef;
  /** The text. */
  text: string;
  /** The wrap-up code, if it is one. */
  wrap_up?: string;
};

/** A call that rings at an agent. */
export type Offer = {
  /** The call. */
  call: CallView;
  /** The request, if it is handed over or this agent is asked in. */
  handover?: HandoverView;
  /** Until when it rings here, Unix ms. */
  expires_at: number;
};

/** `POST /conversations/{id}/accept`, `/decline`: which offer is meant. */
export type OfferAnswer = {
  /** The request; absent: the conversation itself. */
  handover?: string;
};

/** `POST /conversations`. */
export type OpenConversation = {
  /** The queue's key. */
  queue: string;
  /** What it is about, ≤ 200 characters. */
  subject?: string;
  /**
   * A random id that a guest's browser keeps, 32 hexadecimal digits in lower case: by it staff find the browser's
   * other conversations. It gives no rights.
   */
  visitor?: string;
};

/** From when until when a queue is open on one day of the week. One over midnight is two. */
export type OpenSpan = {
  /** The day. */
  day: Weekday;
  /** From `00:00` on. */
  from: string;
  /** Until `24:00` at most. */
  until: string;
};

/** When a queue takes new calls and conversations. What staff hand to it comes at any time. */
export type OpeningHours = {
  /** By whose clocks: the zone's name in the IANA database, as `Europe/Berlin`. */
  zone: string;
  /** Up to 21 spans that do not overlap; none: every hour of the week. */
  weekly: Array<OpenSpan>;
  /** Up to 100 days on which it is closed, as `2026-12-25`. */
  closed_on: Array<string>;
};

/** How far a call is that an agent made. */
export type OutboundProgress = "calling" | "ringing" | "taken";

/** `GET /calls/outbound`: which numbers agents may call. */
export type OutboundRule = {
  /** How a number has to begin, `+49` say. None: no number may be called. */
  prefixes: Array<string>;
};

/** A call that an agent made, as far as it has come. */
export type OutboundView = {
  /** The agent who made it. */
  by: UserRef;
  /** How far it is. */
  progress: OutboundProgress;
};

/** `GET /me/day?from=…&until=…`: an agent's own day. */
export type OwnDay = {
  /** Calls that the agent was on. */
  answered: number;
  /** Calls that the agent did not want. */
  declined: number;
  /** How long half of them took at most, ms; absent: none is over. */
  handle_median_ms?: number;
  /** Calls that the agent let ring and conversations that they let run out, the latest first. */
  missed: Array<MissedOffer>;
  /** How often the agent asked for help. */
  help: number;
};

/**
 * How the sound of somebody on a call came to the server. It is counted in the same way whether or not anybody
 * supervised.
 */
export type PartySound = {
  /** User id. */
  user: string;
  /** The name at that time. */
  name: string;
  /** Packets that came. */
  received_packets: number;
  /** Packets that were lost and came with a later one's redundancy (RFC 2198). */
  restored_packets: number;
  /** Packets that never came. */
  lost_packets: number;
  /** Packets that came too late to be played. */
  late_packets: number;
  /** Sound that in-band FEC restores (RFC 6716 §2.1.7), ms. */
  fec_ms: number;
  /** Sound that had to be made up, ms. */
  concealed_ms: number;
  /** The delay that nearly all packets needed at the end, ms. */
  delay_ms: number;
};

/** `PUT /me/password`. */
export type PasswordChange = {
  /** The present password. */
  current: string;
  /** The new one, 8 – 256 bytes. */
  new: string;
};

/** A right. */
export type Permission =
  | "view_contact_center_dashboard"
  | "monitor_live_calls"
  | "whisper_live_calls"
  | "barge_live_calls"
  | "take_calls"
  | "place_calls"
  | "administer"
  | "read_audit";

/** `POST /calls`. */
export type PlaceCall = {
  /** The caller's station. */
  station: string;
  /** Where it shall ring. */
  to: Destination;
  /** Who calls, as the agent will see it. Defaults to the user's own name. */
  caller?: CallerInfo;
};

/** Choices for the whole centre. Calls and conversations that go on keep those they began with. */
export type Policies = {
  /** Agents are told when somebody only listens. */
  notify_agent_on_listen: boolean;
  /** Supervisors on the same call hear each other's whispers. */
  supervisors_hear_whispers: boolean;
  /** The coached agent hears a beep at each Whisper. */
  whisper_beep: boolean;
  /** The caller hears the barge tone. */
  barge_tone_caller: boolean;
  /** The agents hear the barge tone. */
  barge_tone_agents: boolean;
  /** A caller on hold hears a tone. */
  hold_tone: boolean;
  /** Agents whose call a supervisor has taken over hear on what is said; true, if left out. */
  agents_hear_take_over: boolean;
  /** The caller's level for an agent who is being coached, −30 to 0 dB. */
  duck_db: number;
  /** How long a call rings at one agent, 1–300 s. */
  ring_timeout_s: number;
  /** How long a call waits for an answer, 10–3600 s. */
  call_wait_s: number;
  /** Conversations that an agent may hold, 1–20. */
  conversations_per_agent: number;
  /** How long a conversation is offered to one agent, 5–300 s. */
  offer_timeout_s: number;
  /** How long a new conversation waits, 10–86400 s. */
  conversation_wait_s: number;
  /** How long a transfer or a request for a conference waits, 10–3600 s. */
  handover_wait_s: number;
  /** Messages that one person may write in a minute, 5–600. */
  messages_per_minute: number;
  /**
   * For how long an agent who was on a call is offered nothing, to write it up, 0–900 s; 0: not at all. Left
   * out of a change: as it is.
   */
  after_call_s?: number;
};

/** `GET` and `PUT /admin/policies`. */
export type PoliciesView = {
  /** The choices. */
  policies: Policies;
  /** Counts their changes; 0: as the server was started. */
  revision: number;
};

/** The centre's choices that the pages must know. */
export type PolicyView = {
  /** Agents are told of listeners. */
  notify_agent_on_listen: boolean;
};

/** `POST /chats/{id}/messages`. */
export type PostChatMessage = {
  /** The text, ≤ 4,000 characters. */
  text: string;
  /** The client's own id of this message, 1–64 characters: the same again is the same message. */
  client_id: string;
};

/**
 * `POST /conversations/{id}/messages`. The same `client_id` again is the same message: a retry is
 * harmless.
 */
export type PostMessage = {
  /** The text, ≤ 4,000 characters; may be empty if something is attached. */
  text: string;
  /** Who it is for. */
  visibility: Visibility;
  /** The client's own id of this message, 1–64 characters; best a UUID. */
  client_id: string;
  /** Ids of uploads, ≤ 10. */
  attachments?: Array<string>;
};

/** What an agent can choose. */
export type PresenceChoice = "ready" | "not_ready";

/** What an agent needs besides being ready. */
export type PresenceNeed = "event_stream" | "station";

/** `PUT /me/presence`. */
export type PresenceRequest = {
  /** What the agent wants to be. */
  state: PresenceChoice;
  /** Why not ready, ≤ 80 characters. */
  reason?: string;
};

/** The answer to `PUT /me/presence`. */
export type PresenceResult = {
  /** What the agent is now. */
  state: PresenceState;
  /** What still keeps calls from them, whatever they choose to be; empty: nothing. */
  missing: Array<PresenceNeed>;
};

/** What an agent is. */
export type PresenceState = "ready" | "not_ready" | "ringing" | "active" | "offline";

/** What went wrong and what to do about it. */
export type Problem = {
  /** A stable name, `/problems/…`; programs decide by it. */
  type: string;
  /** The kind in a few words. */
  title: string;
  /** The HTTP status. */
  status: number;
  /** What happened here and what to do, in a sentence. */
  detail: string;
  /** Of a kind that has several causes: the true one, a stable name. */
  cause?: string;
  /** On a conflict over a call: the call as it is now. */
  call?: CallView;
};

/** A queue. */
export type Queue = {
  /** The queue's key, as used in `PlaceCall`: `support`. */
  id: string;
  /** The name shown: `Support`. */
  name: string;
  /** The owning team's id. */
  team: string;
};

/** `GET /me/queues`: what an administrator chose for the queues that one serves or supervises. */
export type QueueChoiceList = {
  /** By the queue's name. */
  queues: Array<QueueChoices>;
};

/** What an administrator chose for a queue. */
export type QueueChoices = {
  /** The queue's key. */
  queue: string;
  /** What its calls and conversations are wrapped up with; empty: the codes that every queue has. */
  wrap_up_codes: Array<string>;
  /** From where on its supervisors are told of something. */
  signs: SignThresholds;
};

/** A queue takes nobody at this time. */
export type QueueClosed = {
  /** When it opens, Unix ms; absent: not within a year. */
  opens_at?: number;
};

/** A queue that can be transferred to. */
export type QueueDestination = {
  /** The queue's key. */
  queue: string;
  /** The name shown. */
  name: string;
  /** Its agents who are ready or active. */
  available: number;
};

/** `GET /queues`: the queues that guests may call, and who it is that they call; needs no token. */
export type QueueList = {
  /** The queues, by name. */
  queues: Array<GuestQueue>;
  /** How the centre presents itself. */
  brand: Brand;
};

/** What a queue has switched on. */
export type QueueSettings = {
  /** How agents come to its conversations. */
  delivery: Delivery;
  /** Private messages. */
  private_chat: boolean;
  /** Help requests. */
  help: boolean;
  /** The mood of what goes on, on the dashboard. */
  mood: boolean;
  /** The customer may download the external transcript. */
  transcript_download: boolean;
  /** Callers are told their place in the queue. */
  tell_place: boolean;
  /** How fast its calls are to be answered. */
  goal: ServiceGoal;
  /** What its supervisors are told of. */
  signs: SignThresholds;
};

/** `PUT /chats/{id}/read`. */
export type ReadChat = {
  /** Up to this number. */
  up_to: number;
};

/** Somebody who took part in an interaction. */
export type RecordMember = {
  /** User id. */
  user: string;
  /** The name at that time. */
  name: string;
  /** As what. */
  part: MemberPart;
};

/** A user's role. */
export type Role = "caller" | "agent" | "supervisor" | "admin";

/** `POST /admin/teams`, `PUT /admin/teams/{id}`, and the same for skills. */
export type SaveName = {
  /** The name, 1–80 characters. */
  name: string;
  /** The revision that is changed; absent for a new one. */
  revision?: number;
};

/** `POST /admin/queues` (with the key), `PUT /admin/queues/{key}`. */
export type SaveQueue = {
  /** The key, 1–40 of a to z, 0 to 9, - and _; for a new queue only. */
  key?: string;
  /** The name shown, 1–80 characters. */
  name: string;
  /** The owning team's id. */
  team: string;
  /** Guests may come without an account. */
  open_to_guests: boolean;
  /** What is switched on. */
  settings: SaveQueueSettings;
  /**
   * Up to 40 wrap-up codes of 1–64 characters, each another one; none: those that every queue has. Left out:
   * as they are.
   */
  wrap_up_codes?: Array<string>;
  /** When it takes new calls and conversations. Left out: as it is. */
  opening_hours?: OpeningHours;
  /** The revision that is changed; absent for a new queue. */
  revision?: number;
};

/** What a queue shall have switched on. What is left out stays as it is; of a new queue, it is as usual. */
export type SaveQueueSettings = {
  /** How agents come to its conversations. */
  delivery: Delivery;
  /** Private messages. */
  private_chat: boolean;
  /** Help requests. */
  help: boolean;
  /** The mood of what goes on, on the dashboard. */
  mood: boolean;
  /** The customer may download the external transcript. */
  transcript_download: boolean;
  /** Callers are told their place in the queue; of a new queue, they are not. */
  tell_place?: boolean;
  /** How fast its calls are to be answered; of a new queue, 80 % within 20 s. */
  goal?: ServiceGoal;
  /** What its supervisors are told of; of a new queue, 20 s, 25 %, 120 s and 60 s. */
  signs?: SignThresholds;
};

/** `POST /admin/replies`, `PUT /admin/replies/{id}`. */
export type SaveReply = {
  /** What agents find it by, 1–80 characters. */
  title: string;
  /** The text, 1–4,000 characters. */
  text: string;
  /** Only for conversations of this queue, by key. */
  queue?: string;
  /** The revision that is changed; absent for a new one. */
  revision?: number;
};

/** `POST /admin/users`, `PUT /admin/users/{id}`: the account as it shall be. */
export type SaveUser = {
  /** What one signs in with, 1–80 characters. */
  username: string;
  /** The name that others see, 1–80 characters. */
  name: string;
  /** The role. */
  role: Role;
  /** What the user may do. */
  permissions: Array<Permission>;
  /** The teams, by id. */
  teams: Array<string>;
  /** The queues that an agent serves, by key; empty for others. */
  queues: Array<string>;
  /** The skills, by id. */
  skills: Array<string>;
  /** Switched off: can't sign in. */
  disabled: boolean;
  /** A new password, 8–256 bytes; it ends the sign-ins. Needed for a new account. */
  password?: string;
  /** The revision that is changed; absent for a new account. */
  revision?: number;
};

/** A queue's service level: how many of its calls are to be answered how fast. */
export type ServiceGoal = {
  /** This part of them, 1–100 percent, */
  percent: number;
  /** within this many seconds, 1–3,600. */
  seconds: number;
};

/** `GET /me/sign-ins`: where one is signed in. */
export type SignInList = {
  /** The latest first. One that began while the database could not be written is missing. */
  sign_ins: Array<SignInView>;
};

/** A sign-in that is open. */
export type SignInView = {
  /** Opaque id. */
  id: string;
  /** Since when, Unix ms. */
  since: number;
  /** When it ends by itself, Unix ms. */
  expires_at: number;
  /** From where: an IPv4 address, or an IPv6 network. */
  client: string;
  /** The browser or program, as it names itself in `User-Agent`; empty: it did not. */
  user_agent: string;
  /** The one that asks. */
  own: boolean;
  /** A page or program of it is connected at this moment. */
  connected: boolean;
};

/**
 * From where on something is a sign that a call or conversation goes badly. A supervisor may choose
 * otherwise for themself.
 */
export type SignThresholds = {
  /** Nobody speaks for so long, 5–3,600 s. */
  dead_air_s: number;
  /** Caller and agent speak at once for this part of the time, 5–100 percent. */
  talk_over_percent: number;
  /** The caller is on hold for so long, 10–3,600 s. */
  hold_s: number;
  /** Nobody takes a help request up for so long, 5–3,600 s. */
  help_s: number;
};

/** Everything that a user may see at one moment. */
export type Snapshot = {
  /** The user. */
  me: User;
  /** The calls. */
  calls: Array<CallView>;
  /** The agents: of the supervisor's teams; for an agent, the agent alone. */
  agents: Array<AgentView>;
  /** A call that rings at this agent right now. */
  offer?: Offer;
  /** The centre's choices that the pages must know; staff only. */
  policy?: PolicyView;
};

/** `POST /chats`: starts one, or answers with the one that goes on. */
export type StartChat = {
  /** The other one's user id; 404 for somebody outside one's groups. */
  with: string;
};

/** Why a station ended. */
export type StationEnd = "closed" | "by_client" | "lost" | "no_ice" | "no_dtls" | "dtls_failed" | "wrong_certificate";

/** How far a station is. */
export type StationState = "connecting" | "connected";

/** A station as its owner sees it. `201` says that the offer is answered; calls need `connected`. */
export type StationView = {
  /** Its id. */
  id: string;
  /** How far it is. */
  state: StationState;
  /** What is wrong with the media of a connected station, as long as it is. */
  fault?: MediaFault;
};

/** How a stretch of supervision ended. */
export type SupervisionEnd = "running" | "mode_changed" | "stopped" | "other" | "cut_off" | "refused" | "unknown";

/**
 * `GET /reports/supervision`: who listened to, whispered to, barged in on and took over from whom. As CSV with
 * `Accept: text/csv`.
 */
export type SupervisionReport = {
  /** One row a stretch of time in one mode, and one an attempt that led to none; oldest first. */
  rows: Array<SupervisionReportRow>;
};

/** One row of the report. */
export type SupervisionReportRow = {
  /** Who. */
  supervisor: UserRef;
  /** In which mode. */
  mode: Mode;
  /** The agents who were in the interaction meanwhile. */
  agents: Array<UserRef>;
  /** The interaction's id. */
  interaction: string;
  /** Call or conversation; absent: nothing is known of it any more. */
  kind?: InteractionKind;
  /** The queue's key. */
  queue?: string;
  /** Since when, Unix ms; of an attempt when it was made. */
  from: number;
  /** Until when, Unix ms; absent: it goes on, or never began. */
  until?: number;
  /** How it ended. */
  end: SupervisionEnd;
  /** The log's own words: why it was refused, or how it ended otherwise. */
  detail?: string;
};

/** `PUT /conversations/{id}/supervision`: begins to supervise, or changes the mode. */
export type SupervisionRequest = {
  /** The wanted mode. Supervision begins with `listen`. */
  mode: Mode;
  /**
   * "Yes, I'm sure": needed for the first step into `barge`, of which everybody is told, and for a
   * `take_over` that does not follow on `barge`.
   */
  announce: boolean;
  /** The revision on which the decision was made; 409 when it is another now. */
  revision?: number;
};

/** The answer to a change of supervision: what now holds at the server. */
export type SupervisionState = {
  /** The mode. */
  mode: Mode;
  /** The conversation's revision. */
  revision: number;
};

/** `POST /conversations/{id}/colleagues`: tags somebody in (`@name`). */
export type TagRequest = {
  /** The colleague's user id. */
  user: string;
};

/** How a call sounds, from the last minute or so: who talks, not what is said. */
export type TalkView = {
  /** The caller's share of the talking, 0 … 1; 0.5 while nobody has talked. */
  caller_share: number;
  /** The share of the time in which caller and agent talked at once, 0 … 1. */
  talk_over: number;
  /** The share of the time in which nobody talked, 0 … 1. */
  dead_air: number;
  /** For how long nobody has talked, ms; 0 while somebody does. */
  silent_ms: number;
  /** The caller talks markedly louder than at first. */
  caller_raised: boolean;
  /** An agent talks markedly louder than at first. */
  agent_raised: boolean;
};

/** `GET /admin/telephony`: how the trunks and lines of the telephone side are. */
export type TelephonyView = {
  /** Trunks. */
  trunks: Array<TelephonyWay>;
  /** Lines, by their extensions. */
  lines: Array<TelephonyWay>;
};

/** A trunk, or a line. */
export type TelephonyWay = {
  /** Its name. */
  name: string;
  /** How it is. */
  state: TelephonyWayState;
  /** Since when it is so, Unix ms; absent: since the server began. */
  since?: number;
  /** When it answered last, Unix ms. */
  answered_at?: number;
  /** What it said last, as SIP's status; 408 if it said nothing. */
  status?: number;
  /** Until when a line is registered, unless it is renewed, Unix ms. */
  registered_until?: number;
};

/** How a trunk or line is. */
export type TelephonyWayState = "not_asked" | "unknown" | "up" | "down";

/**
 * One message of the WebSocket about text: the envelope of [`Envelope`](crate::Envelope), counted
 * by the same `seq`.
 */
export type TextEnvelope = {
  /** Counts up by one on each connection, over all messages; absent on lossy ones. */
  seq?: number;
  /** The server's clock, Unix ms. */
  at: number;
} & TextEvent;

/** What happened, as one user is told of it. */
export type TextEvent =
  | ({ type: "text.snapshot" } & TextSnapshot)
  | ({ type: "conversation.offered" } & ConversationOffer)
  | {
      type: "conversation.offer_ended";
      /** The conversation. */
      conversation: string;
      /** The request, if it was one. */
      handover?: string;
      /** Who was faster, if somebody was. */
      taken_by?: UserRef;
    }
  | {
      type: "conversation.list_changed";
      /** The queue's key. */
      queue: string;
      /** What one may pick or join, oldest first; the agents among the members are in it. */
      waiting: Array<ConversationView>;
    }
  | {
      type: "conversation.updated";
      /** The conversation. */
      conversation: ConversationView;
    }
  | {
      type: "conversation.joined";
      /** The conversation. */
      conversation: ConversationView;
      /** Who. */
      member: MemberView;
    }
  | {
      type: "conversation.left";
      /** The conversation. */
      conversation: ConversationView;
      /** Who. */
      member: UserRef;
    }
  | {
      type: "conversation.tagged";
      /** The conversation. */
      conversation: ConversationView;
      /** By whom. */
      by: UserRef;
    }
  | {
      type: "message.posted";
      /** The conversation. */
      conversation: string;
      /** The message. */
      message: MessageView;
    }
  | {
      type: "message.typing";
      /** The conversation. */
      conversation: string;
      /** Who. */
      user: UserRef;
      /** Typing, or stopped. */
      typing: boolean;
    }
  | {
      type: "message.marked";
      /** The conversation. */
      conversation: string;
      /** How far. */
      mark: MarkView;
    }
  | {
      type: "message.not_delivered";
      /** The conversation. */
      conversation: string;
      /** The message's place among the public ones. */
      public: number;
      /** Why. */
      failure: DeliveryFailureView;
    }
  | {
      type: "conversation.help_changed";
      /** The conversation, with the request if one is open. */
      conversation: ConversationView;
    }
  | {
      type: "conversation.transferring";
      /** The conversation. */
      conversation: ConversationView;
      /** The name of the queue or agent. */
      to: string;
    }
  | {
      type: "conversation.handover_requested";
      /** The conversation. */
      conversation: ConversationView;
      /** The request. */
      handover: HandoverView;
    }
  | {
      type: "conversation.handover_ended";
      /** The conversation's id. */
      conversation: string;
      /** The request. */
      handover: HandoverView;
      /** How. */
      outcome: HandoverOutcome;
    }
  | {
      type: "conversation.ended";
      /** The conversation, as it was. */
      conversation: ConversationView;
    }
  | {
      type: "chat.updated";
      /** The chat. */
      chat: ChatView;
    }
  | {
      type: "chat.message";
      /** The chat, with the new counts. */
      chat: ChatView;
      /** The message. */
      message: ChatMessageView;
    };

/** All conversations and chats that a user may see at one moment. */
export type TextSnapshot = {
  /** The conversations that go on. */
  conversations: Array<ConversationView>;
  /** What is offered to this agent. */
  offers: Array<ConversationOffer>;
  /** What this agent may pick or join from pull queues, oldest first. */
  waiting: Array<ConversationView>;
  /** The chats that go on. */
  chats: Array<ChatView>;
};

/** How times are spread, ms. Percentiles are by nearest rank. */
export type TimeSpread = {
  /** Half of them are not longer. */
  median: number;
  /** Nine of ten are not longer. */
  p90: number;
  /** Nineteen of twenty are not longer. */
  p95: number;
  /** The arithmetic mean. */
  mean: number;
  /** The longest. */
  max: number;
};

/** `GET /interactions/{id}/timeline`: everything that happened, as the viewer may know it. */
export type Timeline = {
  /** In order. */
  entries: Array<TimelineEntry>;
};

/** One thing that happened. */
export type TimelineEntry = {
  /** When, Unix ms. */
  at: number;
  /** What, by name: `joined`, `help_raised`, `transfer_requested`, … */
  kind: string;
  /** Whose doing. */
  actor?: UserRef;
  /** For staff only. */
  private: boolean;
  /** The particular of it: a reason, or the name of the queue or person that it went to. */
  detail?: string;
  /** In a sentence. */
  text: string;
};

/** Which transcript. */
export type TranscriptKind = "external" | "internal";

/** One line of a transcript: a message, or something that happened. */
export type TranscriptLine = {
  /** When, Unix ms. */
  at: number;
  /** For staff only; absent from an external transcript. */
  private?: boolean;
  /** Who wrote; absent for something that happened. */
  author?: UserRef;
  /** What was written or happened. */
  text: string;
};

/**
 * `GET /conversations/{id}/transcript?kind=external|internal`. As text with
 * `Accept: text/plain`.
 */
export type TranscriptView = {
  /** Which one. */
  kind: TranscriptKind;
  /** Its lines, in order. */
  lines: Array<TranscriptLine>;
};

/** `POST /calls/{id}/transfer`, `POST /conversations/{id}/transfer`. */
export type TransferRequest = {
  /** To whom. */
  to: Destination;
  /** A note to the receiver, ≤ 500 characters; staff only. */
  note?: string;
  /** Talk with the receiver first, the caller on hold. Calls only. Default: no. */
  consult: boolean;
};

/** `POST /conversations/{id}/typing`. Typing in private reaches nobody. */
export type TypingRequest = {
  /** In which tab. */
  visibility: Visibility;
  /** Typing, or stopped. */
  typing: boolean;
};

/** A user as the user sees themself. */
export type User = {
  /** Opaque id. */
  id: string;
  /** The account's name; empty for a guest. */
  username: string;
  /** The name that others see. */
  name: string;
  /** The user's role. */
  role: Role;
  /** What the user may do. */
  permissions: Array<Permission>;
  /** The teams whose calls a supervisor may see, or to which an agent belongs. */
  teams: Array<Named>;
  /** The queues that an agent serves, a supervisor's teams own, or a guest may call. */
  queues: Array<Queue>;
};

/** A user with an id and a name. */
export type UserRef = {
  /** User id. */
  user: string;
  /** The name shown. */
  name: string;
};

/** Who a message is for. */
export type Visibility = "public" | "private";

/** A day of the week. */
export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";

/** `GET` and `PUT /admin/whisper-rule`: who may write private messages. */
export type WhisperRuleView = {
  /** Agents may. */
  agents: boolean;
  /** Colleagues who were tagged in may. */
  colleagues: boolean;
  /** Supervisors with the permission may. */
  supervisors: boolean;
  /** One of these skills is needed, by id; empty: none. */
  skills: Array<string>;
  /** Counts the rule's changes. */
  revision: number;
};
