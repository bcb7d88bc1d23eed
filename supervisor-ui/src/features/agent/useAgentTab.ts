import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useText } from "../../live/hooks";
import { useTicking } from "../../browser/ticking";
import { shortName } from "../../ui/names";
import { guestsOf, type Phase } from "./phase";

const BLINK_MS = 1000;

/** Title and icon of the tab: what rings or is offered, and who speaks to the agent. */
export function useAgentTab(phase: Phase): void {
  const { t } = useTranslation("agent");
  const still = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  const offered = useText((state) => state.offers[0]?.conversation.requester.name);
  const calls = phase.kind === "ringing" || (phase.kind !== "talking" && offered !== undefined);
  const blink = useTicking(() => calls && !still && Math.floor(Date.now() / BLINK_MS) % 2 === 1);
  const { title, icon } = tabOf(phase);
  const shown = blink ? t("title") : title;
  useEffect(() => {
    document.title = `${shown} · Sotto`;
    document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.setAttribute("href", `/favicon-${icon}.svg`);
  }, [shown, icon]);

  function tabOf(now: Phase): { title: string; icon: "off" | "whisper" | "barge" } {
    if (now.kind === "ringing")
      return { title: `☎ ${t("tab.ringing", { name: now.offer.call.caller.name })}`, icon: "off" };
    if (now.kind !== "talking" && offered !== undefined)
      return { title: `✉ ${t("tab.offered", { name: offered })}`, icon: "off" };
    if (now.kind !== "talking") return { title: t("title"), icon: "off" };
    const guest = guestsOf(now.call, now.own)[0];
    const name = shortName(guest?.leg.name ?? now.call.caller.name);
    if (guest?.kind === "coaching") return { title: `◐ ${t("tab.coaching", { name })}`, icon: "whisper" };
    if (guest?.kind === "joined") return { title: `● ${t("tab.joined", { name })}`, icon: "barge" };
    return { title: t("tab.talking", { name: shortName(now.call.caller.name) }), icon: "off" };
  }
}
