/**
 * The one way in which something outside React holds what pages show, and tells when it changes.
 *
 * Ours rather than zustand: a store here can start and stop what feeds it with its first and last listener (devices,
 * the page's clock, the widget's frame), which zustand does not know, and the rest is these lines.
 */

/** What can be read and followed. */
export interface Readable<T> {
  get(): T;
  /** `listener` runs after each change, until the returned function is called. */
  subscribe(listener: () => void): () => void;
}

export interface Store<T> extends Readable<T> {
  /** Tells nobody when it is the same value as before. */
  set(next: T): void;
  /** Replaces some fields of an object. */
  patch(change: Partial<T>): void;
}

/** Something that happens and is not kept: whoever listens then hears it. */
export interface Channel<Args extends unknown[]> {
  emit(...args: Args): void;
  listen(listener: (...args: Args) => void): () => void;
}

export interface ChannelConfig {
  /** Runs when somebody begins to listen and nobody did; what it returns runs when the last one has left. */
  whileHeard?: () => () => void;
}

/** Listeners are told in the order in which they came. */
export function createChannel<Args extends unknown[] = []>({ whileHeard }: ChannelConfig = {}): Channel<Args> {
  const listeners = new Map<symbol, (...args: Args) => void>();
  let stop: (() => void) | undefined;
  return {
    emit: (...args) => listeners.forEach((listener) => listener(...args)),
    listen(listener) {
      const key = Symbol("listener");
      if (listeners.size === 0) stop = whileHeard?.();
      listeners.set(key, listener);
      return () => {
        if (!listeners.delete(key) || listeners.size > 0) return;
        stop?.();
        stop = undefined;
      };
    },
  };
}

export function createStore<T>(initial: T, config?: ChannelConfig): Store<T> {
  const changed = createChannel(config);
  let value = initial;
  const set = (next: T) => {
    if (Object.is(value, next)) return;
    value = next;
    changed.emit();
  };
  return { get: () => value, set, patch: (change) => set({ ...value, ...change }), subscribe: changed.listen };
}
