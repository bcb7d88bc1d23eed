import { useEffect, useState } from "react";
import type { GuestApi } from "../api/guest";
import { session } from "../browser/storage";
import type { Queue } from "../wire/generated";

/** One name for calls and chats: who calls and writes is the same. */
const NAME = "sotto.caller_name";

/** Who comes, and what about. */
export interface Start {
  readonly name: string;
  setName(name: string): void;
  /** `null`: not known yet. */
  readonly queues: readonly Queue[] | null;
  /** The queues could not be loaded. */
  readonly failed: boolean;
  /** The chosen one, or else the first. */
  readonly queue: Queue | undefined;
  choose(queue: string): void;
  /** For the next page or load of this tab. */
  rememberName(): void;
  /** Goes on, unless something is missing. */
  go(then: (name: string, queue: Queue) => void): void;
}

/** The address may have filled it in. `api` has to stay the same. */
export function useStart(api: Pick<GuestApi, "queues">): Start {
  const { queues, failed } = useQueues(api);
  const [given] = useState(() => new URLSearchParams(location.search));
  const [name, setName] = useState(() => given.get("name") ?? session.get(NAME) ?? "");
  const [chosen, choose] = useState(given.get("queue"));
  const queue = queues?.find(({ id }) => id === chosen) ?? queues?.[0];
  const rememberName = () => session.set(NAME, name.trim());
  const go = (then: (name: string, queue: Queue) => void) => {
    if (!queue || !name.trim()) return;
    rememberName();
    then(name.trim(), queue);
  };
  return { name, setName, queues, failed, queue, choose, rememberName, go };
}

function useQueues(api: Pick<GuestApi, "queues">): Pick<Start, "queues" | "failed"> {
  const [queues, setQueues] = useState<readonly Queue[] | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let wanted = true;
    api.queues().then(
      (list) => wanted && setQueues(list.queues),
      () => wanted && setFailed(true),
    );
    return () => {
      wanted = false;
    };
  }, [api]);
  return { queues, failed };
}
