import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "../../ui/toasts";
import type { AdminName, PoliciesView, WhisperRuleView } from "../../wire/generated";
import { SaveBar } from "./EditDialog";
import { Failed, Section } from "./Section";
import { api, useChange, usePolicies } from "./data";
import { Check, Checks, Group, NumberField } from "./fields";
import {
  isFine,
  LIMITS,
  policyDraft,
  type PolicyNumber,
  policySave,
  type PolicySwitch,
  policyWrongs,
  toggled,
} from "./forms";
import css from "./Section.module.css";

interface Part {
  readonly part: "supervision" | "tones" | "calls" | "text";
  readonly fields: readonly (PolicySwitch | PolicyNumber)[];
}

/** Side by side where there is room. */
const COLUMNS: readonly (readonly Part[])[] = [
  [
    {
      part: "supervision",
      fields: ["notify_agent_on_listen", "supervisors_hear_whispers", "agents_hear_take_over", "duck_db"],
    },
    { part: "tones", fields: ["whisper_beep", "barge_tone_caller", "barge_tone_agents", "hold_tone"] },
  ],
  [
    { part: "calls", fields: ["ring_timeout_s", "call_wait_s", "after_call_s"] },
    {
      part: "text",
      fields: [
        "conversations_per_agent",
        "offer_timeout_s",
        "conversation_wait_s",
        "handover_wait_s",
        "messages_per_minute",
      ],
    },
  ],
];

/** Choices for the whole centre. */
export function PoliciesSection() {
  const { t } = useTranslation("admin");
  const { t: common } = useTranslation();
  const policies = usePolicies();
  return (
    <Section title={t("policies")} about={t("policy.note")}>
      {policies.error && !policies.data && <Failed error={policies.error} />}
      {policies.isPending && <p role="status">{common("loading")}</p>}
      {policies.data && <PoliciesForm key={policies.data.revision} view={policies.data} />}
    </Section>
  );
}

function PoliciesForm({ view }: { view: PoliciesView }) {
  const { t } = useTranslation("admin");
  const [draft, setDraft] = useState(() => policyDraft(view.policies));
  const [checked, setChecked] = useState(false);
  const wrongs = policyWrongs(draft);
  const save = useChange(
    () => api.savePolicies({ policies: policySave(draft), revision: view.revision }),
    () => toast(t("saved", { name: t("policies") })),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (isFine(wrongs)) save.mutate(undefined);
  };
  const field = (name: PolicySwitch | PolicyNumber) => {
    const label = t(`policy.${name}`);
    if (!isNumber(name))
      return (
        <Check key={name} label={label} checked={draft[name]} onChange={(on) => setDraft({ ...draft, [name]: on })} />
      );
    const { min, max, unit } = LIMITS[name];
    return (
      <NumberField
        key={name}
        label={label}
        hint={t("policy.range", { min, max })}
        unit={unit && t(`policy.${unit}`)}
        value={draft[name]}
        onChange={(value) => setDraft({ ...draft, [name]: value })}
        wrong={checked ? wrongs[name] : undefined}
      />
    );
  };
  return (
    <form className={css["card"]} onSubmit={submit} noValidate>
      <div className={css["columns"]}>
        {COLUMNS.map((parts, column) => (
          <div key={column} className={css["column"]}>
            {parts.map(({ part, fields }) => (
              <div key={part} className={css["part"]} role="group" aria-labelledby={`policy-${part}`}>
                <h3 id={`policy-${part}`}>{t(`policy.${part}`)}</h3>
                {fields.map(field)}
              </div>
            ))}
          </div>
        ))}
      </div>
      <SaveBar isPending={save.isPending} error={save.error} incomplete={checked && !isFine(wrongs)} />
    </form>
  );
}

function isNumber(field: PolicySwitch | PolicyNumber): field is PolicyNumber {
  return field in LIMITS;
}

const WHO = ["agents", "colleagues", "supervisors"] as const;

/** Who may write messages that only staff see. */
export function WhisperRule({ rule, skills }: { rule: WhisperRuleView; skills: readonly AdminName[] }) {
  const { t } = useTranslation("admin");
  const [draft, setDraft] = useState(rule);
  const save = useChange(
    () => api.saveWhisperRule(draft),
    () => toast(t("saved", { name: t("whisper.title") })),
  );
  return (
    <form
      className={css["card"]}
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate(undefined);
      }}
    >
      <div className={css["columns"]}>
        <Group label={t("whisper.who")}>
          {WHO.map((who) => (
            <Check
              key={who}
              label={t(`whisper.${who}`)}
              hint={t(`whisper.${who}Hint`)}
              checked={draft[who]}
              onChange={(on) => setDraft({ ...draft, [who]: on })}
            />
          ))}
        </Group>
        <Checks
          label={t("whisper.skills")}
          hint={t("whisper.skillsHint")}
          none={t("none")}
          all={skills}
          chosen={draft.skills}
          onToggle={(id) =>
            setDraft({
              ...draft,
              skills: toggled(
                draft.skills,
                id,
                skills.map((skill) => skill.id),
              ),
            })
          }
        />
      </div>
      <SaveBar isPending={save.isPending} error={save.error} />
    </form>
  );
}
