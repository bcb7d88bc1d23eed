import { Ear, Ellipsis, MessageSquare, Phone } from "lucide-react";
import { Button as AriaButton, Menu, MenuItem, MenuTrigger, Popover, ToggleButton } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useLive, useTextTools } from "../../../live/hooks";
import { useSession } from "../../../session/session";
import { openWindow } from "../../../colleagues/windows";
import { shortName } from "../../../ui/names";
import { PresenceDot } from "../../../ui/PresenceDot";
import { TableNumber, TableRow } from "../../../ui/Table";
import { toast } from "../../../ui/toasts";
import menu from "../../../ui/Menu.module.css";
import { useFollowed } from "../follow/hooks";
import { since } from "../model/call";
import { Elapsed } from "../parts/Parts";
import { useOpen } from "./open";
import type { BoardRow } from "./model";
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
      <TableNumber className={css["missed"]} data-some={(today?.missed ?? 0) > 0 || undefined}>
        {today?.missed ?? "–"}
      </TableNumber>
      <TableNumber className={css["actions"]}>
        <Actions row={row} />
      </TableNumber>
    </TableRow>
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
        <ToggleButton
          className={css["follow"] ?? ""}
          aria-label={t(isFollowed ? "followingLabel" : "followLabel", { name: agent.name })}
          isSelected={isFollowed}
          isDisabled={!live}
          onChange={(on) => follow(on ? { user: agent.user, name: agent.name } : null)}
        >
          <Ear size={14} aria-hidden="true" />
          {t(isFollowed ? "following" : "follow")}
        </ToggleButton>
      )}
      <MenuTrigger>
        <AriaButton className={css["more"] ?? ""} aria-label={t("more", { name: agent.name })} isDisabled={!live}>
          <Ellipsis size={16} aria-hidden="true" />
        </AriaButton>
        <Popover placement="bottom end" className={menu["popover"] ?? ""}>
          <Menu aria-label={t("more", { name: agent.name })} className={menu["menu"] ?? ""}>
            <MenuItem className={menu["item"] ?? ""} onAction={() => void write()}>
              {t("message")}
            </MenuItem>
            <MenuItem className={menu["item"] ?? ""} onAction={() => set("ready")} isDisabled={agent.state === "ready"}>
              {t("ready")}
            </MenuItem>
            <MenuItem
              className={menu["item"] ?? ""}
              onAction={() => set("not_ready")}
              isDisabled={agent.state === "not_ready"}
            >
              {t("notReady")}
            </MenuItem>
            <MenuItem
              className={menu["item"] ?? ""}
              onAction={() => tell(api.signOutAgent(agent.user), t("done.out", { name }))}
              isDisabled={agent.state === "offline"}
            >
              {t("signOut")}
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
    </span>
  );
}
