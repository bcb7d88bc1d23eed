import * as schemas from "../wire/formSchemas";
import type { QueueList } from "../wire/generated";
import { StationApi } from "./http";

/** What the form with which one comes in asks of the server. */
export class FormApi extends StationApi {
  queues(): Promise<QueueList> {
    return this.json(schemas.QueueList, "GET", "/queues");
  }
}
