import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AdminUser } from "../../wire/generated";
import { api } from "./data";
import { EditDialog } from "./EditDialog";
import { Check, Checks, SelectField, TextField } from "./fields";
import { PERMISSIONS, ROLES, toggled, type UserDraft, userDraft, userSave, userWrongs, withRole } from "./forms";
import css from "./UserForm.module.css";
import { useChecked } from "./useChecked";

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
export function UserForm({ user, teams, queues, skills, onClose, onLoadAgain }: UserFormProps) {
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
      <div className={css["two"]}>
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
