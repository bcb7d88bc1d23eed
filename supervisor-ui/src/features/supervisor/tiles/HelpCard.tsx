import { Ear, Hand } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../../live/hooks";
import { capOf } from "../../../keys/keymap";
import { useKeySettings } from "../../../keys/settings";
import { Button } from "../../../ui/Button";
import { classes } from "../../../ui/classes";
import { Kbd } from "../../../ui/Kbd";
import { shortName } from "../../../ui/names";
import type { CallView } from "../../../wire/generated";
import { supervisorKeys } from "../keys";
import { Elapsed } from "../table/CallRow";
import { askingAgent } from "./counts";
import css from "./Tiles.module.css";

export interface HelpCardProps {
  /** The newest request that nobody has taken up. */
  open: CallView | undefined;
  /** The newest that somebody has. */
  taken: CallView | undefined;
  disabled: boolean;
  onListen: (call: CallView) => void;
  onLater: (call: CallView) => void;
}

/** Help requests arrive here, in a fixed place. */
export function HelpCard({ open, taken, disabled, onListen, onLater }: HelpCardProps) {
  const { t } = useTranslation("supervisor");
  const { map, enabled } = useKeySettings(supervisorKeys);
  if (!open?.help) return <NoHelp taken={taken} />;
  const { help, caller } = open;
  return (
    <section className={css["help"]} aria-label={t("help.label")} role="alert" key={open.id + help.requested_at}>
      <span className={css["disc"]}>
        <Hand size={20} aria-hidden="true" />
      </span>
      <div className={css["text"]}>
        <div className={css["line1"]}>
          <b>{t("help.asks", { agent: askingAgent(open) })}</b>
          <span>· {caller.name} · </span>
          <span aria-hidden="true">
            <Elapsed from={help.requested_at} />
          </span>
        </div>
        <div className={css["line2"]}>{help.reason ? `“${help.reason}”` : t("help.noReason")}</div>
      </div>
      <Button className={css["listen"]} onPress={() => onListen(open)} isDisabled={disabled}>
        <Ear size={15} aria-hidden="true" />
        {t("actions.listen")}
        {enabled && <Kbd>{capOf(map.help)}</Kbd>}
      </Button>
      <Button className={classes(css["later"])} onPress={() => onLater(open)}>
        {t("actions.later")}
      </Button>
    </section>
  );
}

function NoHelp({ taken }: { taken: CallView | undefined }) {
  const { t } = useTranslation("supervisor");
  return (
    <section className={classes(css["help"], css["none"])} aria-label={t("help.label")}>
      <span className={css["disc"]}>
        <Hand size={20} aria-hidden="true" />
      </span>
      <div className={css["text"]}>
        <div className={css["line1"]}>
          <b>{t("help.none")}</b>
        </div>
        <div className={css["line2"]}>{taken ? <Taken call={taken} /> : t("help.noneOpen")}</div>
      </div>
    </section>
  );
}

function Taken({ call }: { call: CallView }) {
  const { t } = useTranslation("supervisor");
  const me = useLive((state) => state.me?.id);
  const by = call.help?.taken_by;
  if (!call.help || !by) return null;
  const values = { agent: shortName(askingAgent(call)), name: shortName(by.name), time: "\u0000" };
  const [before = "", after = ""] = t(by.user === me ? "help.withYou" : "help.withOther", values).split("\u0000");
  return (
    <>
      {before}
      <Elapsed from={call.help.requested_at} />
      {after}
    </>
  );
}
