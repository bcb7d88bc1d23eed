import { Hourglass, MessageSquare } from "lucide-react";
import { Menu, MenuItem, MenuTrigger, Popover, Button as AriaButton } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useText, useTextTools } from "../live/hooks";
import menu from "../ui/Menu.module.css";
import { toast } from "../ui/toasts";
import type { AgentView } from "../wire/generated";
import css from "./Colleagues.module.css";
import { chatWith } from "./tabs";
import { openWindow } from "./windows";

/** One colleague: status dot and word, and a menu that starts a chat. Who wrote and was not read stands out. */
export function Colleague({ agent: { user, name, state } }: { agent: AgentView }) {
  const { t } = useTranslation("colleagues");
  const { api } = useTextTools();
  const chat = useText((text) => chatWith(text.chats, user));
  const unread = chat?.unread ?? 0;
  const start = () => {
    api.startChat(user).then(
      ({ id }) => openWindow(id),
      ({ message }: Error) => toast(t("refused", { detail: message }), "refused"),
    );
  };
  return (
    <li className={css["person"]} data-unread={unread > 0 || undefined}>
      <MenuTrigger>
        <AriaButton className={css["name"] ?? ""}>
          <span className={css["dot"]} data-state={state === "ringing" ? "active" : state} aria-hidden="true" />
          <span className={css["who"]}>{name}</span>
          <span className={css["state"]}>{t(`state.${state}`)}</span>
          {chat?.pending && chat.own && chat.messages > 0 && (
            <span className={css["mark"]}>
              <Hourglass size={13} aria-hidden="true" />
              {t("pending")}
            </span>
          )}
          {unread > 0 && (
            <span className={css["mark"]}>
              <MessageSquare size={13} aria-hidden="true" />
              {t("unread", { count: unread })}
            </span>
          )}
        </AriaButton>
        <Popover placement="bottom start" className={menu["popover"] ?? ""}>
          <Menu aria-label={t("actions", { name, state: t(`state.${state}`) })} className={menu["menu"] ?? ""}>
            <MenuItem className={menu["item"] ?? ""} onAction={start}>
              {t(chat ? "open" : "start")}
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
    </li>
  );
}
