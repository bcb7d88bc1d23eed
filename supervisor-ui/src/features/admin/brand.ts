import type { Brand } from "../../wire/generated";
import type { Wrong, Wrongs } from "./forms";

/** As the server has it. */
const CHARS_MAX = { name: 40, privacy_url: 500, closed_message: 300 } as const;
/** Of white text on a colour (WCAG 2.2, 1.4.3). */
const CONTRAST_MIN = 4.5;

export function brandWrongs(brand: Brand): Wrongs<keyof Brand> {
  const long = (field: keyof typeof CHARS_MAX): Wrongs<keyof Brand> =>
    [...brand[field].trim()].length > CHARS_MAX[field] ? { [field]: { key: "long", max: CHARS_MAX[field] } } : {};
  const address = brand.privacy_url.trim();
  const accent = accentWrong(brand.accent.trim());
  return {
    ...(address !== "" && !isHttps(address) && { privacy_url: { key: "https" } as const }),
    ...long("name"),
    ...long("privacy_url"),
    ...long("closed_message"),
    ...(accent && { accent }),
  };
}

/** Without spaces around. */
export function brandSave({ name, accent, privacy_url, closed_message }: Brand): Brand {
  return {
    name: name.trim(),
    accent: accent.trim().toLowerCase(),
    privacy_url: privacy_url.trim(),
    closed_message: closed_message.trim(),
  };
}

function accentWrong(accent: string): Wrong | null {
  if (accent === "") return null;
  const contrast = contrastWithWhite(accent);
  if (contrast === null) return { key: "colour" };
  return contrast < CONTRAST_MIN ? { key: "pale" } : null;
}

/** The contrast of white on a colour `#rrggbb`, 1 to 21; `null`: it is no colour. */
export function contrastWithWhite(colour: string): number | null {
  const digits = /^#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})$/i.exec(colour);
  if (!digits) return null;
  const [red = 0, green = 0, blue = 0] = digits.slice(1).map((two) => {
    const share = Number.parseInt(two, 16) / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05);
}

function isHttps(address: string): boolean {
  return /^https:\/\/[^\s/]/.test(address) && URL.canParse(address);
}
