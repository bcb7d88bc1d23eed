import { AudioLines, Hand } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { SidePages } from "../../shell/pages";
import { Rail, type RailEntry } from "../../shell/Rail";
import { HELP, LIVE } from "./pages";

export interface SupervisorRailProps {
  place: "live" | "help";
  side: SidePages;
  /** Requests for help that nobody has taken up. */
  waiting: number;
}

/** The pages of a supervisor; help with the number of requests that wait. */
export function SupervisorRail({ place, side, waiting }: SupervisorRailProps) {
  const { t } = useTranslation("supervisor");
  const own = (key: "live" | "help") => side.open === null && place === key;
  const entries: RailEntry[] = [
    { href: LIVE, label: t("title"), icon: AudioLines, current: own("live") },
    {
      href: HELP,
      label: t("rail.help"),
      icon: Hand,
      current: own("help"),
      ...(waiting > 0 && { count: { value: waiting, label: t("rail.waiting", { count: waiting }) } }),
    },
    ...side.entries,
  ];
  return <Rail label={t("nav")} entries={entries} />;
}
