import { expect, type Page } from "@playwright/test";
import type { Stage } from "./test";

/** An administrator before the settings. */
export async function administrator(stage: Stage): Promise<Page> {
  const admin = await stage.visitor();
  await admin.signIn("admin");
  await expect(admin.page.getByText("Connected")).toBeVisible();
  await admin.page.goto("/admin/users");
  return admin.page;
}

/** The part of the administrator's page of this name. */
export async function goTo(page: Page, part: string): Promise<void> {
  await page
    .getByRole("navigation", { name: /^(Sections|項目)$/ })
    .getByRole("link", { name: part })
    .click();
}

/** Saves the form that is open. */
export async function save(page: Page, name: string): Promise<void> {
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await expect(page.getByRole("status").getByText(`Saved: ${name}`)).toBeVisible();
  await expect(page.getByRole("dialog")).toHaveCount(0);
}
