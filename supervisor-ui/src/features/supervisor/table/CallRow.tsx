import { Ear, Hand, Pause, Phone, PhoneIncoming, WifiOff } from "lucide-react";
import { type KeyboardEvent, memo } from "react";
import { useTranslation } from "react-i18next";
import { useLive, useLiveStore } from "../../../live/hooks";
import { useTicking } from "../../../shell/useNow";
import { Button } from "../../../ui/Button";
import { classes } from "../../../ui/classes";
import { clock, shortName } from "../../../ui/names";
import type { CallView } from "../../../wire/generated";
import { PresenceChip } from "../PresenceChip";
import { useSupervision } from "../supervision/hooks";
import { agentName, agentOf, isLive, since, supervisorsOf } from "./rows";
import { TalkCell } from "./TalkCell";
import css from "./Table.module.css";

export interface CallRowProps {
  call: CallView;
  index: number;
  selected: boolean;
  focusable: boolean;
  disabled: boolean;
  onOpen: (call: string) => void;
  onFocus: (call: string) => void;
}

/** A call. It is drawn anew when the call itself changes, and not with its neighbours. */
export const CallRow = memo(function CallRow({ call, index, selected, focusable, disabled, onOpen, onFocus }: CallRowProps) {
  const { t } = useTranslation("supervisor");
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" || event.target !== event.currentTarget) return;
    event.preventDefault();
    onOpen(call.id);
  };
  return (
    <tr
      className={classes(css["row"], call.help && css["help"])}
      data-row={call.id}
      aria-rowindex={index}
      aria-selected={selected}
      tabIndex={focusable ? 0 : -1}
      onClick={() => onOpen(call.id)}
      onKeyDown={onKeyDown}
      onFocus={() => onFocus(call.id)}
    >
      <td role="gridcell" className={css["c-caller"]}>
        <CallerCell call={call} />
      </td>
      <td role="gridcell" className={css["c-agent"]}>{agentName(call)}</td>
      <td role="gridcell" className={css["c-queue"]}>
        <QueueName queue={call.queue} />
      </td>
      <td role="gridcell" className={css["c-talk"]}>{isLive(call) && <TalkCell call={call} />}</td>
      <td role="gridcell" className={css["c-state"]}>
        <StateCell call={call} />
      </td>
      <td role="gridcell" className={css["c-time"]}>
        <Elapsed from={since(call)} />
      </td>
      <td role="gridcell" className={css["c-help"]}>
        {call.help && (
          <>
            <b><Elapsed from={call.help.requested_at} /></b> <span className={css["reason"]}>{call.help.reason ?? t("help.noReason")}</span>
          </>
        )}
      </td>
      <td role="gridcell" className={css["c-supervisors"]}>
        <Supervisors call={call} />
      </td>
      <td role="gridcell" className={css["c-action"]}>
        <ListenButton call={call} disabled={disabled} onOpen={onOpen} />
      </td>
    </tr>
  );
});

/** Time since then, by the server's clock. */
export function Elapsed({ from }: { from: number }) {
  const live = useLiveStore();
  return <>{useTicking(() => clock(live.serverNow() - from))}</>;
}

function CallerCell({ call }: { call: CallView }) {
  const { t } = useTranslation("supervisor");
  const Icon = isLive(call) ? Phone : PhoneIncoming;
  return (
    <span className={css["who"]}>
      {call.help ? (
        <span className={css["hand"]}>
          <Hand size={12} aria-hidden="true" />
          <span className="vh">{t("table.helpRequested")}</span>
        </span>
      ) : (
        <Icon size={14} aria-hidden="true" />
      )}
      <span className={css["names"]} title={call.caller.number}>
        <b>{call.caller.name}</b>
        <span className={css["sub"]}>{agentName(call)}</span>
      </span>
    </span>
  );
}

function QueueName({ queue }: { queue: string | undefined }) {
  const { t } = useTranslation("supervisor");
  const queues = useLive((state) => state.me?.queues);
  if (queue === undefined) return <>{t("table.direct")}</>;
  return <>{queues?.find((known) => known.id === queue)?.name ?? queue}</>;
}

function StateCell({ call }: { call: CallView }) {
  const { t } = useTranslation("supervisor");
  if (call.state === "ringing") return <>{t("state.ringing", { agent: shortName(call.ringing?.name ?? "") })}</>;
  if (call.state !== "active") return <>{t(`state.${call.state}`)}</>;
  const lost = call.legs.some((leg) => leg.lost && leg.role !== "supervisor");
  if (lost) return <span className={css["mark"]}><WifiOff size={14} aria-hidden="true" />{t("state.lost")}</span>;
  if (call.held) return <span className={css["mark"]}><Pause size={14} aria-hidden="true" />{t("state.held")}</span>;
  return <>{t("state.active")}</>;
}

function Supervisors({ call }: { call: CallView }) {
  const me = useLive((state) => state.me?.id);
  const connected = useLive((state) => state.connection.kind === "live");
  // Without a connection the user is off every call, whatever the last message said.
  const present = supervisorsOf(call).filter((leg) => connected || leg.user !== me);
  return (
    <span className={css["chips"]}>
      {present.map((leg) => leg.mode && <PresenceChip key={leg.id} name={leg.name} mode={leg.mode} you={leg.user === me} />)}
    </span>
  );
}

function ListenButton({ call, disabled, onOpen }: { call: CallView; disabled: boolean; onOpen: (call: string) => void }) {
  const { t } = useTranslation("supervisor");
  const supervision = useSupervision();
  const agent = agentOf(call);
  if (!isLive(call) || !agent) return null;
  const listen = () => {
    onOpen(call.id);
    supervision.listen(call.id);
  };
  return (
    <span onClick={(event) => event.stopPropagation()}>
      <Button kind="quiet" className={css["listen"]} excludeFromTabOrder isDisabled={disabled} onPress={listen} aria-label={t("table.listenTo", { caller: call.caller.name, agent: agent.name })}>
        <Ear size={14} aria-hidden="true" />
        <span className={css["listenWord"]}>{t("actions.listen")}</span>
      </Button>
    </span>
  );
}
