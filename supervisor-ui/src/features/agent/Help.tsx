import { Hand } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLiveStore } from "../../live/hooks";
import { useTicking } from "../../browser/ticking";
import { Button } from "../../ui/Button";
import { clock, shortName } from "../../ui/names";
import type { HelpView } from "../../wire/generated";
import css from "./Help.module.css";
import { useDesk } from "./hooks";

/** The open request: since when, and who has taken it up. */
export function HelpRow({ help }: { help: HelpView }) {
  const { t } = useTranslation("agent");
  const desk = useDesk();
  const store = useLiveStore();
  const age = useTicking(() => clock(store.serverNow() - help.requested_at));
  return (
    <section className={css["row"]} aria-label={t("help.asked")}>
      <Hand size={16} aria-hidden="true" />
      <div>
        <p role="status">
          {help.taken_by ? t("help.taken", { name: shortName(help.taken_by.name) }) : t("help.asked")}
        </p>
        {help.reason && <p className={css["reason"]}>“{help.reason}”</p>}
      </div>
      <span>{age}</span>
      <Button size="small" className={css["withdraw"]} onPress={() => void desk.withdrawHelp()}>
        {t("help.withdraw")}
      </Button>
    </section>
  );
}
