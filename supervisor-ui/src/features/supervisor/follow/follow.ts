import type { CallView } from "../../../wire/generated";

/** An agent whose calls one wants to hear as they come. */
export interface Followed {
  readonly user: string;
  readonly name: string;
}

/** What else holds while somebody is followed. */
export interface Around {
  /** The supervisor is on a call or in a conversation, or has asked to be. */
  readonly busy: boolean;
  /** The calls that were listened to for this already: a Stop there is meant. */
  readonly tried: ReadonlySet<string>;
}

/**
 * The followed agent's call to begin to listen to now; null: none. It only says which: whether the
 * supervisor may is decided where every Listen is, and written down there.
 */
export function nextToFollow(
  followed: Followed | null,
  calls: Iterable<CallView>,
  { busy, tried }: Around,
): string | null {
  if (followed === null || busy) return null;
  for (const call of calls) {
    const theirs = call.legs.some(({ role, user }) => role === "agent" && user === followed.user);
    if (theirs && call.state === "active" && !tried.has(call.id)) return call.id;
  }
  return null;
}
