/** What the chat in a frame and the widget around it tell each other. Both check where it comes from. */
export type FromFrame =
  /** It has loaded, and can be told something. */
  | { sotto: "ready" }
  /** So many messages came that nobody has looked at. */
  | { sotto: "unread"; count: number }
  /** The customer wants it away. */
  | { sotto: "close" };

export type FromWidget = { sotto: "opened" } | { sotto: "closed" };

/** The parameter of the frame's address that names the embedding page's origin. */
export const SITE = "site";
