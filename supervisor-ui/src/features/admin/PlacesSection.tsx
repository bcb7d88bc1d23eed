import { useState } from "react";
import { useTranslation } from "react-i18next";
import { zone } from "../../browser/zone";
import type { AdminName, AdminQueue } from "../../wire/generated";
import { EditDialog, useChecked } from "./EditDialog";
import { NameForm } from "./SkillsSection";
import { HoursFields } from "./HoursFields";
import { OpenCell, Rows, Section } from "./Section";
import { api, useQueues, useReload, useTeams, useUsers } from "./data";
import { Check, Group, NumberField, SelectField, TextField } from "./fields";
import { found } from "./find";
import { keyOf, type QueueDraft, queueDraft, queueSave, queueWrongs, SWITCHES } from "./forms";
import css from "./EditDialog.module.css";
import { TableRow } from "../../ui/Table";

interface Editing {
  readonly kind: "team" | "queue";
  readonly id: string | null;
  readonly count: number;
}

/** Teams, and their queues. */
export function PlacesSection() {
  const { t } = useTranslation("admin");
  const teams = useTeams();
  const queues = useQueues();
  const users = useUsers().data ?? [];
  const reload = useReload();
  const [search, setSearch] = useState("");
  const [editing, setEditing] = useState<Editing | null>(null);
  const open = (kind: Editing["kind"], id: string | null) => setEditing({ kind, id, count: 0 });
  const teamOf = (id: string) => teams.data?.find((team) => team.id === id)?.name ?? "";
  const shown = found(queues.data ?? [], search, (queue) => [queue.name, queue.key, teamOf(queue.team)]);
  const team = teams.data?.find(({ id }) => id === editing?.id) ?? null;
  const queue = queues.data?.find(({ key }) => key === editing?.id) ?? null;
  const close = () => setEditing(null);
  const loadAgain = () => void reload().then(() => setEditing((now) => now && { ...now, count: now.count + 1 }));
  return (
    <>
      <Section title={t("team.many")} create={{ label: t("team.new"), onPress: () => open("team", null) }}>
        <Rows
          label={t("team.many")}
          columns={[t("team.name"), t("team.people"), t("team.queues")]}
          all={teams.data}
          shown={teams.data ?? []}
          error={teams.error}
          row={({ id, name }) => (
            <TableRow key={id}>
              <OpenCell name={name} onOpen={() => open("team", id)} />
              <td>{users.filter((user) => user.teams.includes(id)).length}</td>
              <td>
                {(queues.data ?? [])
                  .filter((one) => one.team === id)
                  .map((one) => one.name)
                  .join(", ")}
              </td>
            </TableRow>
          )}
        />
      </Section>
      <Section
        title={t("queue.many")}
        about={teams.data?.length === 0 ? t("queue.teamFirst") : t("policy.note")}
        search={{ text: search, placeholder: t("search"), onChange: setSearch }}
        create={teams.data?.length ? { label: t("queue.new"), onPress: () => open("queue", null) } : undefined}
      >
        <Rows
          label={t("queue.many")}
          columns={[
            t("queue.name"),
            t("queue.team"),
            t("queue.agents"),
            t("queue.open"),
            t("queue.delivery"),
            t("queue.switches"),
          ]}
          all={queues.data}
          shown={shown}
          error={queues.error}
          search={search}
          row={(one) => (
            <TableRow key={one.key}>
              <OpenCell name={one.name} detail={one.key} onOpen={() => open("queue", one.key)} />
              <td>{teamOf(one.team)}</td>
              <td>{users.filter((user) => user.queues.includes(one.key)).length}</td>
              <td>{t(!one.open_to_guests ? "no" : one.opening_hours.weekly.length > 0 ? "hours.atHours" : "yes")}</td>
              <td>{t(one.settings.delivery === "push" ? "queue.pushShort" : "queue.pullShort")}</td>
              <td>
                <Switches queue={one} />
              </td>
            </TableRow>
          )}
        />
      </Section>
      {editing?.kind === "team" && (editing.id === null || team) && (
        <NameForm key={editing.count} kind="team" thing={team} onClose={close} onLoadAgain={loadAgain} />
      )}
      {editing?.kind === "queue" && (editing.id === null || queue) && (
        <QueueForm key={editing.count} queue={queue} teams={teams.data ?? []} onClose={close} onLoadAgain={loadAgain} />
      )}
    </>
  );
}

function Switches({ queue }: { queue: AdminQueue }) {
  const { t } = useTranslation("admin");
  const on = SWITCHES.filter((field) => queue.settings[field]);
  return on.length === 0 ? t("record.nothing") : on.map((field) => t(`queue.${field}`)).join(", ");
}

export interface QueueFormProps {
  /** `null`: a new one. */
  queue: AdminQueue | null;
  teams: readonly AdminName[];
  onClose: () => void;
  onLoadAgain: () => void;
}

const SIGN_FIELDS = ["deadAir", "talkOver", "hold", "helpWait"] as const;

/** A queue: whose it is, who may come, what is told of it, and what is switched on. */
function QueueForm({ queue, teams, onClose, onLoadAgain }: QueueFormProps) {
  const { t } = useTranslation("admin");
  const [was] = useState(queue);
  const [draft, setDraft] = useState(() => queueDraft(queue, teams[0]?.id ?? "", zone() || "UTC"));
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
      <HoursFields draft={draft.hours} wrong={wrong} onChange={(hours) => set({ hours })} />
      <div className={css["two"]}>
        <NumberField
          label={t("queue.goalPercent")}
          hint={t("queue.goalHint")}
          unit="%"
          value={draft.goalPercent}
          onChange={(goalPercent) => set({ goalPercent })}
          wrong={wrong.goalPercent}
        />
        <NumberField
          label={t("queue.goalSeconds")}
          unit={t("policy.seconds")}
          value={draft.goalSeconds}
          onChange={(goalSeconds) => set({ goalSeconds })}
          wrong={wrong.goalSeconds}
        />
      </div>
      <TextField
        label={t("queue.codes")}
        hint={t("queue.codesHint")}
        lines={4}
        value={draft.codes}
        onChange={(codes) => set({ codes })}
        wrong={wrong.codes}
      />
      <Group label={t("queue.signs")} hint={t("queue.signsHint")}>
        <div className={css["two"]}>
          {SIGN_FIELDS.map((field) => (
            <NumberField
              key={field}
              label={t(`queue.${field}`)}
              unit={field === "talkOver" ? "%" : t("policy.seconds")}
              value={draft[field]}
              onChange={(text) => set({ [field]: text })}
              wrong={wrong[field]}
            />
          ))}
        </div>
      </Group>
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
