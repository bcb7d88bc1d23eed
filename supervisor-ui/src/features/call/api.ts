import { StationApi } from "../../api/client";
import type { CallView, LegState, LoginResponse, QueueList, User } from "../../wire/generated";

/** What a caller asks of the server. */
export class CallApi extends StationApi {
  queues(): Promise<QueueList> {
    return this.json("GET", "/queues");
  }
  me(): Promise<User> {
    return this.json("GET", "/me");
  }
  /** Comes in as a guest; the cookie that comes along signs the rest. */
  enter(name: string): Promise<LoginResponse> {
    return this.json("POST", "/guests", { name });
  }
  place(station: string, queue: string, name: string): Promise<CallView> {
    return this.json("POST", "/calls", { station, to: { queue }, caller: { name } });
  }
  mute(call: string, leg: string, muted: boolean): Promise<LegState> {
    return this.json("PUT", `/calls/${call}/legs/${leg}`, { muted });
  }
  hangUp(call: string): Promise<void> {
    return this.done("POST", `/calls/${call}/hangup`);
  }
}
