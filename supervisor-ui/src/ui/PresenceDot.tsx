import type { PresenceState } from "../wire/generated";
import css from "./PresenceDot.module.css";

/** The state of somebody who works here, as a shape; the word stands beside it. `chats`: at work in text alone. */
export function PresenceDot({ state }: { state: PresenceState | "chats" }) {
  return <i className={css["dot"]} data-state={state} aria-hidden="true" />;
}
