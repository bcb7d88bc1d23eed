import { useTranslation } from "react-i18next";
import { clock } from "../../ui/names";
import type { InteractionView } from "../../wire/generated";
import { lengthOf } from "./lines";
import css from "./Records.module.css";
import { longDateTime } from "./when";

/** What is known of the interaction as a whole. */
export function Facts({ interaction }: { interaction: InteractionView }) {
  const { t } = useTranslation("records");
  const { opened_at, answered_at, agents, channel, subject, end_reason } = interaction;
  const length = lengthOf(interaction);
  const facts: [string, string | undefined][] = [
    ["opened", longDateTime(opened_at)],
    ["channel", t(`channel.${channel}`, { defaultValue: channel })],
    ["subject", subject],
    ["agents", agents.map(({ name }) => name).join(", ") || t("unanswered")],
    ["answered", answered_at === undefined ? undefined : clock(answered_at - opened_at)],
    ["length", length === null ? undefined : clock(length)],
    [
      "end",
      interaction.ended_at === undefined
        ? t("running")
        : end_reason && t(`end.${end_reason}`, { defaultValue: end_reason }),
    ],
  ];
  return (
    <dl className={css["facts"]}>
      {facts.map(
        ([name, value]) =>
          value !== undefined && (
            <div key={name}>
              <dt>{t(`facts.${name}`)}</dt>
              <dd>{value}</dd>
            </div>
          ),
      )}
    </dl>
  );
}
