import { CALL_TEXT_FIELD } from "../../../chat/CallText";

const WAIT_MAX_MS = 3000;
const LOOK_EVERY_MS = 50;

/** The field of the private tab that is in sight. */
export const PRIVATE_FIELD = 'textarea[data-visibility="private"]';
export const BESIDE_FIELD = `#${CALL_TEXT_FIELD}:enabled`;

/** Leads into a field that is there, or will be once the server has granted it. */
export function focusSoon(selector: string): void {
  const until = Date.now() + WAIT_MAX_MS;
  const look = () => {
    const field = document.querySelector<HTMLElement>(selector);
    if (field) field.focus();
    else if (Date.now() < until) setTimeout(look, LOOK_EVERY_MS);
  };
  look();
}
