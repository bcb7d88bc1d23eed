/** The layers of `src`, the lowest first. */
export const LAYERS: readonly string[];

/** Why the file `from` may not import the file `to` (paths below `src`); null: it may. */
export function refusal(from: string, to: string): string | null;
