import type { CallView, Mode } from "../wire/generated";
import { type Audience, type Plan, planOf } from "./plan";

/** How this page is tied to the call: what it knows by itself. */
export interface Link {
  /** The event stream stands: what the server says is of now. */
  readonly connected: boolean;
  /** The own leg's sound comes and goes in this page. */
  readonly here: boolean;
  /** The page's way to the server for sound. */
  readonly sound: "up" | "down";
  /** Nothing of this page's microphone goes out. */
  readonly silent: boolean;
}

/**
 * Who hears whom, as this page may say it: every sentence and every wire comes out of one of these.
 * What the page can't know it does not say.
 */
export type Statement =
  /** The user has no leg on the call. */
  | { readonly kind: "off"; readonly plan: Plan }
  /** On the call, with the sound in this page. */
  | { readonly kind: "here"; readonly mode: Mode | undefined; readonly plan: Plan; readonly heardBy: Audience }
  /** On the call from another tab, browser or device: nobody hears this page. */
  | { readonly kind: "elsewhere"; readonly mode: Mode | undefined; readonly plan: Plan; readonly heardBy: Audience }
  /** The server is silent. `sound`: whether who is on the call may still hear this page. */
  | { readonly kind: "lost"; readonly sound: "up" | "down" };

/** What holds for the user on `call`. */
export function statement(call: CallView, link: Link): Statement {
  if (!link.connected) return { kind: "lost", sound: link.sound };
  const here = link.here;
  const plan = planOf(call, { silent: here && link.silent, cut: here && link.sound === "down" });
  if (!plan.you) return { kind: "off", plan };
  const heardBy = plan.audience(plan.you.leg);
  return { kind: here ? "here" : "elsewhere", mode: plan.you.mode, plan, heardBy };
}

/** What would hold for a supervisor in `mode`: for questions, previews and hints. */
export function preview(call: CallView, mode: Mode): Statement & { kind: "here" } {
  const plan = planOf(call, { mode });
  return { kind: "here", mode, plan, heardBy: plan.audience(plan.you?.leg ?? "") };
}
