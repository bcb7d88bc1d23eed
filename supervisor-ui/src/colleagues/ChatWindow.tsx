import { ChevronDown, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useTextTools } from "../live/hooks";
import { Button, IconButton } from "../ui/Button";
import { toast } from "../ui/toasts";
import type { ChatView } from "../wire/generated";
import { ChatLog } from "./ChatLog";
import { ChatField } from "./ChatField";
import css from "./Dock.module.css";
import { closeWindow, minimiseWindow } from "./windows";

/** A chat with one colleague. Nobody accepts or rejects it; either ends it. */
export function ChatWindow({ chat }: { chat: ChatView }) {
  const { t } = useTranslation("colleagues");
  const { api } = useTextTools();
  const { name } = chat.with;
  const end = () => {
    api.endChat(chat.id).then(
      () => closeWindow(chat.id),
      ({ message }: Error) => toast(t("endRefused", { detail: message }), "refused"),
    );
  };
  return (
    <section
      className={css["window"]}
      role="dialog"
      aria-label={t("window", { name })}
      onKeyDown={(event) => event.key === "Escape" && minimiseWindow(chat.id)}
    >
      <header className={css["head"]}>
        <span className={css["title"]}>
          <h2>{name}</h2>
          <span className="muted">{t("only")}</span>
        </span>
        {chat.ended ? (
          <IconButton aria-label={t("close")} onPress={() => closeWindow(chat.id)}>
            <X size={16} aria-hidden="true" />
          </IconButton>
        ) : (
          <>
            <Button size="small" onPress={end}>
              {t("end")}
            </Button>
            <IconButton aria-label={t("minimise")} onPress={() => minimiseWindow(chat.id)}>
              <ChevronDown size={16} aria-hidden="true" />
            </IconButton>
          </>
        )}
      </header>
      <ChatLog chat={chat} />
      {chat.ended ? (
        <p className={css["note"]} role="status">
          {t("ended")}
        </p>
      ) : (
        <ChatField chat={chat} />
      )}
    </section>
  );
}
