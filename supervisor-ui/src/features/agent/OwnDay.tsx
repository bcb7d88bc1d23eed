import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useSession } from "../../session/session";
import { clock } from "../../ui/names";
import { timeOf } from "../../ui/time";
import css from "./OwnDay.module.css";
import "./dayWords";

const FRESH_MS = 15_000;

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
      {data.missed.length > 0 && (
        <p className="muted">{t("day.missedAt", { times: data.missed.map(({ at }) => timeOf(at)).join(", ") })}</p>
      )}
    </>
  );
}
