import type { TFunction } from "i18next";
import { locale } from "../i18n";
import type { Audience, Party, Plan } from "./plan";
import type { Statement } from "./statement";
import "./words";

type T = TFunction<"hearing">;

/** "Ana", "Ana and Luis", "Ana, Luis and you", as the reader's language joins names. */
export function namesOf(t: T, parties: readonly Party[]): string {
  const others = parties.filter(({ you }) => !you).map(({ name }) => t("person", { name }));
  const all = parties.some(({ you }) => you) ? [...others, t("youObject")] : others;
  return new Intl.ListFormat(locale(), { type: "conjunction" }).format(all);
}

/** Who hears the user, in a sentence without its mark: "Nobody hears you", "Only Ana hears you". */
export function heardByWords(t: T, { sure, perhaps, everyone }: Audience, will = false): string {
  if (everyone) return t(will ? "everyoneWill" : "everyone");
  if (sure.length === 0 && perhaps.length === 0) return t("nobody");
  if (sure.length === 0) return t("onlyPerhaps", { perhaps: namesOf(t, perhaps), count: perhaps.length });
  const [names, count] = [namesOf(t, sure), sure.length];
  if (perhaps.length === 0) return t("only", { names, count });
  return t("onlyAndPerhaps", { names, perhaps: namesOf(t, perhaps), count });
}

/** Whom the user hears, likewise: "You hear both", "You hear Ana". */
export function youHearWords(t: T, plan: Plan): string {
  const { you, parties } = plan;
  const heard = you ? plan.heardBy(you.leg) : [];
  if (heard.length === 0) return t("youHear.none");
  // Who only listens has nothing to be heard, and of a whisper between others nothing is said.
  const others = parties.filter((party) => {
    const whispers = party.mode === "whisper" && you !== undefined && plan.hears(you.leg, party.leg) !== "yes";
    return !party.you && party.mode !== "listen" && !whispers;
  });
  if (heard.length === others.length && heard.length > 1) return t(heard.length === 2 ? "youHear.both" : "youHear.all");
  return t("youHear.names", { names: namesOf(t, heard) });
}

/** Who hears whom, one sentence a party: for those who do not see the picture. */
function planSentences(t: T, plan: Plan): string[] {
  const others = plan.parties.filter((party) => !party.you && party.mode !== "listen");
  return others.map((party) => {
    const heard = plan.heardBy(party.leg);
    const values = { who: t("person", { name: party.fullName }), whom: namesOf(t, heard) };
    if (heard.length === 0) return t("picture.hearsNoOne", values);
    return t(heard.length === 1 ? "picture.hearsOnly" : "picture.hears", values);
  });
}

/** Everything that the picture says, in words. */
export function pictureWords(t: T, said: Exclude<Statement, { kind: "lost" }>, will = false): string {
  const here = said.kind === "here";
  const heard = here ? heardByWords(t, said.heardBy, will) : t("nobodyHere");
  const sentence = (text: string) => t("picture.sentence", { sentence: text });
  return [
    t("picture.title"),
    ...planSentences(t, said.plan),
    sentence(here ? youHearWords(t, said.plan) : t(said.kind === "off" ? "youHear.none" : "youHear.noneHere")),
    sentence(said.kind === "off" ? t("nobody") : heard),
  ].join(" ");
}
