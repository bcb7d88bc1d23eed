import type { Page } from "@playwright/test";

/** What a page wanted to show on the desktop. */
export interface Shown {
  readonly title: string;
  readonly body: string;
}

/** What runs in the page; see `install`. */
interface InPage {
  readonly all: Notification[];
  /** Whether the page has asked the browser for leave. */
  asked: number;
}

declare global {
  interface Window {
    desktop: InPage;
    /** The user's yes in the browser's own dialog, which no test can reach. */
    sayYes(): Promise<void>;
  }
}

/** The notifications of a page. They are real ones, with the browser's own permission: they are only counted. */
export class Desktop {
  private constructor(private readonly page: Page) {}

  /** From the next load on. */
  static async of(page: Page): Promise<Desktop> {
    await page.exposeFunction("sayYes", () => page.context().grantPermissions(["microphone", "notifications"]));
    await page.addInitScript(install);
    await page.reload();
    return new Desktop(page);
  }

  shown(): Promise<Shown[]> {
    return this.page.evaluate(() => window.desktop.all.map(({ title, body }) => ({ title, body })));
  }

  asked(): Promise<number> {
    return this.page.evaluate(() => window.desktop.asked);
  }

  /** Clicks on the newest one. */
  click(): Promise<void> {
    return this.page.evaluate(() => void window.desktop.all.at(-1)?.dispatchEvent(new Event("click")));
  }
}

/** The user looks at another window: this page is in sight no more, as far as it knows. */
export async function lookElsewhere(page: Page): Promise<void> {
  await page.bringToFront();
  const session = await page.context().newCDPSession(page);
  await session.send("Emulation.setFocusEmulationEnabled", { enabled: false });
  const other = await page.context().newPage();
  await other.bringToFront();
  await page.waitForFunction(() => !document.hasFocus());
}

/** Runs in the page before anything of the product's. */
function install(): void {
  const all: Notification[] = [];
  window.desktop = { all, asked: 0 };
  window.Notification = class extends window.Notification {
    constructor(title: string, options?: NotificationOptions) {
      super(title, options);
      all.push(this);
    }

    static override async requestPermission(): Promise<NotificationPermission> {
      window.desktop.asked += 1;
      await window.sayYes();
      return super.requestPermission();
    }
  };
}
