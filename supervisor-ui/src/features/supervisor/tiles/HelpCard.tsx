import { Ear, Hand } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../../live/hooks";
import { capOf } from "../../../keys/keymap";
import { useKeySettings } from "../../../keys/settings";
import { Button } from "../../../ui/Button";
import { classes } from "../../../ui/classes";
import { Kbd } from "../../../ui/Kbd";
import { shortName } from "../../../ui/names";
import type { Request } from "../model/requests";
import { supervisorKeys } from "../model/keys";
import { Elapsed } from "../parts/Parts";
import css from "./Tiles.module.css";

export interface HelpCardProps {
  /** The newest request that nobody has taken up. */
  open: Request | undefined;
  /** The newest that somebody has. */
  taken: Request | undefined;
  disabled: boolean;
  onListen: (request: Request) => void;
  onLater: (request: Request) => void;
}

/** Help requests arrive here, in a fixed place. */
export function HelpCard({ open, taken, disabled, onListen, onLater }: HelpCardProps) {
  const { t } = useTranslation("supervisor");
  const { map, enabled } = useKeySettings(supervisorKeys);
  if (!open) return <NoHelp taken={taken} />;
  return (
    <section className={css["help"]} aria-label={t("help.label")} role="alert" key={open.key}>
      <span className={css["disc"]}>
        <Hand size={20} aria-hidden="true" />
      </span>
      <div className={css["text"]}>
        <div className={css["line1"]}>
          <b>{t("help.asks", { agent: open.agent })}</b>
          <span className={css["age"]} aria-hidden="true">
            · <Elapsed from={open.raisedAt} />
          </span>
          <span className={css["customer"]}>· {open.customer}</span>
        </div>
        <div className={css["line2"]} title={open.reason}>
          {open.reason ? `“${open.reason}”` : t("help.noReason")}
        </div>
      </div>
      <span className={css["buttons"]}>
        <Button className={css["listen"]} onPress={() => onListen(open)} isDisabled={disabled}>
          <Ear size={15} aria-hidden="true" />
          {t(open.kind === "call" ? "actions.listen" : "actions.read")}
          {enabled && <Kbd>{capOf(map.help)}</Kbd>}
        </Button>
        <Button className={classes(css["later"])} onPress={() => onLater(open)}>
          {t("actions.later")}
        </Button>
      </span>
    </section>
  );
}

function NoHelp({ taken }: { taken: Request | undefined }) {
  const { t } = useTranslation("supervisor");
  return (
    <section className={classes(css["help"], css["none"])} aria-label={t("help.label")}>
      <span className={css["disc"]}>
        <Hand size={20} aria-hidden="true" />
      </span>
      <div className={css["text"]}>
        <div className={css["line1"]}>
          <b>{taken ? <Taken request={taken} /> : t("help.none")}</b>
        </div>
        <div className={css["line2"]}>{t(taken ? "help.noneWaiting" : "help.noneOpen")}</div>
      </div>
    </section>
  );
}

function Taken({ request }: { request: Request }) {
  const { t } = useTranslation("supervisor");
  const me = useLive((state) => state.me?.id);
  const { takenBy: by } = request;
  if (!by) return null;
  const values = { agent: shortName(request.agent), name: shortName(by.name), time: "\u0000" };
  const [before = "", after = ""] = t(by.user === me ? "help.withYou" : "help.withOther", values).split("\u0000");
  return (
    <>
      {before}
      <Elapsed from={request.raisedAt} />
      {after}
    </>
  );
}
