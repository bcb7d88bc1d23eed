import { Ban, Check } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AdminUser } from "../../wire/generated";
import { useQueues, useReload, useSkills, useTeams, useUsers } from "./data";
import { found, namesOf } from "./find";
import { OpenCell, Rows, Section } from "./Section";
import css from "./Section.module.css";
import { UserForm } from "./UserForm";

/** What is being edited: "new", an id, or nothing; the count makes the form anew. */
interface Editing {
  readonly id: string | null;
  readonly count: number;
}

/** Every account. */
export function UsersSection() {
  const { t } = useTranslation("admin");
  const users = useUsers();
  const teams = useTeams().data ?? [];
  const queues = (useQueues().data ?? []).map(({ key, name }) => ({ id: key, name }));
  const skills = useSkills().data ?? [];
  const reload = useReload();
  const [search, setSearch] = useState("");
  const [editing, setEditing] = useState<Editing | null>(null);
  const texts = (user: AdminUser) => [
    user.name,
    user.username,
    t(`roles.${user.role}`),
    ...namesOf(user.teams, teams),
    ...namesOf(user.queues, queues),
    ...namesOf(user.skills, skills),
  ];
  const shown = found(users.data ?? [], search, texts);
  const edited = users.data?.find(({ id }) => id === editing?.id) ?? null;
  return (
    <Section
      title={t("users")}
      about={t("atOnce")}
      search={{ text: search, placeholder: t("user.placeholder"), onChange: setSearch }}
      create={{ label: t("user.new"), onPress: () => setEditing({ id: null, count: 0 }) }}
    >
      <Rows
        label={t("users")}
        columns={[
          t("user.name"),
          t("user.role"),
          t("user.teams"),
          t("user.queues"),
          t("user.skills"),
          t("user.status"),
        ]}
        all={users.data}
        shown={shown}
        error={users.error}
        search={search}
        row={(user) => (
          <tr key={user.id}>
            <OpenCell name={user.name} detail={user.username} onOpen={() => setEditing({ id: user.id, count: 0 })} />
            <td>{t(`roles.${user.role}`)}</td>
            <td>{namesOf(user.teams, teams).join(", ")}</td>
            <td>{namesOf(user.queues, queues).join(", ")}</td>
            <td>{namesOf(user.skills, skills).join(", ")}</td>
            <td>
              <Status off={user.disabled} />
            </td>
          </tr>
        )}
      />
      {editing && (editing.id === null || edited) && (
        <UserForm
          key={editing.count}
          user={edited}
          teams={teams}
          queues={queues}
          skills={skills}
          onClose={() => setEditing(null)}
          onLoadAgain={() => void reload().then(() => setEditing({ ...editing, count: editing.count + 1 }))}
        />
      )}
    </Section>
  );
}

function Status({ off }: { off: boolean }) {
  const { t } = useTranslation("admin");
  return off ? (
    <span className={css["off"]}>
      <Ban size={14} aria-hidden="true" />
      {t("user.off")}
    </span>
  ) : (
    <span className={css["state"]}>
      <Check size={14} aria-hidden="true" />
      {t("user.active")}
    </span>
  );
}
