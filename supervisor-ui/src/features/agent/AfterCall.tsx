import { Check, NotebookPen } from "lucide-react";
import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useTicking } from "../../browser/ticking";
import { useLive, useLiveStore } from "../../live/hooks";
import { useQueueChoices } from "../../session/queues";
import { useSession } from "../../session/session";
import { Button } from "../../ui/Button";
import { clock } from "../../ui/names";
import { codeName, codesOf } from "../../ui/wrapUp";
import type { AgentView } from "../../wire/generated";
import { useDesk, useDeskView } from "./desk/hooks";
import css from "./AfterCall.module.css";
import "./dayWords";

/** The call is over and nothing rings yet: a code, a note, and how long there is for it. */
export function AfterCall({ presence }: { presence: AgentView }) {
  const { t } = useTranslation("day");
  const ids = useId();
  const desk = useDesk();
  const { api } = useSession();
  const { recent, pending } = useDeskView();
  const store = useLiveStore();
  const live = useLive((state) => state.connection.kind === "live");
  const last = recent[0];
  const codes = codesOf(useQueueChoices(), last?.queue ?? undefined);
  const left = useTicking(() => clock(Math.max(0, (presence.until ?? 0) - store.serverNow())));
  const [code, setCode] = useState("");
  const [text, setText] = useState("");
  const [refusal, setRefusal] = useState<string | null>(null);
  const empty = code === "" && text.trim() === "";
  const done = async (event: FormEvent) => {
    event.preventDefault();
    try {
      if (last && !empty) await api.note(last.id, { text, ...(code === "" ? {} : { wrap_up: code }) });
      await desk.ready();
    } catch (error) {
      setRefusal(error instanceof Error ? error.message : String(error));
    }
  };
  return (
    <form className={css["form"]} onSubmit={(event) => void done(event)} aria-labelledby={`${ids}title`}>
      <h2 id={`${ids}title`}>
        <NotebookPen size={22} aria-hidden="true" />
        {t("afterCall.title")}
        {presence.until !== undefined && (
          <span className={css["left"]} role="timer" aria-live="off">
            {left}
          </span>
        )}
      </h2>
      <p className="muted">{t("afterCall.body")}</p>
      {last && (
        <>
          <p>{t("afterCall.with", { name: last.caller })}</p>
          <label htmlFor={`${ids}code`}>{t("afterCall.code")}</label>
          <select id={`${ids}code`} value={code} onChange={(event) => setCode(event.target.value)}>
            <option value="">{t("afterCall.noCode")}</option>
            {codes.map((name) => (
              <option key={name} value={name}>
                {codeName(t, name)}
              </option>
            ))}
          </select>
          <label htmlFor={`${ids}text`}>{t("afterCall.note")}</label>
          <textarea
            id={`${ids}text`}
            rows={3}
            maxLength={4000}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </>
      )}
      {refusal !== null && <p role="alert">{t("afterCall.refused", { detail: refusal })}</p>}
      <Button type="submit" kind="ok" size="large" isDisabled={!live || pending === "presence"}>
        <Check size={18} aria-hidden="true" />
        {t(empty ? "agent:idle.goReady" : "afterCall.save")}
      </Button>
    </form>
  );
}
