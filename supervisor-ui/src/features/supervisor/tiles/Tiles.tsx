import { Clock, Headset, type LucideIcon, MessageSquare, Phone } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../../live/hooks";
import { Elapsed } from "../parts/Parts";
import type { Entry } from "../model/entry";
import { countsOf } from "../model/counts";
import css from "./Tiles.module.css";

/** Four figures, and the place where help requests arrive. */
export function Tiles({ entries, children }: { entries: readonly Entry[]; children: ReactNode }) {
  const { t } = useTranslation("supervisor");
  const agents = useLive((state) => state.agents);
  const counts = useMemo(() => countsOf(entries, agents.values()), [entries, agents]);
  return (
    <section className={css["tiles"]} aria-label={t("tiles.label")}>
      <Tile icon={Phone} name={t("tiles.calls")} value={counts.calls}>
        {counts.held > 0 && t("tiles.held", { count: counts.held })}
      </Tile>
      <Tile icon={MessageSquare} name={t("tiles.chats")} value={counts.chats} />
      <Tile icon={Clock} name={t("tiles.waiting")} value={counts.waiting}>
        {counts.waitingSince !== null && <Longest since={counts.waitingSince} />}
      </Tile>
      <Tile icon={Headset} name={t("tiles.agents")} value={counts.agents}>
        {t("tiles.ready", { count: counts.ready })}
        <span className={css["extra"]}>{t("tiles.active", { count: counts.active })}</span>
      </Tile>
      {children}
    </section>
  );
}

function Longest({ since }: { since: number }) {
  const { t } = useTranslation("supervisor");
  const [before = "", after = ""] = t("tiles.longest", { time: "\u0000" }).split("\u0000");
  return (
    <>
      {before}
      <Elapsed from={since} />
      {after}
    </>
  );
}

function Tile({
  icon: Icon,
  name,
  value,
  children,
}: {
  icon: LucideIcon;
  name: string;
  value: number;
  children?: ReactNode;
}) {
  return (
    <div className={css["tile"]}>
      <span className={css["name"]}>
        <Icon size={14} aria-hidden="true" />
        {name}
      </span>
      <span className={css["value"]}>
        {value}
        <small>{children}</small>
      </span>
    </div>
  );
}
