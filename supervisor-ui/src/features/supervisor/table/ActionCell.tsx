import { Ear } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLive } from "../../../live/hooks";
import { Button } from "../../../ui/Button";
import { useEnter } from "../supervision/useEnter";
import { agentsNameOf, customerOf, type Entry, isLiveEntry } from "./entry";
import css from "./Table.module.css";

/** The way in: Listen to a call, read along in a conversation. */
export function ActionCell({
  entry,
  disabled,
  onOpen,
}: {
  entry: Entry;
  disabled: boolean;
  onOpen: (id: string) => void;
}) {
  const { t } = useTranslation("supervisor");
  const enter = useEnter();
  const may = useLive((state) => state.me?.permissions.includes("monitor_live_calls") ?? false);
  const [customer, agent] = [customerOf(entry), agentsNameOf(entry)];
  // A customer who waits in text can be read; on a call there is nobody to listen to yet.
  if (!may || (entry.kind === "call" && (!isLiveEntry(entry) || agent === ""))) return null;
  const press = () => {
    onOpen(entry.id);
    enter(entry.kind, entry.id);
  };
  const label =
    entry.kind === "call"
      ? t("table.listenTo", { caller: customer, agent })
      : agent
        ? t("table.readWith", { customer, agent })
        : t("table.readAlone", { customer });
  return (
    <span onClick={(event) => event.stopPropagation()}>
      <Button
        kind="quiet"
        className={css["listen"]}
        excludeFromTabOrder
        isDisabled={disabled}
        onPress={press}
        aria-label={label}
      >
        <Ear size={14} aria-hidden="true" />
        <span className={css["listenWord"]}>{t(entry.kind === "call" ? "actions.listen" : "actions.read")}</span>
      </Button>
    </span>
  );
}
