import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Thread } from "../live/text/thread";
import type { MessageView } from "../wire/generated";

/** Reads what arrives to those who do not see it: of a virtual list a screen reader can't tell new from scrolled. */
export function Announcer({ thread, me }: { thread: Thread<MessageView> | undefined; me: string }) {
  const { t } = useTranslation("chat");
  const [words, say] = useState("");
  const heard = useRef<number | null>(null);
  const last = thread?.messages.at(-1);
  useEffect(() => {
    if (!last) return;
    const isNew = heard.current !== null && last.number > heard.current;
    heard.current = last.number;
    if (!isNew || last.author.user === me) return;
    say(t(last.public === undefined ? "arrivedPrivate" : "arrived", { name: last.author.name, text: last.text }));
  }, [last, me, t]);
  return (
    <p className="vh" role="status">
      {words}
    </p>
  );
}
