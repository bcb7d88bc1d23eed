import { Check, ChevronDown, Pause, Phone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../live/hooks";
import { PlainButton } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { MenuButton } from "../../ui/Menu";
import { useDesk, useDeskView, usePhase } from "./desk/hooks";
import css from "./Presence.module.css";
import { AFTER_CALL, MISSED } from "./desk/phase";

/** Reasons that the server or a supervisor gave, and their words. */
const OURS = [
  [MISSED, "missed"],
  [AFTER_CALL, "afterCall"],
  ["supervisor", "bySupervisor"],
] as const;
const REASONS = ["break", "lunch", "meeting", "training", "paperwork"] as const;

/** Ready or not, and why not. What is checked is what the server says. */
export function Presence() {
  const { t } = useTranslation("agent");
  const desk = useDesk();
  const phase = usePhase();
  const { pending, afterCall } = useDeskView();
  const live = useLive((state) => state.connection.kind === "live");
  const presence = useLive((state) => (state.me ? state.agents.get(state.me.id) : undefined));
  const active = phase.kind === "talking";
  const ready = presence?.state === "ready" || presence?.state === "ringing";
  const value = active ? "active" : ready ? "ready" : "not_ready";
  const choose = (next: string) => {
    if (next === "ready") void desk.ready();
    if (next === "not_ready") void desk.notReady();
  };
  const choices = [
    { id: "ready", icon: Check, words: t("presence.ready") },
    ...(active ? [{ id: "active", icon: Phone, words: t("presence.active") }] : []),
    { id: "not_ready", icon: Pause, words: t("presence.notReady") },
  ];
  return (
    <span className={css["presence"]}>
      <span role="radiogroup" aria-label={t("presence.label")} className={css["group"]}>
        {choices.map(({ id, icon: Icon, words }) => (
          <label
            key={id}
            className={classes(css["choice"], id === "ready" && css["ready"])}
            data-selected={id === value || undefined}
          >
            <input
              type="radio"
              className="vh"
              name="presence"
              checked={id === value}
              disabled={!live || pending === "presence"}
              onChange={() => choose(id)}
            />
            <Icon size={14} aria-hidden="true" />
            {words}
          </label>
        ))}
      </span>
      {active && afterCall && (
        <span className={css["after"]} role="status">
          {t(`presence.after.${afterCall}`)}
        </span>
      )}
      {value === "not_ready" && live && <ReasonMenu reason={presence?.reason} />}
    </span>
  );
}

function ReasonMenu({ reason }: { reason: string | undefined }) {
  const { t } = useTranslation("agent");
  const desk = useDesk();
  const known = REASONS.find((key) => key === reason);
  const ours = OURS.find(([name]) => name === reason)?.[1];
  const shown = known ? t(`presence.reasons.${known}`) : ours ? t(`presence.${ours}`) : reason;
  return (
    <MenuButton
      label={t("presence.reason")}
      entries={[...REASONS, "none" as const].map((key) => ({
        id: key,
        label: key === "none" ? t("presence.noReason") : t(`presence.reasons.${key}`),
        isChosen: known === key,
        onSelect: () => void desk.notReady(key === "none" ? undefined : key),
      }))}
      trigger={(props) => (
        <PlainButton
          className={css["reason"]}
          aria-label={`${t("presence.reason")}: ${shown ?? t("presence.noReason")}`}
          {...props}
        >
          {shown ?? t("presence.reason")}
          <ChevronDown size={14} aria-hidden="true" />
        </PlainButton>
      )}
    />
  );
}
