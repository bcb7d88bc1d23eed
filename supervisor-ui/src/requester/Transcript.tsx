import { Download, TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { Button } from "../ui/Button";
import menu from "../ui/Menu.module.css";
import { saveFile } from "../ui/save";
import css from "./Chat.module.css";
import { useChatTools, useConversation } from "./hooks";

/** The customer's copy, where the queue gives one. */
export function Transcript() {
  const { t } = useTranslation("requester");
  const { api, conversation } = useChatTools();
  const may = useConversation(({ chat }) => chat.view.may.transcript);
  const openedAt = useConversation(({ chat }) => chat.view.opened_at);
  const [failed, setFailed] = useState(false);
  if (!may) return null;

  const name = `chat-${new Date(openedAt).toISOString().slice(0, 16).replace(":", "")}`;
  const asText = async () =>
    saveFile(
      `${name}.txt`,
      new Blob([await api.transcriptText(conversation.id)], { type: "text/plain;charset=utf-8" }),
    );
  const asJson = async () =>
    saveFile(
      `${name}.json`,
      new Blob([JSON.stringify(await api.transcript(conversation.id), null, 2)], { type: "application/json" }),
    );
  const download = (how: "text" | "json") => {
    setFailed(false);
    (how === "text" ? asText() : asJson()).catch(() => setFailed(true));
  };
  return (
    <>
      <MenuTrigger>
        <Button>
          <Download size={16} aria-hidden="true" />
          {t("transcript")}
        </Button>
        <Popover placement="top" className={menu["popover"] ?? ""}>
          <Menu
            aria-label={t("transcript")}
            className={menu["menu"] ?? ""}
            onAction={(key) => download(key === "text" ? "text" : "json")}
          >
            <MenuItem id="text" className={menu["item"] ?? ""}>
              {t("asText")}
            </MenuItem>
            <MenuItem id="json" className={menu["item"] ?? ""}>
              {t("asJson")}
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      {failed && (
        <p className={css["refused"]} role="alert">
          <TriangleAlert size={14} aria-hidden="true" />
          {t("transcriptFailed")}
        </p>
      )}
    </>
  );
}
