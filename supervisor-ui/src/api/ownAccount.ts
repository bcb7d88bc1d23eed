import type { PasswordChange, QueueChoiceList, SignInList } from "../wire/generated";
import * as schemas from "../wire/schemas";
import { StationApi } from "./http";

/** What the staff ask of their own account: apart from `Api`, because few pages need it. */
export class OwnAccountApi extends StationApi {
  /** What an administrator chose for the user's queues. */
  queues(): Promise<QueueChoiceList> {
    return this.json(schemas.QueueChoiceList, "GET", "/me/queues");
  }
  /** Where the user is signed in. */
  signIns(): Promise<SignInList> {
    return this.json(schemas.SignInList, "GET", "/me/sign-ins");
  }
  endSignIn(id: string): Promise<void> {
    return this.done("DELETE", `/me/sign-ins/${id}`);
  }
  endOtherSignIns(): Promise<void> {
    return this.done("DELETE", "/me/sign-ins");
  }
  /** Ends every sign-in; the answer sets the cookie of a new one. */
  changePassword(body: PasswordChange): Promise<void> {
    return this.done("PUT", "/me/password", body);
  }
}
