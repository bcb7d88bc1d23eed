import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AdminName } from "../../wire/generated";
import { api } from "./data";
import { EditDialog } from "./EditDialog";
import { TextField } from "./fields";
import { nameWrongs } from "./forms";
import { useChecked } from "./useChecked";

export interface NameFormProps {
  kind: "team" | "skill";
  /** `null`: a new one. */
  thing: AdminName | null;
  onClose: () => void;
  onLoadAgain: () => void;
}

/** A team or a skill: a name is all there is to it. */
export function NameForm({ kind, thing, onClose, onLoadAgain }: NameFormProps) {
  const { t } = useTranslation("admin");
  const [was] = useState(thing);
  const [name, setName] = useState(thing?.name ?? "");
  const { wrong, isReady } = useChecked(nameWrongs(name));
  const save = kind === "team" ? api.saveTeam.bind(api) : api.saveSkill.bind(api);
  return (
    <EditDialog
      title={was ? t(`${kind}.edit`, { name: was.name }) : t(`${kind}.new`)}
      name={name}
      onClose={onClose}
      onLoadAgain={onLoadAgain}
      isReady={isReady}
      onSave={() => save(was?.id ?? null, { name, ...(was && { revision: was.revision }) })}
      onDelete={was ? () => api.remove(kind === "team" ? "teams" : "skills", was.id, was.revision) : undefined}
    >
      <TextField label={t(`${kind}.name`)} value={name} onChange={setName} wrong={wrong.name} required autoFocus />
    </EditDialog>
  );
}
