import { Ear, Ellipsis, MessageSquare, Phone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLive, useTextTools } from "../../../live/hooks";
import { useSession } from "../../../session/session";
import { openWindow } from "../../../colleagues/windows";
import { shortName } from "../../../ui/names";
import { PlainButton } from "../../../ui/Button";
import { MenuButton } from "../../../ui/Menu";
import { PresenceDot } from "../../../ui/PresenceDot";
import { TableNumber, TableRow } from "../../../ui/Table";
import { toast } from "../../../ui/toasts";
import { useFollowed } from "../follow/hooks";
import { since } from "../model/call";
import { Elapsed } from "../parts/Parts";
import { useOpen } from "./open";
import { type BoardRow, missedOf } from "./model";
import css from "./Board.module.css";

/** One agent: what they do, since when, what they work on, and what can be done about it. */
export function AgentRow({ row }: { row: BoardRow }) {
  const { t } = useTranslation("board");
  const { agent, state, today } = row;
  const reason = agent.state === "not_ready" ? agent.reason : undefined;
  return (
    <TableRow data-state={state}>
      <th scope="row" className={css["agent"]}>
        <bdi>{agent.name}</bdi>
      </th>
      <td className={css["state"]}>
        <PresenceDot state={state} />
        {t(`state.${state}`)}
        {reason !== undefined && (
          <span className={css["reason"]}>
            {" "}
            · <bdi>{t(`reason.${reason}`, { defaultValue: reason })}</bdi>
          </span>
        )}
      </td>
      <TableNumber className={css["since"]}>
        <Elapsed from={agent.since} />
      </TableNumber>
      <td className={css["work"]}>
        <Work row={row} />
      </td>
      <TableNumber className={css["today"]}>{today?.answered ?? "–"}</TableNumber>
      <Missed today={today} />
      <TableNumber>
        <Actions row={row} />
      </TableNumber>
    </TableRow>
  );
}

/** Calls and chats that they let go on to the next; which of them, a tip says. */
function Missed({ today }: Pick<BoardRow, "today">) {
  const { t } = useTranslation("board");
  const count = missedOf(today);
  const calls = t("missedCalls", { count: today?.missed ?? 0 });
  const chats = t("missedChats", { count: today?.missed_chats ?? 0 });
  return (
    <TableNumber className={css["missed"]} data-some={(count ?? 0) > 0 || undefined}>
      <span title={count ? `${calls}, ${chats}` : undefined}>{count ?? "–"}</span>
    </TableNumber>
  );
}

/** The call that they are on, and their chats. */
function Work({ row: { call, chats } }: { row: BoardRow }) {
  const { t } = useTranslation("board");
  const open = useOpen();
  if (!call && chats.length === 0) return <span className="muted">{t("nothing")}</span>;
  return (
    <span className={css["works"]}>
      {call && (
        <button type="button" className={css["link"]} onClick={() => open(call.id)}>
          <Phone size={14} aria-hidden="true" />
          <span className="vh">{t("open")}</span>
          <bdi>{call.caller.name}</bdi>
          <span className="muted">
            <Elapsed from={since(call)} />
          </span>
          {call.held && <span className="muted">{t("onHold")}</span>}
        </button>
      )}
      {chats.length > 0 && (
        <span className={css["chats"]}>
          <MessageSquare size={14} aria-hidden="true" />
          {t("chats", { count: chats.length })}
        </span>
      )}
    </span>
  );
}

function Actions({ row: { agent } }: { row: BoardRow }) {
  const { t } = useTranslation("board");
  const { api } = useSession();
  const { api: textApi } = useTextTools();
  const [followed, follow] = useFollowed();
  const live = useLive((state) => state.connection.kind === "live");
  const mayListen = useLive((state) => state.me?.permissions.includes("monitor_live_calls") ?? false);
  const name = shortName(agent.name);
  const tell = (done: Promise<unknown>, said: string) => {
    done.then(
      () => toast(said),
      ({ message }: Error) => toast(t("refused", { detail: message }), "refused"),
    );
  };
  const set = (state: "ready" | "not_ready") =>
    tell(
      api.setPresenceOf(agent.user, state === "ready" ? { state } : { state, reason: "supervisor" }),
      t(`done.${state}`, { name }),
    );
  const write = () =>
    textApi.startChat(agent.user).then(
      ({ id }) => openWindow(id),
      ({ message }: Error) => toast(t("refused", { detail: message }), "refused"),
    );
  const isFollowed = followed?.user === agent.user;
  return (
    <span className={css["tools"]}>
      {mayListen && (
        <PlainButton
          className={css["follow"]}
          aria-label={t(isFollowed ? "followingLabel" : "followLabel", { name: agent.name })}
          aria-pressed={isFollowed}
          isDisabled={!live}
          onPress={() => follow(isFollowed ? null : { user: agent.user, name: agent.name })}
        >
          <Ear size={14} aria-hidden="true" />
          {t(isFollowed ? "following" : "follow")}
        </PlainButton>
      )}
      <MenuButton
        label={t("more", { name: agent.name })}
        entries={[
          { id: "message", label: t("message"), onSelect: () => void write() },
          { id: "ready", label: t("ready"), isDisabled: agent.state === "ready", onSelect: () => set("ready") },
          {
            id: "notReady",
            label: t("notReady"),
            isDisabled: agent.state === "not_ready",
            onSelect: () => set("not_ready"),
          },
          {
            id: "out",
            label: t("signOut"),
            isDisabled: agent.state === "offline",
            onSelect: () => tell(api.signOutAgent(agent.user), t("done.out", { name })),
          },
        ]}
        trigger={(props) => (
          <PlainButton
            className={css["more"]}
            aria-label={t("more", { name: agent.name })}
            isDisabled={!live}
            {...props}
          >
            <Ellipsis size={16} aria-hidden="true" />
          </PlainButton>
        )}
      />
    </span>
  );
}
