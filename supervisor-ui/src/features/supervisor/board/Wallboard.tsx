import { Maximize } from "lucide-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../../ui/Button";
import { PresenceDot } from "../../../ui/PresenceDot";
import { Elapsed } from "../parts/Parts";
import { useBoard, useQueues } from "./hooks";
import { BOARD_STATES, countsOf } from "./model";
import { Level } from "./QueueBoard";
import css from "./Board.module.css";

/** For a screen on the wall: large, without anybody's name. */
export function Wallboard() {
  const { t } = useTranslation("board");
  const { rows: agents } = useBoard();
  const { rows: queues } = useQueues();
  const wall = useRef<HTMLElement>(null);
  const counts = countsOf(agents);
  return (
    <section ref={wall} className={css["wall"]} aria-label={t("view.wall")}>
      <div className={css["wallHead"]}>
        <h2>{t("wall.agents")}</h2>
        <Button onPress={() => void wall.current?.requestFullscreen()}>
          <Maximize size={15} aria-hidden="true" />
          {t("wall.fullScreen")}
        </Button>
      </div>
      <dl className={css["wallTiles"]}>
        {BOARD_STATES.map((state) => (
          <div key={state}>
            <dt>
              <PresenceDot state={state} />
              {t(`state.${state}`)}
            </dt>
            <dd>{counts[state]}</dd>
          </div>
        ))}
      </dl>
      <ul className={css["wallQueues"]}>
        {queues.map((row) => (
          <li key={row.queue.id}>
            <h3>{row.queue.name}</h3>
            <p className={css["big"]} data-some={row.calls + row.chats > 0 || undefined}>
              {row.calls + row.chats} <small>{t("wall.waiting")}</small>
            </p>
            <p>{row.since === null ? "–" : <Longest since={row.since} />}</p>
            <p>
              <span className="muted">{t("wall.level")}</span> <Level row={row} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Longest({ since }: { since: number }) {
  const { t } = useTranslation("board");
  const [before = "", after = ""] = t("wall.longest", { time: "\u0000" }).split("\u0000");
  return (
    <>
      {before}
      <Elapsed from={since} />
      {after}
    </>
  );
}
