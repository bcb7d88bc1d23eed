import type {
  AddNote,
  AddNumber,
  AgentPresenceResult,
  AttachStation,
  CallView,
  ConferenceRequest,
  ConsultationAction,
  DialNumber,
  HandoverView,
  HelpRequest,
  LegState,
  LegUpdate,
  LoginRequest,
  LoginResponse,
  OutboundRule,
  OwnDay,
  PresenceRequest,
  TransferRequest,
  User,
} from "../wire/generated";
import * as schemas from "../wire/schemas";
import { StationApi } from "./http";

/** The REST API of version 1, typed, for the staff's pages. */
export class Api extends StationApi {
  login(body: LoginRequest): Promise<LoginResponse> {
    return this.json(schemas.LoginResponse, "POST", "/login", body);
  }
  logout(): Promise<void> {
    return this.done("POST", "/logout");
  }
  me(): Promise<User> {
    return this.json(schemas.User, "GET", "/me");
  }
  setPresence(body: PresenceRequest): Promise<void> {
    return this.done("PUT", "/me/presence", body);
  }
  /** Of an agent of the supervisor's teams. */
  setPresenceOf(agent: string, body: PresenceRequest): Promise<AgentPresenceResult> {
    return this.json(schemas.AgentPresenceResult, "PUT", `/agents/${agent}/presence`, body);
  }
  signOutAgent(agent: string): Promise<void> {
    return this.done("DELETE", `/agents/${agent}/sign-ins`);
  }

  /** The agent's own day, from its beginning on. */
  day(from: number): Promise<OwnDay> {
    return this.json(schemas.OwnDay, "GET", `/me/day?from=${from}`);
  }

  answer(call: string, body: AttachStation): Promise<void> {
    return this.done("POST", `/calls/${call}/answer`, body);
  }
  /** Which numbers may be called. */
  outboundRule(): Promise<OutboundRule> {
    return this.json(schemas.OutboundRule, "GET", "/calls/outbound");
  }
  /** Calls a number. */
  dial(body: DialNumber): Promise<CallView> {
    return this.json(schemas.CallView, "POST", "/calls/outbound", body);
  }
  /** Calls a number to a call. */
  dialIn(call: string, body: AddNumber): Promise<CallView> {
    return this.json(schemas.CallView, "POST", `/calls/${call}/outbound`, body);
  }
  stopDialingIn(call: string): Promise<void> {
    return this.done("DELETE", `/calls/${call}/outbound`);
  }
  order(call: string, verb: "decline" | "hangup" | "hold" | "resume"): Promise<void> {
    return this.done("POST", `/calls/${call}/${verb}`);
  }
  /** The same for a page that is being left: the request outlives it. */
  async lastOrder(call: string, verb: "hold"): Promise<void> {
    await this.send("POST", `/calls/${call}/${verb}`, undefined, { outlivesPage: true });
  }
  transfer(call: string, body: TransferRequest): Promise<HandoverView> {
    return this.json(schemas.HandoverView, "POST", `/calls/${call}/transfer`, body);
  }
  confer(call: string, body: ConferenceRequest): Promise<HandoverView> {
    return this.json(schemas.HandoverView, "POST", `/calls/${call}/conference`, body);
  }
  consult(call: string, action: ConsultationAction): Promise<void> {
    return this.done("PUT", `/calls/${call}/consultation`, { action });
  }
  takeBackCall(call: string, handover: string): Promise<void> {
    return this.done("DELETE", `/calls/${call}/handovers/${handover}`);
  }
  /** A note on a call's or a conversation's record. */
  note(interaction: string, body: AddNote): Promise<void> {
    return this.done("POST", `/interactions/${interaction}/notes`, body);
  }
  help(call: string, body: HelpRequest): Promise<void> {
    return this.done("POST", `/calls/${call}/help`, body);
  }
  listen(call: string, body: AttachStation): Promise<LegState> {
    return this.json(schemas.LegState, "POST", `/calls/${call}/legs`, body);
  }
  updateLeg(call: string, leg: string, body: LegUpdate): Promise<LegState> {
    return this.json(schemas.LegState, "PUT", `/calls/${call}/legs/${leg}`, body);
  }
  deleteLeg(call: string, leg: string): Promise<void> {
    return this.done("DELETE", `/calls/${call}/legs/${leg}`);
  }
}
