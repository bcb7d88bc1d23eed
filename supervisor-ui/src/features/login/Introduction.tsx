import { useTranslation } from "react-i18next";
import { Diagram } from "../../hearing/Diagram";
import { MODE_ICONS } from "../../hearing/modes";
import type { Hearing } from "../../hearing/picture";
import { classes } from "../../ui/classes";
import css from "./LoginPage.module.css";

const EXAMPLE: Hearing = {
  mode: "whisper",
  caller: "Marek",
  agent: "Ana",
  held: false,
  agentMuted: false,
  callerMuted: false,
  agentNotified: false,
  more: false,
};

/** What the product does, in one picture and three lines. */
export function Introduction() {
  const { t } = useTranslation("login");
  const { t: hearing } = useTranslation("hearing");
  return (
    <aside className={css["left"]} aria-label="Sotto">
      <div className={css["logo"]}>sotto</div>
      <div className={css["middle"]}>
        <p className={css["claim"]}>{t("claim")}</p>
        <div className={css["picture"]}>
          <Diagram hearing={EXAMPLE} speaking={{ caller: false, agent: false, you: true }} />
        </div>
        <ul className={css["modes"]}>
          {(["listen", "whisper", "barge"] as const).map((mode) => {
            const Icon = MODE_ICONS[mode];
            return (
              <li key={mode}>
                <span className={classes(css["disc"], css[mode])}>
                  <Icon size={20} aria-hidden="true" />
                </span>
                <b>{hearing(`modes.${mode}`)}</b>
                <span>{t(mode)}</span>
              </li>
            );
          })}
        </ul>
      </div>
      <p className="muted">{t("server", { host: window.location.hostname })}</p>
    </aside>
  );
}
