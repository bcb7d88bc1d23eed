import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { CannedReply } from "../../wire/generated";
import { api, useQueues, useReload, useReplies } from "./data";
import { EditDialog, useChecked } from "./EditDialog";
import { SelectField, TextField } from "./fields";
import { found } from "./find";
import { type ReplyDraft, replyDraft, replySave, replyWrongs } from "./forms";
import { OpenCell, Rows, Section } from "./Section";
import css from "./RepliesSection.module.css";
import { TableRow } from "../../ui/Table";

/** Texts that agents send with a click. */
export function RepliesSection() {
  const { t } = useTranslation("admin");
  const replies = useReplies();
  const queues = (useQueues().data ?? []).map(({ key, name }) => ({ id: key, name }));
  const reload = useReload();
  const [search, setSearch] = useState("");
  const [editing, setEditing] = useState<{ id: string | null; count: number } | null>(null);
  const shown = found(replies.data ?? [], search, ({ title, text }) => [title, text]);
  const edited = replies.data?.find(({ id }) => id === editing?.id) ?? null;
  return (
    <Section
      title={t("replies")}
      about={t("reply.body")}
      search={{ text: search, placeholder: t("reply.placeholder"), onChange: setSearch }}
      create={{ label: t("reply.new"), onPress: () => setEditing({ id: null, count: 0 }) }}
    >
      <Rows
        label={t("replies")}
        columns={[t("reply.title"), t("reply.text"), t("reply.queue")]}
        all={replies.data}
        shown={shown}
        error={replies.error}
        search={search}
        row={({ id, title, text, queue }) => (
          <TableRow key={id}>
            <OpenCell name={title} onOpen={() => setEditing({ id, count: 0 })} />
            <td className={css["text"]}>{text}</td>
            <td>{queue ? (queues.find((one) => one.id === queue)?.name ?? queue) : t("everyQueue")}</td>
          </TableRow>
        )}
      />
      {editing && (editing.id === null || edited) && (
        <ReplyForm
          key={editing.count}
          reply={edited}
          queues={queues}
          onClose={() => setEditing(null)}
          onLoadAgain={() => void reload().then(() => setEditing({ ...editing, count: editing.count + 1 }))}
        />
      )}
    </Section>
  );
}

interface ReplyFormProps {
  /** `null`: a new one. */
  reply: CannedReply | null;
  queues: readonly { id: string; name: string }[];
  onClose: () => void;
  onLoadAgain: () => void;
}

function ReplyForm({ reply, queues, onClose, onLoadAgain }: ReplyFormProps) {
  const { t } = useTranslation("admin");
  const [was] = useState(reply);
  const [draft, setDraft] = useState(() => replyDraft(reply));
  const { wrong, isReady } = useChecked(replyWrongs(draft));
  const set = (change: Partial<ReplyDraft>) => setDraft({ ...draft, ...change });
  return (
    <EditDialog
      title={was ? t("reply.edit", { name: was.title }) : t("reply.new")}
      name={draft.title}
      onClose={onClose}
      onLoadAgain={onLoadAgain}
      isReady={isReady}
      onSave={() => api.saveReply(was?.id ?? null, replySave(draft, was))}
      onDelete={was ? () => api.remove("replies", was.id, was.revision) : undefined}
    >
      <TextField
        label={t("reply.title")}
        hint={t("reply.titleHint")}
        value={draft.title}
        onChange={(title) => set({ title })}
        wrong={wrong.title}
        required
        autoFocus
      />
      <TextField
        label={t("reply.text")}
        lines={6}
        value={draft.text}
        onChange={(text) => set({ text })}
        wrong={wrong.text}
        required
      />
      <SelectField
        label={t("reply.queue")}
        value={draft.queue}
        onChange={(queue) => set({ queue })}
        choices={[{ id: "", name: t("everyQueue") }, ...queues]}
      />
    </EditDialog>
  );
}
