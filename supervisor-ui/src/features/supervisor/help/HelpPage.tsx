import { Check, Ear, Hand, HandHelping } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Channel } from "../../../chat/Channel";
import { NotifyButton } from "../../../shell/NotifyButton";
import { timeOf } from "../../../ui/time";
import { useLive } from "../../../live/hooks";
import { Button } from "../../../ui/Button";
import { Empty } from "../../../ui/Empty";
import { shortName } from "../../../ui/names";
import { Table, TableFrame, TableRow } from "../../../ui/Table";
import { type HelpActions, useHelpActions } from "../dashboard/help";
import type { DashboardView } from "../dashboard/useDashboard";
import type { Request } from "../model/requests";
import { Elapsed } from "../parts/Parts";
import { QueueName } from "../table/EntryRow";
import css from "./HelpPage.module.css";

/** Monitoring → Help requested: who asks, since when, why, and who is on it; calls and chats together. */
export function HelpPage({ dashboard }: { dashboard: DashboardView }) {
  const { t } = useTranslation("supervisor");
  const { requests, connection } = dashboard;
  const actions = useHelpActions();
  const columns = ["agent", "customer", "queue", "since", "reason", "state"] as const;
  return (
    <section className={css["page"]} aria-labelledby="help-title">
      <header className={css["head"]}>
        <h2 id="help-title">{t("help.label")}</h2>
        <span className="muted">{t("helpPage.count", { count: requests.length })}</span>
        <span className={css["right"]}>
          <NotifyButton />
        </span>
      </header>
      {requests.length === 0 ? (
        <Empty icon={<Hand size={24} aria-hidden="true" />} title={t("help.none")} level={3}>
          <p>{t("helpPage.empty")}</p>
        </Empty>
      ) : (
        <TableFrame look="list">
          <Table
            look="list"
            aria-label={t("help.label")}
            columns={[
              ...columns.map((key) => ({ key, name: t(`helpPage.${key}`) })),
              { key: "action", name: t("table.action"), hidden: true },
            ]}
          >
            {requests.map((request) => (
              <Row
                key={request.key}
                request={request}
                actions={actions}
                disabled={connection.kind !== "live"}
                onJoin={dashboard.answerHelp}
              />
            ))}
          </Table>
        </TableFrame>
      )}
    </section>
  );
}

interface RowProps {
  request: Request;
  actions: HelpActions;
  disabled: boolean;
  /** Takes it up and begins in Listen. */
  onJoin: (request: Request) => void;
}

function Row({ request, actions, disabled, onJoin }: RowProps) {
  const { t } = useTranslation("supervisor");
  const me = useLive((state) => state.me?.id);
  const { agent, customer, channel, queue, reason, raisedAt, takenBy: by } = request;
  const state = by ? t(by.user === me ? "help.yours" : "help.taken", { name: shortName(by.name) }) : t("helpPage.open");
  return (
    <TableRow className={css["row"]} data-open={by === undefined}>
      <th scope="row">
        <b>{agent}</b>
      </th>
      <td>
        <span className={css["customer"]}>
          <Channel channel={channel} />
          {customer}
        </span>
      </td>
      <td>
        <QueueName queue={queue} />
      </td>
      <td className={css["since"]}>
        <Elapsed from={raisedAt} /> <span className="muted">{timeOf(raisedAt)}</span>
      </td>
      <td className={css["reason"]}>{reason ? `“${reason}”` : <span className="muted">{t("help.noReason")}</span>}</td>
      <td>
        <span className={css["state"]}>
          {by ? <HandHelping size={15} aria-hidden="true" /> : <Hand size={15} aria-hidden="true" />}
          {state}
        </span>
      </td>
      <td className={css["actions"]}>
        <Button size="small" kind={by ? "default" : "primary"} isDisabled={disabled} onPress={() => onJoin(request)}>
          <Ear size={15} aria-hidden="true" />
          {t(request.kind === "call" ? "actions.listen" : "actions.read")}
        </Button>
        {!by && (
          <Button size="small" isDisabled={disabled} onPress={() => actions.take(request)}>
            {t("help.take")}
          </Button>
        )}
        <Button size="small" isDisabled={disabled} onPress={() => actions.close(request)}>
          <Check size={15} aria-hidden="true" />
          {t("help.done")}
        </Button>
      </td>
    </TableRow>
  );
}
