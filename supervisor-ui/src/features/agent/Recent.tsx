import { Phone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { language } from "../../i18n";
import { clock } from "../../ui/names";
import { useDeskView, useQueueName } from "./hooks";
import type { RecentCall } from "./recent";
import css from "./Recent.module.css";

/** The calls that are over. */
export function Recent() {
  const { t } = useTranslation("agent");
  const { recent } = useDeskView();
  return (
    <section className={css["recent"]} aria-labelledby="earlier">
      <h2 id="earlier">{t("recent.title")}</h2>
      {recent.length === 0 && <p className="muted">{t("recent.none")}</p>}
      <ul>
        {recent.map((call) => (
          <Entry key={call.id} call={call} />
        ))}
      </ul>
    </section>
  );
}

function Entry({ call }: { call: RecentCall }) {
  const queue = useQueueName(call.queue);
  const at = new Date(call.endedAt);
  const time = at.toLocaleTimeString(language(), { hour: "numeric", minute: "2-digit", hourCycle: "h23" });
  return (
    <li>
      <Phone size={14} aria-hidden="true" />
      <span className={css["name"]}>{call.caller}</span>
      <span>{queue}</span>
      <span>{clock(call.lastedMs)}</span>
      <time dateTime={at.toISOString()}>{time}</time>
    </li>
  );
}
