import type { TFunction } from "i18next";
import { shortName } from "../ui/names";
import type { Mode } from "../wire/generated";

/** What the picture of who hears whom is drawn from. */
export interface Hearing {
  mode: Mode | "off";
  caller: string;
  /** The coached agent, or the one who answered. */
  agent: string;
  /** Caller and agents are parted. */
  held: boolean;
  agentMuted: boolean;
  callerMuted: boolean;
  /** The agent is told of listeners too. */
  agentNotified: boolean;
  /** There are more parties than the picture shows. */
  more: boolean;
}

/** Which wires are lit; the same rule as the server's route plan. */
export interface Wires {
  callerToAgent: boolean;
  agentToCaller: boolean;
  callerToYou: boolean;
  agentToYou: boolean;
  youToAgent: boolean;
  youToCaller: boolean;
}

/** What the hold parts and the mutes silence; a hold leaves supervisors hearing both sides. */
export function wiresOf(hearing: Hearing): Wires {
  const { mode, held, agentMuted, callerMuted } = hearing;
  const there = mode !== "off";
  return {
    callerToAgent: !held && !callerMuted,
    agentToCaller: !held && !agentMuted,
    callerToYou: there && !callerMuted,
    agentToYou: there && !agentMuted,
    youToAgent: mode === "whisper" || mode === "barge",
    youToCaller: mode === "barge",
  };
}

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
