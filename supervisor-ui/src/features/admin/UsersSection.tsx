import { Ban, Check as Tick } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AdminUser } from "../../wire/generated";
import { EditDialog, useChecked } from "./EditDialog";
import { OpenCell, Rows, Section } from "./Section";
import { api, useQueues, useReload, useSkills, useTeams, useUsers } from "./data";
import { Check, Checks, SelectField, TextField } from "./fields";
import { found, namesOf } from "./find";
import { PERMISSIONS, ROLES, toggled, type UserDraft, userDraft, userSave, userWrongs, withRole } from "./forms";
import form from "./EditDialog.module.css";
import css from "./Section.module.css";
import { TableRow } from "../../ui/Table";

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
          <TableRow key={user.id}>
            <OpenCell name={user.name} detail={user.username} onOpen={() => setEditing({ id: user.id, count: 0 })} />
            <td>{t(`roles.${user.role}`)}</td>
            <td>{namesOf(user.teams, teams).join(", ")}</td>
            <td>{namesOf(user.queues, queues).join(", ")}</td>
            <td>{namesOf(user.skills, skills).join(", ")}</td>
            <td>
              <Status off={user.disabled} />
            </td>
          </TableRow>
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
      <Tick size={14} aria-hidden="true" />
      {t("user.active")}
    </span>
  );
}

interface Named {
  readonly id: string;
  readonly name: string;
}

export interface UserFormProps {
  /** `null`: a new one. */
  user: AdminUser | null;
  teams: readonly Named[];
  queues: readonly Named[];
  skills: readonly Named[];
  onClose: () => void;
  onLoadAgain: () => void;
}

/** An account: who it is, what it may do, where it belongs. */
function UserForm({ user, teams, queues, skills, onClose, onLoadAgain }: UserFormProps) {
  const { t } = useTranslation("admin");
  // What it was when the form opened: a change made on this is what is sent.
  const [was] = useState(user);
  const [draft, setDraft] = useState(() => userDraft(user));
  const { wrong, isReady } = useChecked(userWrongs(draft, was === null));
  const set = (change: Partial<UserDraft>) => setDraft({ ...draft, ...change });
  const toggle = (field: "teams" | "queues" | "skills", all: readonly Named[]) => (id: string) =>
    set({
      [field]: toggled(
        draft[field],
        id,
        all.map((one) => one.id),
      ),
    });
  return (
    <EditDialog
      title={was ? t("user.edit", { name: was.name }) : t("user.new")}
      name={draft.name}
      onClose={onClose}
      onLoadAgain={onLoadAgain}
      isReady={isReady}
      onSave={() => api.saveUser(was?.id ?? null, userSave(draft, was))}
    >
      <div className={form["two"]}>
        <TextField
          label={t("user.name")}
          hint={t("user.nameHint")}
          value={draft.name}
          onChange={(name) => set({ name })}
          wrong={wrong.name}
          required
          autoFocus
        />
        <TextField
          label={t("user.username")}
          value={draft.username}
          onChange={(username) => set({ username })}
          wrong={wrong.username}
          required
        />
        <SelectField
          label={t("user.role")}
          value={draft.role}
          onChange={(role) => setDraft(withRole(draft, role))}
          choices={ROLES.map((id) => ({ id, name: t(`roles.${id}`) }))}
        />
        <TextField
          type="password"
          autoComplete="new-password"
          label={t(was ? "user.newPassword" : "user.password")}
          hint={t(was ? "user.newPasswordHint" : "user.passwordHint")}
          value={draft.password}
          onChange={(password) => set({ password })}
          wrong={wrong.password}
          required={was === null}
        />
      </div>
      <Checks
        label={t("user.teams")}
        hint={t("user.teamsHint")}
        none={t("user.none")}
        all={teams}
        chosen={draft.teams}
        onToggle={toggle("teams", teams)}
      />
      {draft.role === "agent" && (
        <Checks
          label={t("user.queues")}
          none={t("user.noQueues")}
          all={queues}
          chosen={draft.queues}
          onToggle={toggle("queues", queues)}
        />
      )}
      <Checks
        label={t("user.skills")}
        none={t("user.noSkills")}
        all={skills}
        chosen={draft.skills}
        onToggle={toggle("skills", skills)}
      />
      <Checks
        label={t("user.permissions")}
        none=""
        all={PERMISSIONS.map((id) => ({ id, name: t(`permission.${id}`) }))}
        chosen={draft.permissions}
        onToggle={(id) =>
          set({ permissions: PERMISSIONS.filter((one) => (one === id) !== draft.permissions.includes(one)) })
        }
      />
      {was && <Check label={t("user.disabled")} checked={draft.disabled} onChange={(disabled) => set({ disabled })} />}
    </EditDialog>
  );
}
