import { expect, type Locator, type Page } from "@playwright/test";
import type { Mode, Supervisor } from "./people";

/** A supervisor in text: the panel of a conversation, and who sees them. */
export class Overseer {
  readonly page: Page;
  readonly panel: Locator;
  readonly modes: Locator;
  readonly log: Locator;
  readonly dialog: Locator;

  constructor(readonly supervisor: Supervisor) {
    this.page = supervisor.page;
    this.panel = this.page.getByRole("complementary", { name: "Selected conversation" });
    this.modes = this.panel.getByRole("radiogroup", { name: "Who sees you" });
    this.log = this.panel.getByRole("log", { name: "Messages" });
    this.dialog = this.page.getByRole("alertdialog", { name: "The requester will be notified that you join" });
  }

  mode(mode: Mode): Locator {
    return this.modes.getByRole("radio", { name: new RegExp(`^${mode}`) });
  }

  tab(tab: "Public" | "Private"): Locator {
    return this.panel.getByRole("tab", { name: new RegExp(`^${tab}`) });
  }

  field(tab: "Public" | "Private"): Locator {
    return this.panel.getByRole("textbox", {
      name: tab === "Private" ? "Private message, staff only" : /^Message to /,
    });
  }

  async open(customer: string): Promise<void> {
    await this.supervisor.row(customer).click();
    await expect(this.panel.getByRole("heading", { name: customer })).toBeVisible();
  }

  async write(tab: "Public" | "Private", text: string): Promise<void> {
    await this.field(tab).fill(text);
    await this.field(tab).press("Enter");
    await expect(this.log.getByText(text)).toBeVisible();
  }

  person(name: string): Locator {
    return this.panel
      .getByRole("list", { name: "In this conversation" })
      .getByRole("listitem")
      .filter({ hasText: name });
  }

  /** Bar, group and the window's title say the same. */
  async isIn(mode: Mode | "Off"): Promise<void> {
    const words = {
      Off: /Not on a call – nobody hears you/,
      Listen: /Reading along – nobody sees you/,
      Whisper: /Whispering – only staff see you/,
      Barge: /In the conversation – \S+ sees you too/,
    }[mode];
    await expect(this.supervisor.statement).toHaveText(words);
    if (mode === "Off") return expect(this.modes.getByRole("radio", { checked: true })).toHaveCount(0);
    await expect(this.mode(mode)).toBeChecked();
    await expect(this.page).toHaveTitle(words);
  }
}
