import { useId } from "react";
import { useTranslation } from "react-i18next";
import { Bars } from "./Bars";
import { Line } from "./Line";
import type { Day } from "./report";
import css from "./Reports.module.css";
import { fullDay, shortDay } from "./when";

/** The drawing's own units; it grows with the card. */
const WIDTH = 800;
const HEIGHT = 560;
const LEFT = 40;
/** Days that can be labelled beside each other. */
const LABELS_MAX = 14;

/** Requests per day above, the mean time to answer below; every figure stands in the table, too. */
export function Chart({ days }: { days: readonly Day[] }) {
  const { t } = useTranslation("reports");
  const hatch = useId();
  const step = (WIDTH - LEFT) / Math.max(1, days.length);
  const x = (index: number): number => LEFT + step * (index + 0.5);
  const every = Math.ceil(days.length / LABELS_MAX);
  return (
    <section className={css["card"]} aria-labelledby={`${hatch}title`}>
      <h3 id={`${hatch}title`}>
        {t("perDay")}
        <span className={css["legend"]} aria-hidden="true">
          <span>
            <i className={css["answered"]} />
            {t("answered")}
          </span>
          <span>
            <i className={css["cancelled"]} />
            {t("cancelled")}
          </span>
        </span>
      </h3>
      <svg className={css["chart"]} viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={useSentence(days)}>
        <defs>
          <pattern id={hatch} width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
            <rect width="5" height="5" className={css["hatchGround"]} />
            <path d="M0 0V5" className={css["hatchLine"]} />
          </pattern>
        </defs>
        <Bars days={days} x={x} step={step} left={LEFT} right={WIDTH} top={24} bottom={344} hatch={hatch} />
        <text x={LEFT} y={388} className={css["subtitle"]}>
          {t("mean")}
        </text>
        <Line days={days} x={x} left={LEFT} right={WIDTH} top={404} bottom={524} />
        {days.map(
          (day, index) =>
            index % every === 0 && (
              <text key={day.start} x={x(index)} y={550} textAnchor="middle">
                {shortDay(day.start)}
              </text>
            ),
        )}
      </svg>
    </section>
  );
}

/** The picture in words. */
function useSentence(days: readonly Day[]): string {
  const { t } = useTranslation("reports");
  const counts = days.map(({ count }) => count);
  const means = days.flatMap(({ meanMs }) => (meanMs === null ? [] : [Math.round(meanMs / 1000)]));
  const most = Math.max(...counts);
  const busiest = days.find(({ count }) => count === most);
  const mean = means.length === 0 ? "" : t("pictureMean", { least: Math.min(...means), most: Math.max(...means) });
  return t("picture", { least: Math.min(...counts), most, busiest: busiest ? fullDay(busiest.start) : "", mean });
}
