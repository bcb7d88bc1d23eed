import { ownConversations } from "../../../live/text/select";
import type { TextState } from "../../../live/text/state";
import type { ConversationView } from "../../../wire/generated";
import { createStore, type Readable } from "../../../store/store";

/** What the agent has opened of the conversation in sight. */
export type TextDialog = "help" | "transfer" | "conference";

export interface TabsView {
  /** The conversation that was chosen last, or the desk. */
  readonly chosen: string;
  readonly dialog: TextDialog | null;
}

/** The tab that is no conversation: sound, picture, earlier calls, lists to pick from. */
export const DESK = "desk";

/** Which conversation is in sight, outside React: shortcuts and offers choose, too. */
export class Tabs {
  private readonly store = createStore<TabsView>({ chosen: DESK, dialog: null });
  readonly view: Readable<TabsView> = this.store;

  choose(tab: string): void {
    this.store.set({ chosen: tab, dialog: null });
  }

  open(dialog: TextDialog | null): void {
    this.store.set({ ...this.store.get(), dialog });
  }
}

/** The tab in sight: what was chosen, or what is left of it. */
export function shownTab(chosen: string, conversations: readonly ConversationView[]): string {
  return conversations.some(({ id }) => id === chosen) ? chosen : DESK;
}

/** The conversation in sight, if it is one that goes on. */
export function shownConversation(text: TextState, me: string, chosen: string): ConversationView | undefined {
  const id = shownTab(chosen, ownConversations(text, me));
  return text.conversations.get(id);
}
