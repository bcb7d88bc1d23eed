import { useTranslation } from "react-i18next";
import { useTab } from "../../shell/useTab";
import { useCallStatement, useTextStatement } from "./supervision/hooks";

/** Title, icon and frame of the window: who hears the user, or else who sees them. */
export function useSupervisorTab(title: string): void {
  const { t } = useTranslation("supervisor");
  const voice = useCallStatement();
  const text = useTextStatement();
  const inText = voice.mode === "off" && text.mode !== "off" && text.mode !== "lost";
  const agent = "whom" in voice ? voice.whom : "";
  const words = inText
    ? `${t(`text.bar.${text.mode}.mode`)} – ${t(`text.bar.${text.mode}.who`, { customer: text.whom })}`
    : voice.mode === "off"
      ? title
      : `${t(`statement.bar.${voice.mode}.mode`)} – ${t(`statement.bar.${voice.mode}.who`, { agent })}`;
  useTab(inText ? text.mode : voice.mode, words);
}
