import { BookOpen, ListChecks, MessageSquareText, Palette, PhoneCall, Sparkles, Users, Waypoints } from "lucide-react";
import { type ComponentType, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { usePath } from "../../browser/address";
import { Link } from "../../ui/Link";
import { AuditSection } from "./AuditSection";
import { BrandSection } from "./BrandSection";
import { PlacesSection } from "./PlacesSection";
import { PoliciesSection } from "./PoliciesSection";
import { RepliesSection } from "./RepliesSection";
import { SkillsSection } from "./SkillsSection";
import { TelephonySection } from "./TelephonySection";
import { UsersSection } from "./UsersSection";
import css from "./AdminPage.module.css";
import "./words";

const SECTIONS: readonly {
  id: SectionId;
  icon: ComponentType<{ size?: number; "aria-hidden"?: "true" }>;
  Part: ComponentType;
}[] = [
  { id: "users", icon: Users, Part: UsersSection },
  { id: "places", icon: Waypoints, Part: PlacesSection },
  { id: "skills", icon: Sparkles, Part: SkillsSection },
  { id: "policies", icon: ListChecks, Part: PoliciesSection },
  { id: "replies", icon: MessageSquareText, Part: RepliesSection },
  { id: "brand", icon: Palette, Part: BrandSection },
  { id: "telephony", icon: PhoneCall, Part: TelephonySection },
  { id: "audit", icon: BookOpen, Part: AuditSection },
];

/** Where accounts, places and rules are changed, and every change can be looked up. Without bar and rail. */
export function AdminPage() {
  const { t } = useTranslation("admin");
  const section = sectionOf(usePath());
  const nav = useRef<HTMLElement>(null);
  // Where they stand side by side and scroll, the chosen one is in sight.
  useEffect(() => {
    nav.current?.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, [section]);
  const Part = SECTIONS.find(({ id }) => id === section)?.Part ?? UsersSection;
  return (
    <div className={css["page"]}>
      <nav ref={nav} className={css["sections"]} aria-label={t("sections")}>
        {SECTIONS.map(({ id, icon: Icon }) => (
          <Link key={id} href={`/admin/${id}`} aria-current={id === section ? "page" : undefined}>
            <Icon size={16} aria-hidden="true" />
            {t(id)}
          </Link>
        ))}
      </nav>
      <div className={css["part"]}>
        <Part key={section} />
      </div>
    </div>
  );
}

/** The parts of the page, as they stand in its path: `/admin/users`. */
export const SECTION_IDS = ["users", "places", "skills", "policies", "replies", "brand", "telephony", "audit"] as const;
export type SectionId = (typeof SECTION_IDS)[number];

/** The part that a path names; the first one if it names none. */
export function sectionOf(path: string): SectionId {
  const name = path.split("/")[2];
  return SECTION_IDS.find((id) => id === name) ?? "users";
}
