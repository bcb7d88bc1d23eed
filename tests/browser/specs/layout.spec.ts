import type { Page } from "@playwright/test";
import { expect, test } from "../support/test";

// Calls between recorded people: here only the supervisor is at a browser.
test.use({ demoCalls: 3 });

/** How wide the callers' names may be, in CSS pixels. */
function nameWidth(page: Page): Promise<number> {
  return page
    .locator("tr[aria-selected] td")
    .first()
    .evaluate((cell) => cell.getBoundingClientRect().width);
}

/** How far the window can be scrolled, across and down. */
function overflow(page: Page): Promise<{ across: number; down: number }> {
  return page.evaluate(() => {
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
    return { across: scrollWidth - clientWidth, down: scrollHeight - clientHeight };
  });
}

test("a caller's name keeps its place at every width, with the panel and without", async ({ stage }) => {
  const supervisor = await stage.supervisor();
  const { page } = supervisor;
  await expect(supervisor.calls.first()).toBeVisible();
  const widths = [1200, 1240, 1280, 1340, 1366, 1400, 1440, 1536, 1680, 1920];
  for (const open of [false, true]) {
    if (open) await supervisor.calls.first().click();
    for (const width of widths) {
      await page.setViewportSize({ width, height: 800 });
      await expect
        .poll(() => nameWidth(page), { message: `${width}, ${open ? "open" : "closed"}` })
        .toBeGreaterThan(140);
    }
  }
});

test("a window that is 720 high does not scroll, whatever is open", async ({ stage }) => {
  const supervisor = await stage.supervisor();
  const { page } = supervisor;
  await page.setViewportSize({ width: 1280, height: 720 });
  await supervisor.calls.first().click();
  await supervisor.choose("Listen");
  await supervisor.choose("Whisper");
  expect(await overflow(page)).toEqual({ across: 0, down: 0 });
  for (const path of ["board", "board/queues", "help", "records", "agents", "reports"]) {
    await page
      .getByRole("navigation", { name: "Main" })
      .locator(`a[href="/supervisor/${path.split("/")[0]}"]`)
      .click();
    expect(await overflow(page), path).toEqual({ across: 0, down: 0 });
  }
});

test("on a phone, and magnified four times, everything is reached and nothing lies over anything", async ({
  stage,
}) => {
  const supervisor = await stage.supervisor();
  const { page } = supervisor;
  await page.setViewportSize({ width: 390, height: 844 });
  expect((await overflow(page)).across).toBe(0);
  await supervisor.calls.first().click();
  await supervisor.choose("Listen");
  const covered = () =>
    page.evaluate(() => {
      const statement = document.querySelector("header [role=status]");
      const tools = [...document.querySelectorAll("header button")];
      const box = statement?.getBoundingClientRect();
      if (!box) return ["no statement"];
      return tools
        .filter((tool) => !statement?.contains(tool))
        .filter((tool) => {
          const other = tool.getBoundingClientRect();
          const apart =
            other.right <= box.left || other.left >= box.right || other.bottom <= box.top || other.top >= box.bottom;
          return !apart;
        })
        .map((tool) => tool.getAttribute("aria-label") ?? tool.textContent ?? "");
    });
  expect(await covered()).toEqual([]);
  await page.getByRole("navigation", { name: "Main" }).getByRole("link", { name: "Board" }).click();
  await expect(page.getByRole("row").filter({ hasText: "Ana Duarte" })).toBeVisible();
  expect((await overflow(page)).across).toBe(0);
  await page.setViewportSize({ width: 320, height: 180 });
  expect((await overflow(page)).across).toBe(0);
  await page.getByRole("row").filter({ hasText: "Ana Duarte" }).scrollIntoViewIfNeeded();
  await expect(page.getByRole("row").filter({ hasText: "Ana Duarte" })).toBeInViewport();

  const agent = await stage.agent("agent1", { viewport: { width: 390, height: 844 } });
  expect((await overflow(agent.page)).across).toBe(0);
  await agent.getReady();
  await agent.page.getByRole("banner").locator("label").filter({ hasText: "Not ready" }).click();
  await expect(agent.page.getByRole("heading", { name: "Not ready" })).toBeVisible();
});
