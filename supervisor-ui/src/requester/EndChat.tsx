import { TriangleAlert } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Heading } from "react-aria-components";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import css from "./Chat.module.css";
import { useChatTools } from "./hooks";

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
          <Heading slot="title">{t("endTitle")}</Heading>
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
