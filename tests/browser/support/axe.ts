import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** No rule of axe-core is broken: all of them in light, those about colour in dark as well. */
export async function expectAccessible(page: Page, what: string): Promise<void> {
  await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
  await expectNothing(new AxeBuilder({ page }), what);
  await page.emulateMedia({ colorScheme: "dark" });
  await expectNothing(new AxeBuilder({ page }).withRules(["color-contrast"]), `${what}, dark`);
}

async function expectNothing(axe: AxeBuilder, what: string): Promise<void> {
  const { violations } = await axe.analyze();
  const found = violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}\n${nodes.map(({ target, failureSummary: why }) => `  ${String(target)}: ${why}`).join("\n")}`,
  );
  expect.soft(found, what).toEqual([]);
}

/** The same in Japanese, whose words are longer and shorter elsewhere. */
export async function expectAccessibleInBoth(page: Page, what: string): Promise<void> {
  await expectAccessible(page, what);
  await speak(page, "日本語");
  await expectNothing(new AxeBuilder({ page }), `${what}, Japanese`);
  await speak(page, "English");
}

/** Changes the language by the menu of the page, whatever it is now. */
export async function speak(page: Page, language: "English" | "日本語"): Promise<void> {
  await page.getByRole("button", { name: /^(Language|言語): / }).click();
  await page.getByRole("menuitemradio", { name: language }).click();
  await expect(page.getByRole("menu")).toHaveCount(0);
}
