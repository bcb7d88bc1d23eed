import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useReload, useSkills, useUsers, useWhisperRule } from "./data";
import { NameForm } from "./NameForm";
import { Failed, OpenCell, Rows, Section } from "./Section";
import { WhisperRule } from "./WhisperRule";

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
            <tr key={id}>
              <OpenCell name={name} onOpen={() => setEditing({ id, count: 0 })} />
              <td>{users.filter((user) => user.skills.includes(id)).length}</td>
            </tr>
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
