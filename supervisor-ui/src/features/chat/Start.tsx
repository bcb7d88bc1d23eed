import { ChevronDown, MessageSquare, TriangleAlert } from "lucide-react";
import { type FormEvent, useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { GuestTextApi } from "../../api/guestText";
import { session } from "../../storage";
import { Button } from "../../ui/Button";
import css from "../../ui/GuestPage.module.css";
import type { Queue } from "../../wire/generated";
import type { Guest } from "./guest";

const NAME_CHARS_MAX = 80;
const SUBJECT_CHARS_MAX = 200;
/** Shared with the page of calls: who calls and writes is the same. */
const NAME = "sotto.caller_name";

/** Who writes, and what about. The address may have filled it in. */
export function Start({ guest }: { guest: Guest }) {
  const { t } = useTranslation("chat");
  const { step, problem } = useSyncExternalStore(guest.subscribe, guest.getView);
  const { list, failed } = useQueues();
  const [given] = useState(() => new URLSearchParams(location.search));
  const [name, setName] = useState(() => given.get("name") ?? session.get(NAME) ?? "");
  const [chosen, choose] = useState(given.get("queue"));
  const [subject, setSubject] = useState("");
  const queue = list?.find(({ id }) => id === chosen) ?? list?.[0];
  const trouble = problem ? t(`problems.${problem}`) : failed ? t("queuesFailed") : list?.length === 0 ? t("noQueues") : null;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!queue || !name.trim()) return;
    session.set(NAME, name.trim());
    void guest.start(name.trim(), queue.id, subject.trim());
  };
  return (
    <form className={css["card"]} onSubmit={submit}>
      <div>
        <h1>{t("title")}</h1>
        <p className={css["lead"]}>{t("lead")}</p>
      </div>
      <label className={css["field"]}>
        {t("name")}
        <input name="name" autoComplete="name" required maxLength={NAME_CHARS_MAX} value={name} onChange={(event) => setName(event.target.value)} />
      </label>
      <label className={css["field"]}>
        {t("queue")}
        <span className={css["select"]}>
          <select name="queue" required value={queue?.id ?? ""} disabled={!queue} onChange={(event) => choose(event.target.value)}>
            {list?.map(({ id, name: label }) => <option key={id} value={id}>{label}</option>)}
          </select>
          <ChevronDown size={18} aria-hidden="true" />
        </span>
      </label>
      <label className={css["field"]}>
        {t("subject")}
        <input name="subject" maxLength={SUBJECT_CHARS_MAX} value={subject} onChange={(event) => setSubject(event.target.value)} />
      </label>
      <div className={css["problem"]} role="alert">
        {trouble && <p><TriangleAlert size={18} aria-hidden="true" /><span>{trouble}</span></p>}
      </div>
      <Button type="submit" kind="ok" size="large" className={css["wide"]} isDisabled={!queue || step === "connecting"}>
        <MessageSquare size={20} aria-hidden="true" />
        {t(step === "connecting" ? "connecting" : "start")}
      </Button>
    </form>
  );
}

function useQueues(): { list: readonly Queue[] | null; failed: boolean } {
  const [list, setList] = useState<readonly Queue[] | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let wanted = true;
    new GuestTextApi({ kind: "none" }).queues().then(
      ({ queues }) => wanted && setList(queues),
      () => wanted && setFailed(true),
    );
    return () => {
      wanted = false;
    };
  }, []);
  return { list, failed };
}
