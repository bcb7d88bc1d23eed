import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "@playwright/test";

const FOLDER = join(import.meta.dirname, "../../../docs/tour");
/** Only then the pictures of the README are made anew: a test run leaves the working tree as it is. */
export const TAKES = process.env["SOTTO_TOUR"] === "1";

/** Takes a picture of the page, for the README. */
export async function take(page: Page, name: string, settles = 2500): Promise<void> {
  if (!TAKES) return;
  mkdirSync(FOLDER, { recursive: true });
  // Words, meters and fonts settle; nothing is under the pointer.
  await page.mouse.move(700, 895);
  await page.evaluate(() => document.fonts.ready);
  await page.waitForTimeout(settles);
  await page.screenshot({ path: join(FOLDER, `${name}.png`) });
}
