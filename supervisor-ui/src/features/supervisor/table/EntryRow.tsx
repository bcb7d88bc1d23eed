import { Ear, Hand, Phone, PhoneIncoming } from "lucide-react";
import { type KeyboardEvent, memo } from "react";
import { useTranslation } from "react-i18next";
import { Channel } from "../../../chat/Channel";
import { useLive } from "../../../live/hooks";
import { Button } from "../../../ui/Button";
import { classes } from "../../../ui/classes";
import { TableRow } from "../../../ui/Table";
import { agentsNameOf, customerOf, type Entry, isLiveEntry, moodOf, presentOf, queueOf, sinceOf } from "../model/entry";
import { helpOf } from "../model/requests";
import { Elapsed, PresenceChip } from "../parts/Parts";
import { useEnter } from "../supervision/hooks";
import { ChatCell, MoodCell, TalkCell } from "./Cells";
import css from "./Table.module.css";

export interface EntryRowProps {
  entry: Entry;
  /** Among the lines of the table, and among its entries. */
  index: number;
  place: number;
  selected: boolean;
  focusable: boolean;
  disabled: boolean;
  measure: (element: Element | null) => void;
  onOpen: (id: string) => void;
  onFocus: (id: string) => void;
}

/** A call or a conversation. It is drawn anew when it changes itself, and not with its neighbours. */
export const EntryRow = memo(function EntryRow({
  entry,
  index,
  place,
  selected,
  focusable,
  disabled,
  measure,
  onOpen,
  onFocus,
}: EntryRowProps) {
  const { t } = useTranslation("supervisor");
  const help = helpOf(entry);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.target !== event.currentTarget) return;
    event.preventDefault();
    onOpen(entry.id);
  };
  return (
    <TableRow
      ref={measure}
      data-index={index}
      data-row={entry.id}
      data-kind={entry.kind}
      className={classes(css["row"], help && css["help"])}
      aria-rowindex={place + 2}
      aria-selected={selected}
      tabIndex={focusable ? 0 : -1}
      onClick={() => onOpen(entry.id)}
      onKeyDown={onKeyDown}
      onFocus={() => onFocus(entry.id)}
    >
      <td role="gridcell" className={css["c-caller"]}>
        <CustomerCell entry={entry} asks={help !== undefined} />
      </td>
      <td role="gridcell" className={css["c-agent"]}>
        {agentsNameOf(entry)}
      </td>
      <td role="gridcell" className={css["c-queue"]}>
        <QueueName queue={queueOf(entry)} />
      </td>
      <td role="gridcell" className={css["c-talk"]}>
        {entry.kind === "call" ? <TalkCell call={entry.call} /> : <ChatCell view={entry.view} />}
      </td>
      <td role="gridcell" className={css["c-time"]}>
        <Elapsed from={sinceOf(entry)} />
      </td>
      <td role="gridcell" className={css["c-mood"]}>
        <MoodCell
          mood={moodOf(entry)}
          talk={entry.kind === "call" ? entry.call.talk : undefined}
          focusable={focusable}
          onPress={() => onOpen(entry.id)}
        />
      </td>
      <td role="gridcell" className={css["c-help"]}>
        {help && (
          <>
            <b>
              <Elapsed from={help.raisedAt} />
            </b>{" "}
            <span className={css["reason"]}>{help.reason ?? t("help.noReason")}</span>
          </>
        )}
      </td>
      <td role="gridcell" className={css["c-supervisors"]}>
        <Supervisors entry={entry} />
      </td>
      <td role="gridcell" className={css["c-action"]}>
        <ActionCell entry={entry} disabled={disabled} onOpen={onOpen} />
      </td>
    </TableRow>
  );
});

function CustomerCell({ entry, asks }: { entry: Entry; asks: boolean }) {
  const { t } = useTranslation("supervisor");
  return (
    <span className={css["who"]}>
      {asks ? (
        <span className={css["hand"]}>
          <Hand size={12} aria-hidden="true" />
          <span className="vh">{t("table.helpRequested")}</span>
        </span>
      ) : (
        <Kind entry={entry} />
      )}
      <span className={css["names"]} title={entry.kind === "call" ? entry.call.caller.number : entry.view.subject}>
        <b>{customerOf(entry)}</b>
        <span className={css["sub"]}>{agentsNameOf(entry)}</span>
      </span>
    </span>
  );
}

function Kind({ entry }: { entry: Entry }) {
  if (entry.kind === "chat") return <Channel channel={entry.view.channel} />;
  const Icon = isLiveEntry(entry) ? Phone : PhoneIncoming;
  return <Icon size={14} aria-hidden="true" />;
}

export function QueueName({ queue }: { queue: string | undefined }) {
  const { t } = useTranslation("supervisor");
  const queues = useLive((state) => state.me?.queues);
  if (queue === undefined) return <>{t("table.direct")}</>;
  return <>{queues?.find((known) => known.id === queue)?.name ?? queue}</>;
}

function Supervisors({ entry }: { entry: Entry }) {
  const me = useLive((state) => state.me?.id);
  const connected = useLive((state) => state.connection.kind === "live");
  // Without a connection the user is off everything, whatever the last message said.
  const present = presentOf(entry).filter(({ user }) => connected || user !== me);
  return (
    <span className={css["chips"]}>
      {present.map(({ key, name, mode, user }) => (
        <PresenceChip key={key} name={name} mode={mode} you={user === me} />
      ))}
    </span>
  );
}

/** The way in: Listen to a call, read along in a conversation. */
function ActionCell({ entry, disabled, onOpen }: { entry: Entry; disabled: boolean; onOpen: (id: string) => void }) {
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
