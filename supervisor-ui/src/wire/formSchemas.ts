// The messages of the API, from crate `wire`. Made by `cargo run -p xtask -- codegen`: change the crate, not this file.

import * as v from "valibot";
import type * as wire from "./generated";
import { type Schema } from "./schema";

export const QueueClosed: Schema<wire.QueueClosed> = v.object({
  opens_at: v.exactOptional(v.number()),
});

export const GuestQueue: Schema<wire.GuestQueue> = v.object({
  id: v.string(),
  name: v.string(),
  team: v.string(),
  closed: v.exactOptional(QueueClosed),
});

export const Brand: Schema<wire.Brand> = v.object({
  name: v.string(),
  accent: v.string(),
  privacy_url: v.string(),
  closed_message: v.string(),
});

export const QueueList: Schema<wire.QueueList> = v.object({
  queues: v.array(GuestQueue),
  brand: Brand,
});
