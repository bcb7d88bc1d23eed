import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { ChoiceField } from "../../ui/Filters";
import type { NoteView } from "../../wire/generated";
import { useQueueChoices } from "../../session/queues";
import { codeName, codesOf } from "../../ui/wrapUp";
import { useAddNote } from "./hooks";
import { NOTE_CHARS_MAX } from "./lines";
import css from "./Records.module.css";
import { dateTime } from "../../ui/time";

/** What staff wrote about the interaction, and a place to write. */
export function Notes({ id, queue, notes }: { id: string; queue: string | undefined; notes: readonly NoteView[] }) {
  const { t } = useTranslation("records");
  return (
    <section className={css["section"]} aria-labelledby={`${id}-notes`}>
      <h3 id={`${id}-notes`}>{t("notes.title")}</h3>
      {notes.length === 0 && <p className="muted">{t("notes.none")}</p>}
      <ul className={css["notes"]}>
        {notes.map((note, index) => (
          <li key={index} className={css["note"]}>
            <header>
              <b>{note.author.name}</b>
              <time dateTime={new Date(note.at).toISOString()}>{dateTime(note.at)}</time>
              {note.wrap_up && <span className={css["code"]}>{codeName(t, note.wrap_up)}</span>}
            </header>
            {note.text && <p>{note.text}</p>}
          </li>
        ))}
      </ul>
      <NoteForm id={id} queue={queue} />
    </section>
  );
}

function NoteForm({ id, queue }: { id: string; queue: string | undefined }) {
  const { t } = useTranslation("records");
  const ids = useId();
  const [text, setText] = useState("");
  const [code, setCode] = useState("");
  const add = useAddNote(id);
  const codes = codesOf(useQueueChoices(), queue);
  const over = [...text].length - NOTE_CHARS_MAX;
  const empty = text.trim() === "" && code === "";
  const keep = (event: FormEvent) => {
    event.preventDefault();
    if (empty || over > 0 || add.isPending) return;
    const done = {
      onSuccess: () => {
        setText("");
        setCode("");
      },
    };
    add.mutate({ text, ...(code === "" ? {} : { wrap_up: code }) }, done);
  };
  return (
    <form className={css["form"]} onSubmit={keep}>
      <label htmlFor={`${ids}text`}>{t("notes.text")}</label>
      <textarea id={`${ids}text`} rows={3} value={text} onChange={(event) => setText(event.target.value)} />
      <div className={css["actions"]}>
        <ChoiceField
          label={t("notes.code")}
          every={t("notes.noCode")}
          options={codes.map((id) => ({ id, name: codeName(t, id) }))}
          value={code}
          onChange={setCode}
        />
        <Button type="submit" kind="primary" isDisabled={empty || over > 0 || add.isPending}>
          {t(code === "" ? "notes.add" : "notes.finish")}
        </Button>
      </div>
      <p role="status" className={add.isError || over > 0 ? css["refused"] : "muted"}>
        {over > 0
          ? t("notes.tooLong", { count: over })
          : add.isError
            ? t("notes.refused", { detail: add.error.message })
            : add.isSuccess
              ? t("notes.done")
              : ""}
      </p>
    </form>
  );
}
