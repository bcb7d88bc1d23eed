import { Lock } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import type { TimelineEntry } from "../../wire/generated";
import { useTimeline } from "./hooks";
import { detailWordOf, wordOf } from "./lines";
import css from "./Records.module.css";
import { exactTime } from "../../ui/time";

/** Everything that happened, in order; what only staff know stands on yellow, with a lock and the words. */
export function Timeline({ id }: { id: string }) {
  const { t } = useTranslation("records");
  const timeline = useTimeline(id);
  return (
    <section className={css["section"]} aria-labelledby={`${id}-timeline`}>
      <h3 id={`${id}-timeline`}>{t("timeline")}</h3>
      {timeline.isPending && (
        <p role="status" className="muted">
          {t("loading")}
        </p>
      )}
      {timeline.isError && (
        <p role="alert">
          {t("failed")}{" "}
          <Button size="small" onPress={() => void timeline.refetch()}>
            {t("again")}
          </Button>
        </p>
      )}
      <ol className={css["timeline"]}>
        {timeline.data?.entries.map((entry, index) => (
          <Entry key={index} entry={entry} />
        ))}
      </ol>
    </section>
  );
}

function Entry({ entry }: { entry: TimelineEntry }) {
  const { t } = useTranslation("records");
  const word = wordOf(entry);
  const detail = detailWordOf(entry);
  return (
    <li className={css["entry"]} data-private={entry.private || undefined}>
      <time dateTime={new Date(entry.at).toISOString()}>{exactTime(entry.at)}</time>
      <span className={css["what"]}>
        {word ? t(word, { name: entry.actor?.name ?? "" }) : entry.text}
        {word &&
          entry.detail &&
          (entry.kind === "help_raised" ? (
            <q>{entry.detail}</q>
          ) : (
            <span className={css["detail"]}>{detail ? t(detail) : entry.detail}</span>
          ))}
      </span>
      {entry.private && (
        <span className={css["only"]}>
          <Lock size={12} aria-hidden="true" />
          {t("staffOnly")}
        </span>
      )}
    </li>
  );
}
