import { useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "../../ui/toasts";
import type { AdminName, WhisperRuleView } from "../../wire/generated";
import { api, useChange } from "./data";
import { Check, Checks, Group } from "./fields";
import { toggled } from "./forms";
import { SaveBar } from "./SaveBar";
import css from "./Section.module.css";

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
