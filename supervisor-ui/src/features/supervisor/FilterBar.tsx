import { Annoyed, Hand, MessageSquare, Phone, PhoneIncoming, Rows3, Rows4, Search } from "lucide-react";
import type { RefObject } from "react";
import { useTranslation } from "react-i18next";
import { ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { capOf } from "../../keys/keymap";
import { useKeySettings } from "../../keys/settings";
import { useLive } from "../../live/hooks";
import { Kbd } from "../../ui/Kbd";
import type { Density } from "./dashboard/useDashboard";
import css from "./FilterBar.module.css";
import { supervisorKeys } from "./model/keys";
import type { Filter } from "./model/rows";

export interface FilterBarProps {
  filter: Filter;
  onFilter: (filter: Filter) => void;
  total: number;
  density: Density;
  onDensity: (density: Density) => void;
  searchRef: RefObject<HTMLInputElement | null>;
}

/** Search, quick filters, queue and row density. */
export function FilterBar({ filter, onFilter, total, density, onDensity, searchRef }: FilterBarProps) {
  const { t } = useTranslation("supervisor");
  const { map, enabled } = useKeySettings(supervisorKeys);
  const chip = (only: Filter["only"], name: string, Icon?: typeof Hand) => (
    <ToggleButton
      className={css["chip"] ?? ""}
      data-only={only}
      isSelected={filter.only === only}
      onChange={() => onFilter({ ...filter, only })}
    >
      {Icon && <Icon size={14} aria-hidden="true" />}
      {name}
    </ToggleButton>
  );
  return (
    <div className={css["bar"]}>
      <label className={css["search"]}>
        <Search size={15} aria-hidden="true" />
        <span className="vh">{t("filter.search")}</span>
        <input
          ref={searchRef}
          type="search"
          placeholder={t("filter.placeholder")}
          value={filter.text}
          onChange={(event) => onFilter({ ...filter, text: event.target.value })}
          onKeyDown={(event) => event.key === "Escape" && event.currentTarget.blur()}
        />
        {enabled && <Kbd>{capOf(map.search)}</Kbd>}
      </label>
      {chip("all", t("filter.all", { count: total }))}
      {chip("calls", t("filter.calls"), Phone)}
      {chip("chats", t("filter.chats"), MessageSquare)}
      {chip("help", t("filter.help"), Hand)}
      {chip("tense", t("filter.tense"), Annoyed)}
      {chip("waiting", t("filter.waiting"), PhoneIncoming)}
      <span className={css["right"]}>
        <QueueSelect filter={filter} onFilter={onFilter} />
        <ToggleButtonGroup
          aria-label={t("filter.density")}
          className={css["segments"] ?? ""}
          disallowEmptySelection
          selectedKeys={[density]}
          onSelectionChange={(keys) => onDensity(keys.has("compact") ? "compact" : "comfortable")}
        >
          <ToggleButton id="comfortable" aria-label={t("filter.comfortable")}>
            <Rows3 size={16} aria-hidden="true" />
          </ToggleButton>
          <ToggleButton id="compact" aria-label={t("filter.compact")}>
            <Rows4 size={16} aria-hidden="true" />
          </ToggleButton>
        </ToggleButtonGroup>
      </span>
    </div>
  );
}

/** Only where there is a choice. */
function QueueSelect({ filter, onFilter }: Pick<FilterBarProps, "filter" | "onFilter">) {
  const { t } = useTranslation("supervisor");
  const queues = useLive((state) => state.me?.queues) ?? [];
  if (queues.length < 2) return null;
  return (
    <select
      className={css["select"]}
      aria-label={t("filter.queue")}
      value={filter.queue ?? ""}
      onChange={(event) => onFilter({ ...filter, queue: event.target.value || null })}
    >
      <option value="">{t("filter.everyQueue")}</option>
      {queues.map((queue) => (
        <option key={queue.id} value={queue.id}>
          {queue.name}
        </option>
      ))}
    </select>
  );
}
