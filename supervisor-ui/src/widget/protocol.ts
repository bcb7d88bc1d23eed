// Types alone: a value that both had would be a file of its own, and the widget is one file.

/** What the chat in a frame and the widget around it tell each other. Both check where it comes from. */
export type FromFrame =
  /** It has loaded, and can be told something. */
  | { sotto: "ready" }
  /** So many messages came that nobody has looked at. */
  | { sotto: "unread"; count: number }
  /** The customer wants it away. */
  | { sotto: "close" };

export type FromWidget = { sotto: "opened" } | { sotto: "closed" };

/** The frame's address says: what the page may know, and which site is around it. */
export interface FrameQuery {
  embed: "1";
  /** The embedding page's origin. */
  site: string;
  queue: string | undefined;
  lang: string | undefined;
  name: string | undefined;
  /** The site wants this browser's earlier chats to be found again. */
  remember: "1" | undefined;
}
