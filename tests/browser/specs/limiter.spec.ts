import { expect, test } from "@playwright/test";
import { limiter } from "../../../supervisor-ui/src/media/limiter";
import { CHROMIUM } from "../support/test";

// No server: the limiter by itself.
test.use({ launchOptions: { executablePath: CHROMIUM, args: ["--no-sandbox"] } });

const RATE_HZ = 48_000;

/** The peak of a tone of this level behind the limiter, dBFS, from half a second on. */
function measure(dbfs: number): string {
  return `(async () => {
    const context = new OfflineAudioContext(1, ${RATE_HZ}, ${RATE_HZ});
    const tone = context.createOscillator();
    const gain = context.createGain();
    gain.gain.value = 10 ** (${dbfs} / 20);
    tone.connect(gain).connect((${String(limiter)})(context, context.destination));
    tone.start();
    const samples = (await context.startRendering()).getChannelData(0).subarray(${RATE_HZ / 2});
    return 20 * Math.log10(samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0));
  })()`;
}

test("what a page sums for the ears stays below full scale, and is else as it was", async ({ page }) => {
  await page.goto("about:blank");
  for (const dbfs of [-40, -20, -8]) {
    const heard = Number(await page.evaluate(measure(dbfs)));
    expect(Math.abs(heard - dbfs), `${dbfs} dBFS comes as ${heard}`).toBeLessThan(0.3);
  }
  // Two at full scale, and a voice that was raised by 12 dB.
  for (const dbfs of [0, 6, 12]) {
    expect(await page.evaluate(measure(dbfs)), `${dbfs} dBFS`).toBeLessThan(-1);
  }
});
