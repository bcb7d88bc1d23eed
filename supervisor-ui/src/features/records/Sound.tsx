import { useTranslation } from "react-i18next";
import type { PartySound } from "../../wire/generated";
import css from "./Records.module.css";
import { missingPercent } from "./missing";

/** How the parties' sound came to the server. */
export function Sound({ id, parties }: { id: string; parties: readonly PartySound[] }) {
  const { t } = useTranslation("records");
  if (parties.length === 0) return null;
  return (
    <section className={css["section"]} aria-labelledby={`${id}-sound`}>
      <h3 id={`${id}-sound`}>{t("sound.title")}</h3>
      <ul>
        {parties.map((party, n) => (
          <li key={n}>
            <bdi>{party.name}</bdi>: {t("sound.of", { percent: missingPercent(party), delay: party.delay_ms })}
          </li>
        ))}
      </ul>
    </section>
  );
}
