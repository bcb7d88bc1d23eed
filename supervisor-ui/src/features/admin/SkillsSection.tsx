import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AdminName } from "../../wire/generated";
import { EditDialog, useChecked } from "./EditDialog";
import { Failed, OpenCell, Rows, Section } from "./Section";
import { WhisperRule } from "./PoliciesSection";
import { api, useReload, useSkills, useUsers, useWhisperRule } from "./data";
import { TextField } from "./fields";
import { nameWrongs } from "./forms";
import { TableRow } from "../../ui/Table";

/** Skills, and who may whisper in text. */
export function SkillsSection() {
  const { t } = useTranslation("admin");
  const skills = useSkills();
  const rule = useWhisperRule();
  const users = useUsers().data ?? [];
  const reload = useReload();
  const [editing, setEditing] = useState<{ id: string | null; count: number } | null>(null);
  const skill = skills.data?.find(({ id }) => id === editing?.id) ?? null;
  return (
    <>
      <Section
        title={t("skill.many")}
        create={{ label: t("skill.new"), onPress: () => setEditing({ id: null, count: 0 }) }}
      >
        <Rows
          label={t("skill.many")}
          columns={[t("skill.name"), t("skill.people")]}
          all={skills.data}
          shown={skills.data ?? []}
          error={skills.error}
          row={({ id, name }) => (
            <TableRow key={id}>
              <OpenCell name={name} onOpen={() => setEditing({ id, count: 0 })} />
              <td>{users.filter((user) => user.skills.includes(id)).length}</td>
            </TableRow>
          )}
        />
      </Section>
      <Section title={t("whisper.title")} about={t("whisper.body")}>
        {rule.error && !rule.data && <Failed error={rule.error} />}
        {rule.data && <WhisperRule key={rule.data.revision} rule={rule.data} skills={skills.data ?? []} />}
      </Section>
      {editing && (editing.id === null || skill) && (
        <NameForm
          key={editing.count}
          kind="skill"
          thing={skill}
          onClose={() => setEditing(null)}
          onLoadAgain={() => void reload().then(() => setEditing({ ...editing, count: editing.count + 1 }))}
        />
      )}
    </>
  );
}

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
