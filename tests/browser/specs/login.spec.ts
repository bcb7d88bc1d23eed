import { expect, test } from "../support/test";
import { PASSWORD } from "../support/people";

test("a wrong password is refused, the right one leads to the dashboard", async ({ stage }) => {
  const { page } = await stage.visitor();
  await page.goto("/");
  await expect(page).toHaveURL(/\/login$/);
  await page.getByLabel("Username").fill("supervisor1");
  await page.getByLabel("Password").fill("guess");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toHaveText("Wrong username or password.");

  await page.getByLabel("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/\/supervisor$/);
  await expect(page.getByText("Connected")).toBeVisible();
  await expect(page.getByRole("region", { name: "Overview" })).toContainText("Live calls");

  await page.getByRole("button", { name: "Account: Sam Okafor" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page).toHaveURL(/\/login$/);
  await page.goto("/supervisor");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});
