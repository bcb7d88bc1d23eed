import { AudioLines, SearchX } from "lucide-react";
import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../../live/hooks";
import { Button } from "../../../ui/Button";
import type { DashboardView } from "../useDashboard";
import { LiveGrid } from "./LiveGrid";
import { NO_FILTER } from "./rows";
import css from "./Table.module.css";
import { useHover } from "./useHover";
import { useOrder } from "./useOrder";

/** The table, or why it is empty. */
export function LiveTable({ dashboard }: { dashboard: DashboardView }) {
  const { t } = useTranslation("supervisor");
  const { hovered, bind } = useHover();
  const { entries, filter, sort, density, selected, connection } = dashboard;
  const frame = useRef<HTMLDivElement>(null);
  const rows = useOrder(entries, filter, sort, hovered);
  return (
    <div ref={frame} className={css["frame"]} data-density={density} {...bind}>
      {rows.length > 0 ? (
        <LiveGrid
          frame={frame}
          entries={rows}
          density={density}
          sort={sort}
          onSort={dashboard.setSort}
          selected={selected?.id ?? null}
          onOpen={dashboard.open}
          focused={dashboard.focused}
          onFocus={dashboard.setFocused}
          disabled={connection.kind !== "live"}
        />
      ) : entries.length > 0 ? (
        <div className={css["empty"]}>
          <span className={css["disc"]}>
            <SearchX size={24} aria-hidden="true" />
          </span>
          <h2>{t("table.noMatch")}</h2>
          <p>{t("table.noMatchHint")}</p>
          <Button onPress={() => dashboard.setFilter(NO_FILTER)}>{t("table.clear")}</Button>
        </div>
      ) : (
        connection.kind !== "connecting" && <NoCalls />
      )}
    </div>
  );
}

/** Says when rows will appear. */
function NoCalls() {
  const { t } = useTranslation("supervisor");
  const teams = useLive((state) => state.me?.teams) ?? [];
  const agents = useLive((state) => state.agents);
  const count = (state: "ready" | "offline") => [...agents.values()].filter((agent) => agent.state === state).length;
  return (
    <div className={css["empty"]}>
      <span className={css["disc"]}>
        <AudioLines size={24} aria-hidden="true" />
      </span>
      <h2>{t("empty.title")}</h2>
      <p>
        {t("empty.body", { teams: teams.map((team) => team.name).join(", ") })}{" "}
        {t("empty.ready", { count: count("ready") })} {t("empty.offline", { count: count("offline") })}
      </p>
    </div>
  );
}
