import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** No rule of axe-core is broken, in light and in dark. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.map(({ id, help, nodes }) => `${id}: ${help}\n${nodes.map(({ target, html, failureSummary }) => `  ${String(target)}\n  ${html}\n  ${failureSummary}`).join("\n")}`);
    expect.soft(found, `${what}, ${colorScheme}`).toEqual([]);
  }
}

/** Changes the language by the menu of the page, whatever it is now. */
export async function speak(page: Page, language: "English" | "日本語"): Promise<void> {
  await page.getByRole("button", { name: /^(Language|言語): / }).click();
  await page.getByRole("menuitemradio", { name: language }).click();
  await expect(page.getByRole("menu")).toHaveCount(0);
}
