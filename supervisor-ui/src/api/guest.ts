import type { LoginResponse, User } from "../wire/generated";
import * as schemas from "../wire/customerSchemas";
import { StationApi } from "./http";

/** What everybody who calls or writes asks of the server first. */
export class GuestApi extends StationApi {
  me(): Promise<User> {
    return this.json(schemas.User, "GET", "/me");
  }
  /** Comes in as a guest. The answer's cookie signs the rest; the credentials `none` leave it alone. */
  enter(name: string): Promise<LoginResponse> {
    return this.json(schemas.LoginResponse, "POST", "/guests", { name });
  }
}
