import type { Page } from "@playwright/test";
import { expect, test } from "../support/test";

test.use({ demoCalls: 3 });

test("the chosen language stays, on every page", async ({ stage }) => {
  const supervisor = await stage.supervisor();
  const { page } = supervisor;
  await page.getByRole("button", { name: "Language: English" }).click();
  await page.getByRole("menuitemradio", { name: "日本語" }).click();
  const off = "未接続 – あなたの声は誰にも聞こえません";
  await expect(supervisor.statement).toHaveText(off);
  await page.reload();
  await expect(supervisor.statement).toHaveText(off);
  await expect(page.locator("html")).toHaveAttribute("lang", "ja");
  await page.goto("/call");
  await expect(page.getByRole("button", { name: "電話をかける" })).toBeVisible();
  await page.goto("/supervisor");
  await page.getByRole("button", { name: "言語: 日本語" }).click();
  await page.getByRole("menuitemradio", { name: "English" }).click();
  await supervisor.isIn("Off");
});

test("a browser that prefers Japanese gets it", async ({ stage }) => {
  const { page } = await stage.visitor({ locale: "ja-JP" });
  await page.goto("/login");
  await expect(page.getByRole("heading", { name: "サインイン" })).toBeVisible();
});

test("dark and light: the system's choice, or one's own", async ({ stage }) => {
  const { page } = await stage.supervisor();
  expect(await brightness(page)).toBeGreaterThan(0.8);
  await page.emulateMedia({ colorScheme: "dark" });
  expect(await brightness(page)).toBeLessThan(0.2);
  await page.getByRole("button", { name: "Theme: Follow the system" }).click();
  await page.getByRole("menuitemradio", { name: "Light" }).click();
  expect(await brightness(page)).toBeGreaterThan(0.8);
  await page.reload();
  await expect(page.getByRole("button", { name: "Theme: Light" })).toBeVisible();
  expect(await brightness(page)).toBeGreaterThan(0.8);
});

test("who prefers little motion gets none", async ({ stage }) => {
  const supervisor = await stage.supervisor();
  const { page } = supervisor;
  await supervisor.calls.first().click();
  await supervisor.choose("Listen");
  await supervisor.choose("Whisper");
  await expect.poll(() => moving(page), { message: "what moves: the voice along the wire" }).not.toEqual([]);
  await page.emulateMedia({ reducedMotion: "reduce" });
  await expect.poll(() => moving(page)).toEqual([]);
  await page.keyboard.press("s");
  await supervisor.isIn("Off");
});

/** Of the page's ground: 0 is black, 1 is white. */
function brightness(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = document.createElement("canvas").getContext("2d");
    if (!canvas) throw new Error("no canvas");
    canvas.fillStyle = getComputedStyle(document.documentElement).backgroundColor;
    canvas.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = canvas.getImageData(0, 0, 1, 1).data;
    return (red + green + blue) / 3 / 255;
  });
}

/** Animations that go on at this moment. */
function moving(page: Page): Promise<string[]> {
  return page.evaluate(() =>
    document
      .getAnimations()
      .filter(({ playState }) => playState === "running")
      .map((animation) =>
        animation instanceof CSSAnimation
          ? animation.animationName
          : animation instanceof CSSTransition
            ? animation.transitionProperty
            : "script",
      ),
  );
}
