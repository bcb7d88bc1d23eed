import { defineConfig } from "@playwright/test";

const CI = Boolean(process.env["CI"]);

/** Real browsers, real sound, few cores: one test at a time, and nobody is hurried. */
const config = defineConfig({
  testDir: "specs",
  workers: 1,
  fullyParallel: false,
  forbidOnly: CI,
  retries: CI ? 1 : 0,
  // Where nothing works, every test takes its whole time: said after ten, not after hours.
  maxFailures: CI ? 10 : 0,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  use: { actionTimeout: 15_000, navigationTimeout: 30_000, screenshot: "only-on-failure" },
  reporter: "list",
});

// Playwright reads the default export and nothing else.
export default config;
