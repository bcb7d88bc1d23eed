import { GuestApi } from "../../api/guest";
import type { CallView, LegState } from "../../wire/generated";
import * as schemas from "../../wire/customerSchemas";

/** What a caller asks of the server. */
export class CallApi extends GuestApi {
  place(station: string, queue: string, name: string): Promise<CallView> {
    return this.json(schemas.CallView, "POST", "/calls", { station, to: { queue }, caller: { name } });
  }
  mute(call: string, leg: string, muted: boolean): Promise<LegState> {
    return this.json(schemas.LegState, "PUT", `/calls/${call}/legs/${leg}`, { muted });
  }
  hangUp(call: string): Promise<void> {
    return this.done("POST", `/calls/${call}/hangup`);
  }
}
