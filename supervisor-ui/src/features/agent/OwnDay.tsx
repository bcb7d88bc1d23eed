import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useLive } from "../../live/hooks";
import { useSession } from "../../session/session";
import { clock } from "../../ui/names";
import { timeOf } from "../../ui/time";
import type { MissedOffer } from "../../wire/generated";
import css from "./OwnDay.module.css";
import "./dayWords";

const FRESH_MS = 15_000;
/** What was missed that is listed, the latest. */
const LISTED_MAX = 5;

/** The agent's own day, as the server kept it: the same on every machine. */
export function OwnDay() {
  const { t } = useTranslation("day");
  const { api } = useSession();
  const { data } = useQuery({
    queryKey: ["day"],
    queryFn: () => {
      const now = new Date();
      return api.day(new Date(now.getFullYear(), now.getMonth(), now.getDate()).getTime());
    },
    refetchInterval: FRESH_MS,
  });
  if (!data) return null;
  const figures: [string, string][] = [
    ["answered", String(data.answered)],
    ["missed", String(data.missed.length)],
    ["help", String(data.help)],
    ["handle", data.handle_median_ms === undefined ? "–" : clock(data.handle_median_ms)],
  ];
  return (
    <>
      <dl className={css["day"]}>
        {figures.map(([name, value]) => (
          <div key={name}>
            <dt>{t(`day.${name}`)}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {data.missed.length > 0 && <MissedList missed={data.missed} />}
    </>
  );
}

/** When what was offered in vain, and from which queue; who it was is not told. */
function MissedList({ missed }: { missed: readonly MissedOffer[] }) {
  const { t } = useTranslation("day");
  const queues = useLive((state) => state.me?.queues);
  const queueOf = ({ queue }: MissedOffer) => queues?.find(({ id }) => id === queue)?.name ?? queue;
  const more = missed.length - LISTED_MAX;
  return (
    <section aria-labelledby="missed">
      <h4 id="missed" className={css["missed"]}>
        {t("day.missedTitle")}
      </h4>
      <ul className={css["list"]}>
        {missed.slice(0, LISTED_MAX).map((offer) => (
          <li key={`${offer.kind} ${offer.at}`}>
            <span className={css["at"]}>{timeOf(offer.at)}</span> {t(`day.kind.${offer.kind}`)}
            {offer.queue !== undefined && (
              <span className="muted">
                {" · "}
                <bdi>{queueOf(offer)}</bdi>
              </span>
            )}
          </li>
        ))}
      </ul>
      {more > 0 && <p className="muted">{t("day.more", { count: more })}</p>}
    </section>
  );
}
