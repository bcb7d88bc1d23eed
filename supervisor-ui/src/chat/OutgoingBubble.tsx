import { LoaderCircle, Lock, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Outgoing } from "../live/text/thread";
import { Button } from "../ui/Button";
import { classes } from "../ui/classes";
import css from "./Message.module.css";
import { Text } from "./Text";

export interface OutgoingBubbleProps {
  message: Outgoing;
  onRetry: () => void;
  onDiscard: () => void;
}

/** A message that the server has not kept yet. */
export function OutgoingBubble({ message, onRetry, onDiscard }: OutgoingBubbleProps) {
  const { t } = useTranslation("chat");
  const { failed, visibility, text, attachments } = message;
  return (
    <article
      className={classes(css["message"], css["out"], css["outgoing"], visibility === "private" && css["private"])}
    >
      <header className={css["head"]}>
        {visibility === "private" && <Lock size={12} aria-hidden="true" />}
        <b>{t("you")}</b>
        {visibility === "private" && <span>{t("private")}</span>}
        <span className={css["mark"]}>
          {failed === null ? (
            <span className="spin">
              <LoaderCircle size={13} aria-hidden="true" />
            </span>
          ) : (
            <TriangleAlert size={13} aria-hidden="true" />
          )}
          {t(failed === null ? "sending" : "notSent")}
        </span>
      </header>
      {text && <Text>{text}</Text>}
      {attachments.map(({ id, name }) => (
        <p key={id}>{name}</p>
      ))}
      {failed !== null && (
        <footer className={css["failure"]}>
          <span role="alert">{failed || t("noAnswer")}</span>
          <Button size="small" onPress={onRetry}>
            {t("retry")}
          </Button>
          <Button size="small" kind="quiet" onPress={onDiscard}>
            {t("discard")}
          </Button>
        </footer>
      )}
    </article>
  );
}
