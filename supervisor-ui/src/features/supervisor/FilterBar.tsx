import { Annoyed, Hand, MessageSquare, Phone, PhoneIncoming, Rows3, Rows4 } from "lucide-react";
import type { ReactNode, RefObject } from "react";
import { useTranslation } from "react-i18next";
import { capOf } from "../../keys/keymap";
import { useKeySettings } from "../../keys/settings";
import { useLive } from "../../live/hooks";
import { ChoiceField, FilterBar as Bar, FilterChip, FilterEnd, SearchField } from "../../ui/Filters";
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
    <FilterChip
      className={css[`only-${only}`]}
      pressed={filter.only === only}
      onPress={() => onFilter({ ...filter, only })}
    >
      {Icon && <Icon size={14} aria-hidden="true" />}
      {name}
    </FilterChip>
  );
  return (
    <Bar className={css["bar"]}>
      <SearchField
        ref={searchRef}
        label={t("filter.search")}
        placeholder={t("filter.placeholder")}
        value={filter.text}
        onChange={(text) => onFilter({ ...filter, text })}
        leavesOnEscape
      >
        {enabled && <Kbd>{capOf(map.search)}</Kbd>}
      </SearchField>
      {chip("all", t("filter.all", { count: total }))}
      {chip("calls", t("filter.calls"), Phone)}
      {chip("chats", t("filter.chats"), MessageSquare)}
      {chip("help", t("filter.help"), Hand)}
      {chip("tense", t("filter.tense"), Annoyed)}
      {chip("waiting", t("filter.waiting"), PhoneIncoming)}
      <FilterEnd>
        <QueueSelect filter={filter} onFilter={onFilter} />
        <span role="group" aria-label={t("filter.density")} className={css["segments"]}>
          <Segment
            name={t("filter.comfortable")}
            pressed={density === "comfortable"}
            onPress={() => onDensity("comfortable")}
          >
            <Rows3 size={16} aria-hidden="true" />
          </Segment>
          <Segment name={t("filter.compact")} pressed={density === "compact"} onPress={() => onDensity("compact")}>
            <Rows4 size={16} aria-hidden="true" />
          </Segment>
        </span>
      </FilterEnd>
    </Bar>
  );
}

interface SegmentProps {
  name: string;
  pressed: boolean;
  onPress: () => void;
  children: ReactNode;
}

function Segment({ name, pressed, onPress, children }: SegmentProps) {
  return (
    <button type="button" aria-label={name} aria-pressed={pressed} onClick={onPress}>
      {children}
    </button>
  );
}

/** Only where there is a choice. */
function QueueSelect({ filter, onFilter }: Pick<FilterBarProps, "filter" | "onFilter">) {
  const { t } = useTranslation("supervisor");
  const queues = useLive((state) => state.me?.queues) ?? [];
  if (queues.length < 2) return null;
  return (
    <ChoiceField
      label={t("filter.queue")}
      every={t("filter.everyQueue")}
      options={queues}
      value={filter.queue ?? ""}
      onChange={(queue) => onFilter({ ...filter, queue: queue || null })}
    />
  );
}
