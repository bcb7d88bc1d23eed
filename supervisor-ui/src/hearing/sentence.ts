import type { TFunction } from "i18next";
import { shortName } from "../ui/names";
import { type Hearing, wiresOf } from "./picture";

type T = TFunction<"hearing">;

/** The picture in one sentence each: for those who do not see it. */
export function pictureSentence(t: T, hearing: Hearing, preview: boolean): string {
  const wires = wiresOf(hearing);
  const agent = shortName(hearing.agent);
  const callerHears = whom(wires.agentToCaller, wires.youToCaller, {
    both: t("picture.agentAndYou", { agent }),
    other: t("picture.agentOnly", { agent }),
    you: t("picture.youOnly"),
    none: t("picture.noOne"),
  });
  const agentHears = whom(wires.callerToAgent, wires.youToAgent, {
    both: t("picture.callerAndYou"),
    other: t("picture.callerOnly"),
    you: t("picture.youOnly"),
    none: t("picture.noOne"),
  });
  const heard = { off: "nobody", listen: "nobody", whisper: "only", barge: preview ? "everyoneWill" : "everyone" }[
    hearing.mode
  ];
  return [
    t("picture.title"),
    t("picture.callerHears", { caller: hearing.caller, whom: callerHears }),
    t("picture.agentHears", { agent, whom: agentHears }),
    t("picture.sentence", {
      sentence: t(hearing.mode === "off" ? "youHear.none" : hearing.more ? "youHear.all" : "youHear.both"),
    }),
    t("picture.sentence", { sentence: t(heard, { agent }) }),
  ].join(" ");
}

function whom(other: boolean, you: boolean, words: { both: string; other: string; you: string; none: string }): string {
  if (other && you) return words.both;
  if (other) return words.other;
  return you ? words.you : words.none;
}
