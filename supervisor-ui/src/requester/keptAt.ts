/** Where a tab keeps its conversation. */
export const KEPT = "sotto.chat";
