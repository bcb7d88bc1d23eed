/** Words of one part of the pages; nested keys hold strings. */
export interface Words {
  [key: string]: string | Words;
}

/** The same keys as `T`, with any strings. */
export type Translated<T extends Words> = { [K in keyof T]: T[K] extends Words ? Translated<T[K]> : string };
