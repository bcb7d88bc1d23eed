import { MessageSquare, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { FormApi } from "../../api/form";
import { session } from "../../browser/storage";
import { KEPT } from "../../requester/keptAt";
import { StartForm, useStart } from "../../requester/StartForm";
import { type Later, useLater } from "../../requester/later";
import { useStore } from "../../store/useStore";
import { Button, IconButton } from "../../ui/Button";
import { Around } from "./Around";
import { type Embed, embedded } from "./embed";
import type { Guest } from "./guest";
import { BEFORE, type GuestView } from "./view";
import form from "../../ui/GuestPage.module.css";
import "./words";

/** What a conversation needs, and what is shown of it. */
const chatting = () => import("./Chatting").then(({ Chatting, newGuest }) => ({ Chatting, guest: newGuest() }));

/** `/chat`: a customer writes. With `?embed=1` in the frame of another site's page. */
export function ChatPage() {
  const { t } = useTranslation("chat");
  const later = useLater(chatting);
  const { there, isMissing } = later;
  const [embed] = useState(embedded);
  // What this tab has kept goes on without the form.
  const [resumes] = useState(() => session.get(KEPT) !== null);
  const view = useStore(there?.guest.view ?? BEFORE);
  const close = embed && (
    <IconButton aria-label={t("close")} onPress={() => embed.tell({ sotto: "close" })}>
      <X size={20} aria-hidden="true" />
    </IconButton>
  );
  useEscape(embed);
  if (there && view.tools) {
    const { Chatting, guest } = there;
    return <Chatting tools={view.tools} embed={embed} close={close} isNew={view.isNew} onAgain={() => guest.again()} />;
  }
  return (
    <Around embed={embed} title={t("page")} bar={close}>
      {(!resumes || there || isMissing) && <Start later={later} view={view} />}
    </Around>
  );
}

/** Esc puts the frame away, unless it closes something within it. */
function useEscape(embed: Embed | null): void {
  useEffect(() => {
    if (!embed) return;
    const pressed = (event: KeyboardEvent) => {
      const within = document.querySelector("[role=dialog], [role=alertdialog], [role=menu]");
      if (event.key === "Escape" && !event.defaultPrevented && !within) embed.tell({ sotto: "close" });
    };
    addEventListener("keydown", pressed, true);
    return () => removeEventListener("keydown", pressed, true);
  }, [embed]);
}

const SUBJECT_CHARS_MAX = 200;

/** Who writes, and what about. */
function Start({ later, view: { step, problem } }: { later: Later<{ guest: Guest }>; view: GuestView }) {
  const { t } = useTranslation("chat");
  const [api] = useState(() => new FormApi({ kind: "none" }));
  const start = useStart(api);
  const { lookAgain } = start;
  useEffect(() => {
    if (problem === "closed") lookAgain();
  }, [problem, lookAgain]);
  const [subject, setSubject] = useState("");
  const why = later.failed ? "unreachable" : problem;
  const isAsked = step === "connecting" || later.isAwaited;
  const field = (
    <label className={form["field"]}>
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
      problem={why && t(`problems.${why}`)}
      fields={field}
      onStart={(name, queue) => later.use(({ guest }) => void guest.start(name, queue.id, subject.trim()))}
    >
      <Button type="submit" kind="ok" size="large" className={form["wide"]} isDisabled={!start.isOpen || isAsked}>
        <MessageSquare size={20} aria-hidden="true" />
        {t(isAsked ? "connecting" : "start")}
      </Button>
    </StartForm>
  );
}
