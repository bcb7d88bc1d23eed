import { MessageSquare, Mic, Phone } from "lucide-react";
import { useTranslation } from "react-i18next";
import { StartForm } from "../../requester/StartForm";
import { useStart } from "../../requester/useStart";
import { Button } from "../../ui/Button";
import button from "../../ui/Button.module.css";
import { classes } from "../../ui/classes";
import type { Queue } from "../../wire/generated";
import type { CallApi } from "./api";
import css from "./CallPage.module.css";
import { useCaller, useCallerView } from "./hooks";

/** Who calls, and what about. */
export function Start({ api }: { api: CallApi }) {
  const { t } = useTranslation("call");
  const caller = useCaller();
  const { problem, signedInAs } = useCallerView();
  const start = useStart(api);
  const { queue } = start;
  const call = (replacing: boolean) => (name: string, chosen: Queue) => void caller.call(name, chosen, replacing);
  return (
    <StartForm
      start={start}
      lead={t("lead")}
      noQueues={t("noQueues")}
      problem={problem && t(`problems.${problem}`, { name: signedInAs })}
      onStart={call(false)}
    >
      <Button type="submit" kind="ok" size="large" className={css["wide"]} isDisabled={!queue}>
        <Phone size={20} aria-hidden="true" />
        {t("callNow")}
      </Button>
      {problem === "signedIn" && (
        <Button size="large" className={css["wide"]} onPress={() => start.go(call(true))}>
          {t("goOn", { name: signedInAs })}
        </Button>
      )}
      <a
        className={classes(button["button"], button["large"], css["wide"], css["instead"])}
        href={`/chat${queue ? `?queue=${encodeURIComponent(queue.id)}` : ""}`}
        onClick={start.rememberName}
      >
        <MessageSquare size={18} aria-hidden="true" />
        {t("chatInstead")}
      </a>
      <p className={css["hint"]}>
        <Mic size={16} aria-hidden="true" />
        {t("microphoneHint")}
      </p>
    </StartForm>
  );
}
