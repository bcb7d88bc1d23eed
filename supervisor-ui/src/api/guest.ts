import type { LoginResponse, QueueList, User } from "../wire/generated";
import { StationApi } from "./client";

/** What everybody who calls or writes asks of the server first. */
export class GuestApi extends StationApi {
  queues(): Promise<QueueList> {
    return this.json("GET", "/queues");
  }
  me(): Promise<User> {
    return this.json("GET", "/me");
  }
  /** Comes in as a guest. The answer's cookie signs the rest; the credentials `none` leave it alone. */
  enter(name: string): Promise<LoginResponse> {
    return this.json("POST", "/guests", { name });
  }
}
