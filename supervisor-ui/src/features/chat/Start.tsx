import { MessageSquare } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { GuestTextApi } from "../../api/guestText";
import { StartForm } from "../../requester/StartForm";
import { useStart } from "../../requester/useStart";
import { Button } from "../../ui/Button";
import css from "../../ui/GuestPage.module.css";
import type { Guest } from "./guest";
import { useStore } from "../../store/useStore";

const SUBJECT_CHARS_MAX = 200;
/** Nobody yet. */
const api = new GuestTextApi({ kind: "none" });

/** Who writes, and what about. */
export function Start({ guest }: { guest: Guest }) {
  const { t } = useTranslation("chat");
  const { step, problem } = useStore(guest.view);
  const start = useStart(api);
  const [subject, setSubject] = useState("");
  const field = (
    <label className={css["field"]}>
      {t("subject")}
      <input
        name="subject"
        maxLength={SUBJECT_CHARS_MAX}
        value={subject}
        onChange={(event) => setSubject(event.target.value)}
      />
    </label>
  );
  return (
    <StartForm
      start={start}
      lead={t("lead")}
      noQueues={t("noQueues")}
      problem={problem && t(`problems.${problem}`)}
      fields={field}
      onStart={(name, queue) => void guest.start(name, queue.id, subject.trim())}
    >
      <Button
        type="submit"
        kind="ok"
        size="large"
        className={css["wide"]}
        isDisabled={!start.queue || step === "connecting"}
      >
        <MessageSquare size={20} aria-hidden="true" />
        {t(step === "connecting" ? "connecting" : "start")}
      </Button>
    </StartForm>
  );
}
