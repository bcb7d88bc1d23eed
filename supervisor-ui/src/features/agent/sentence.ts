import type { TFunction } from "i18next";
import { shortName } from "../../ui/names";
import type { CallView } from "../../wire/generated";
import type { Guest, Wires } from "./phase";

/** The picture in words, for those who don't see it. */
export function pictureSentence(t: TFunction<"agent">, call: CallView, wires: Wires, guest: Guest | undefined): string {
  const caller = call.caller.name;
  const you = t("picture.youObject");
  const name = guest ? shortName(guest.leg.name) : "";
  const whom = (...names: (string | false)[]): string => {
    const [a, b] = names.filter((it) => it !== false);
    if (a === undefined) return t("picture.noOne");
    return b === undefined ? a : t("picture.and", { a, b });
  };
  const hears = (who: string, whomHeard: string): string => t("picture.hears", { who, whom: whomHeard });
  return [
    `${t("picture.title")}.`,
    hears(caller, whom(wires.youToCaller && you, wires.guestToCaller && name)),
    t("picture.youHear", { whom: whom(wires.callerToYou && caller, wires.guestToYou && name) }),
    guest && hears(name, whom(wires.callerToGuest && caller, wires.youToGuest && you)),
  ]
    .filter(Boolean)
    .join(" ");
}
