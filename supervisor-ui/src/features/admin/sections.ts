/** The parts of the page, as they stand in its path: `/admin/users`. */
export const SECTION_IDS = ["users", "places", "skills", "policies", "replies", "audit"] as const;
export type SectionId = (typeof SECTION_IDS)[number];

/** The part that a path names; the first one if it names none. */
export function sectionOf(path: string): SectionId {
  const name = path.split("/")[2];
  return SECTION_IDS.find((id) => id === name) ?? "users";
}
