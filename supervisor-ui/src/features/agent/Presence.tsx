import { Check, ChevronDown, Pause, Phone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button, Menu, MenuItem, MenuTrigger, Popover, Radio, RadioGroup } from "react-aria-components";
import { useLive } from "../../live/hooks";
import { classes } from "../../ui/classes";
import menu from "../../ui/Menu.module.css";
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
  return (
    <span className={css["presence"]}>
      <RadioGroup
        aria-label={t("presence.label")}
        className={css["group"] ?? ""}
        orientation="horizontal"
        value={value}
        onChange={choose}
        isDisabled={!live || pending === "presence"}
      >
        <Radio value="ready" className={classes(css["choice"], css["ready"])}>
          <Check size={14} aria-hidden="true" />
          {t("presence.ready")}
        </Radio>
        {active && (
          <Radio value="active" className={css["choice"] ?? ""}>
            <Phone size={14} aria-hidden="true" />
            {t("presence.active")}
          </Radio>
        )}
        <Radio value="not_ready" className={css["choice"] ?? ""}>
          <Pause size={14} aria-hidden="true" />
          {t("presence.notReady")}
        </Radio>
      </RadioGroup>
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
    <MenuTrigger>
      <Button
        className={menu["select"] ?? ""}
        aria-label={`${t("presence.reason")}: ${shown ?? t("presence.noReason")}`}
      >
        {shown ?? t("presence.reason")}
        <ChevronDown size={14} aria-hidden="true" />
      </Button>
      <Popover placement="bottom end" className={menu["popover"] ?? ""}>
        <Menu
          aria-label={t("presence.reason")}
          className={menu["menu"] ?? ""}
          onAction={(key) => void desk.notReady(key === "none" ? undefined : String(key))}
        >
          {[...REASONS, "none" as const].map((key) => (
            <MenuItem key={key} id={key} className={menu["item"] ?? ""}>
              <span className={menu["tick"]}>{known === key && <Check size={14} aria-hidden="true" />}</span>
              {key === "none" ? t("presence.noReason") : t(`presence.reasons.${key}`)}
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
