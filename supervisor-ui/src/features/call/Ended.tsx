import { Phone, PhoneOff } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import { clock } from "../../ui/names";
import css from "./CallPage.module.css";
import type { Ended as EndedCall } from "./caller";
import { useCaller } from "./hooks";

/** The call is over: how, and the way to another one. */
export function Ended({ ended: { ending, lastedMs } }: { ended: EndedCall }) {
  const { t } = useTranslation("call");
  const caller = useCaller();
  return (
    <section className={css["card"]} aria-label={t("yourCall")}>
      <div className={css["centre"]} role="status">
        <span className={classes(css["avatar"], css["waiting"])} aria-hidden="true">
          <PhoneOff size={32} strokeWidth={1.75} />
        </span>
        <h1>{t(`endings.${ending}.title`)}</h1>
        <p className={css["lead"]}>{t(`endings.${ending}.body`)}</p>
        {lastedMs !== null && <p className={css["about"]}>{t("lasted", { time: clock(lastedMs) })}</p>}
      </div>
      <Button size="large" kind="ok" className={css["wide"]} autoFocus onPress={() => caller.again()}>
        <Phone size={20} aria-hidden="true" />
        {t("again")}
      </Button>
    </section>
  );
}
