import type { AgentView, ChatView } from "../wire/generated";

/** What this page itself knows of chats: which windows are up, and which ended ones were put away. */
export interface Windows {
  /** Open windows, the newest last. */
  readonly open: readonly string[];
  readonly away: ReadonlySet<string>;
}

export const NO_WINDOWS: Windows = { open: [], away: new Set() };

/** Windows that fit beside each other; the oldest gives way. */
export const WINDOWS_MAX = 3;

export function opened({ open, away }: Windows, chat: string): Windows {
  const back = new Set(away);
  back.delete(chat);
  return { open: [...open.filter((id) => id !== chat), chat].slice(-WINDOWS_MAX), away: back };
}

export function minimised({ open, away }: Windows, chat: string): Windows {
  return { open: open.filter((id) => id !== chat), away };
}

export function putAway({ open, away }: Windows, chat: string): Windows {
  return { open: open.filter((id) => id !== chat), away: new Set([...away, chat]) };
}

/** The chats that have a tab, oldest first. One in which the other wrote nothing yet has none. */
export function tabsOf(chats: ReadonlyMap<string, ChatView>, windows: Windows): ChatView[] {
  const shown = [...chats.values()].filter((chat) => {
    const begun = chat.own || chat.messages > 0 || windows.open.includes(chat.id);
    const over = chat.ended && (windows.away.has(chat.id) || (chat.unread === 0 && !windows.open.includes(chat.id)));
    return begun && !over;
  });
  return shown.toSorted((a, b) => a.opened_at - b.opened_at || a.id.localeCompare(b.id));
}

/** The chat that goes on with somebody. */
export function chatWith(chats: ReadonlyMap<string, ChatView>, user: string): ChatView | undefined {
  return [...chats.values()].find((chat) => chat.with.user === user && !chat.ended);
}

/** Those who wrote and were not read first, then by name. */
export function sorted(agents: readonly AgentView[], chats: ReadonlyMap<string, ChatView>): AgentView[] {
  const unread = (agent: AgentView) => ((chatWith(chats, agent.user)?.unread ?? 0) > 0 ? 0 : 1);
  return agents.toSorted((a, b) => unread(a) - unread(b) || a.name.localeCompare(b.name));
}
