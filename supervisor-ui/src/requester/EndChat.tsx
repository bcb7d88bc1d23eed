import { fileTime } from "../ui/time";
import { Download, TriangleAlert } from "lucide-react";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import { Dialog, DialogTitle } from "../ui/Dialog";
import { MenuButton } from "../ui/Menu";
import { saveFile } from "../ui/save";
import { useChatTools, useConversation } from "./hooks";
import css from "./Chat.module.css";

/** Ends the chat; asks first, for nobody can take it back. */
export function EndChat() {
  const { t } = useTranslation("requester");
  const { conversation } = useChatTools();
  const [isOpen, open] = useState(false);
  const [failed, setFailed] = useState(false);
  const end = () => {
    setFailed(false);
    conversation.end().then(
      () => open(false),
      () => setFailed(true),
    );
  };
  return (
    <>
      <Button size="small" onPress={() => open(true)}>
        {t("end")}
      </Button>
      <Dialog isOpen={isOpen} onClose={() => open(false)} role="alertdialog">
        <div className={css["ask"]}>
          <DialogTitle>{t("endTitle")}</DialogTitle>
          <p>{t("endBody")}</p>
          {failed && (
            <p className={css["refused"]} role="alert">
              <TriangleAlert size={14} aria-hidden="true" />
              {t("endFailed")}
            </p>
          )}
          <p className={css["choices"]}>
            <Button autoFocus onPress={() => open(false)}>
              {t("keepOn")}
            </Button>
            <Button kind="danger" onPress={end}>
              {t("endYes")}
            </Button>
          </p>
        </div>
      </Dialog>
    </>
  );
}

/** So near the end one is at the end. */
const NEAR_PX = 48;

/** Keeps a reader who is at the end there, and tells one who has scrolled up that there is something new. */
export function useEnd(
  box: RefObject<HTMLElement | null>,
  last: string,
  isOwn: boolean,
): { isBehind: boolean; toEnd: () => void } {
  const [atEnd, setAtEnd] = useState(true);
  const [seen, setSeen] = useState(last);
  const toEnd = useCallback(() => {
    box.current?.scrollTo({ top: box.current.scrollHeight });
    setAtEnd(true);
  }, [box]);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const look = () => setAtEnd(element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX);
    element.addEventListener("scroll", look, { passive: true });
    return () => element.removeEventListener("scroll", look);
  }, [box]);

  // Pictures that load and a window that shrinks must not push the end away.
  useEffect(() => {
    const element = box.current;
    if (!element || !atEnd || typeof ResizeObserver === "undefined") return;
    const observer = new ResizeObserver(toEnd);
    observer.observe(element);
    [...element.children].forEach((child) => observer.observe(child));
    return () => observer.disconnect();
  }, [box, atEnd, toEnd, last]);

  useLayoutEffect(() => {
    if (atEnd || isOwn) toEnd();
    if (atEnd) setSeen(last);
  }, [last, isOwn, atEnd, toEnd]);

  return { isBehind: !atEnd && seen !== last, toEnd };
}

/** The customer's copy, where the queue gives one. */
export function Transcript() {
  const { t } = useTranslation("requester");
  const { api, conversation } = useChatTools();
  const may = useConversation(({ chat }) => chat.view.may.transcript);
  const openedAt = useConversation(({ chat }) => chat.view.opened_at);
  const [failed, setFailed] = useState(false);
  if (!may) return null;

  const name = `chat-${fileTime(openedAt)}`;
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
      <MenuButton
        label={t("transcript")}
        placement="above start"
        entries={[
          { id: "text", label: t("asText"), onSelect: () => download("text") },
          { id: "json", label: t("asJson"), onSelect: () => download("json") },
        ]}
        trigger={(props) => (
          <Button {...props}>
            <Download size={16} aria-hidden="true" />
            {t("transcript")}
          </Button>
        )}
      />
      {failed && (
        <p className={css["refused"]} role="alert">
          <TriangleAlert size={14} aria-hidden="true" />
          {t("transcriptFailed")}
        </p>
      )}
    </>
  );
}
