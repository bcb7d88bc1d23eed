import { ChevronDown, MessageSquare, Mic, Phone, TriangleAlert } from "lucide-react";
import { type FormEvent, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { session } from "../../storage";
import { Button } from "../../ui/Button";
import button from "../../ui/Button.module.css";
import { classes } from "../../ui/classes";
import type { Queue } from "../../wire/generated";
import type { CallApi } from "./api";
import css from "./CallPage.module.css";
import { useCaller, useCallerView } from "./hooks";

const NAME_CHARS_MAX = 80;

/** Who calls, and what about. */
export function Start({ api }: { api: CallApi }) {
  const { t } = useTranslation("call");
  const caller = useCaller();
  const { problem, signedInAs } = useCallerView();
  const queues = useQueues(api);
  const [name, setName] = useState(() => session.get(NAME) ?? "");
  const [chosen, choose] = useState(() => new URLSearchParams(location.search).get("queue"));
  const queue = queues.list?.find(({ id }) => id === chosen) ?? queues.list?.[0];
  const call = (replacing: boolean) => {
    if (!queue || !name.trim()) return;
    session.set(NAME, name.trim());
    void caller.call(name.trim(), queue, replacing);
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    call(false);
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
            {queues.list?.map(({ id, name: label }) => <option key={id} value={id}>{label}</option>)}
          </select>
          <ChevronDown size={18} aria-hidden="true" />
        </span>
      </label>
      <div className={css["problem"]} role="alert">
        {problem && <p><TriangleAlert size={18} aria-hidden="true" /><span>{t(`problems.${problem}`, { name: signedInAs })}</span></p>}
        {queues.failed && <p><TriangleAlert size={18} aria-hidden="true" /><span>{t("queuesFailed")}</span></p>}
        {queues.list?.length === 0 && <p><TriangleAlert size={18} aria-hidden="true" /><span>{t("noQueues")}</span></p>}
      </div>
      <Button type="submit" kind="ok" size="large" className={css["wide"]} isDisabled={!queue}>
        <Phone size={20} aria-hidden="true" />
        {t("callNow")}
      </Button>
      {problem === "signedIn" && <Button size="large" className={css["wide"]} onPress={() => call(true)}>{t("goOn", { name: signedInAs })}</Button>}
      <a className={classes(button["button"], button["large"], css["wide"], css["instead"])} href={`/chat${queue ? `?queue=${encodeURIComponent(queue.id)}` : ""}`} onClick={() => session.set(NAME, name.trim())}>
        <MessageSquare size={18} aria-hidden="true" />
        {t("chatInstead")}
      </a>
      <p className={css["hint"]}><Mic size={16} aria-hidden="true" />{t("microphoneHint")}</p>
    </form>
  );
}

const NAME = "sotto.caller_name";

function useQueues(api: CallApi): { list: readonly Queue[] | null; failed: boolean } {
  const [list, setList] = useState<readonly Queue[] | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let wanted = true;
    api.queues().then(
      ({ queues }) => wanted && setList(queues),
      () => wanted && setFailed(true),
    );
    return () => {
      wanted = false;
    };
  }, [api]);
  return { list, failed };
}
