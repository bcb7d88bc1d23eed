import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AdminName, AdminQueue } from "../../wire/generated";
import { api } from "./data";
import { EditDialog } from "./EditDialog";
import { Check, Group, SelectField, TextField } from "./fields";
import { keyOf, type QueueDraft, queueDraft, queueSave, queueWrongs, SWITCHES } from "./forms";
import css from "./UserForm.module.css";
import { useChecked } from "./useChecked";

export interface QueueFormProps {
  /** `null`: a new one. */
  queue: AdminQueue | null;
  teams: readonly AdminName[];
  onClose: () => void;
  onLoadAgain: () => void;
}

/** A queue: whose it is, who may come, and what is switched on. */
export function QueueForm({ queue, teams, onClose, onLoadAgain }: QueueFormProps) {
  const { t } = useTranslation("admin");
  const [was] = useState(queue);
  const [draft, setDraft] = useState(() => queueDraft(queue, teams[0]?.id ?? ""));
  const { wrong, isReady } = useChecked(queueWrongs(draft));
  const set = (change: Partial<QueueDraft>) => setDraft({ ...draft, ...change });
  // The key follows the name until it is another one.
  const rename = (name: string) => set({ name, ...(!was && draft.key === keyOf(draft.name) && { key: keyOf(name) }) });
  return (
    <EditDialog
      title={was ? t("queue.edit", { name: was.name }) : t("queue.new")}
      name={draft.name}
      onClose={onClose}
      onLoadAgain={onLoadAgain}
      isReady={isReady}
      onSave={() => api.saveQueue(was?.key ?? null, queueSave(draft, was))}
    >
      <div className={css["two"]}>
        <TextField label={t("queue.name")} value={draft.name} onChange={rename} wrong={wrong.name} required autoFocus />
        <TextField
          label={t("queue.key")}
          hint={t("queue.keyHint")}
          value={draft.key}
          onChange={(key) => set({ key })}
          wrong={wrong.key}
          required
          readOnly={was !== null}
        />
        <SelectField
          label={t("queue.team")}
          value={draft.team}
          onChange={(team) => set({ team })}
          choices={teams}
          wrong={wrong.team}
        />
        <SelectField
          label={t("queue.delivery")}
          value={draft.settings.delivery}
          onChange={(delivery) => set({ settings: { ...draft.settings, delivery } })}
          choices={[
            { id: "push", name: t("queue.push") },
            { id: "pull", name: t("queue.pull") },
          ]}
        />
      </div>
      <Check
        label={t("queue.open")}
        hint={t("queue.openHint")}
        checked={draft.open_to_guests}
        onChange={(open_to_guests) => set({ open_to_guests })}
      />
      <Group label={t("queue.switches")} hint={t("policy.note")}>
        {SWITCHES.map((field) => (
          <Check
            key={field}
            label={t(`queue.${field}`)}
            hint={t(`queue.${field}Hint`)}
            checked={draft.settings[field]}
            onChange={(on) => set({ settings: { ...draft.settings, [field]: on } })}
          />
        ))}
      </Group>
    </EditDialog>
  );
}
