import { Envelope, TextEnvelope } from "../wire/customerSchemas";
import { readerOf } from "../wire/stream";

/** The event stream as a customer is sent it. */
export const readCustomers = readerOf(Envelope, TextEnvelope);
