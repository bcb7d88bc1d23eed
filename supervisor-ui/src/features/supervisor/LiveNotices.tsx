import { useState } from "react";
import type { Connection } from "../../live/state";
import { LostBanner, NoticeBanner } from "./Notices";
import { useCallSupervision, useTextSupervision } from "./supervision/hooks";
import { TextNoticeBanner } from "./text/TextNoticeBanner";
import { useHeld } from "./useDashboard";

/** What holds for the whole page: a lost connection, and what no open panel says. */
export function LiveNotices({ connection, selected }: { connection: Connection; selected: "call" | "chat" | null }) {
  const { notice } = useCallSupervision();
  const text = useTextSupervision("chats").notice;
  const held = useHeld();
  const connected = connection.kind === "live";
  const [supervisedWhenLost, setSupervised] = useState(false);
  if (connected && supervisedWhenLost !== (held !== null)) setSupervised(held !== null);
  return (
    <>
      {connection.kind === "lost" && <LostBanner connection={connection} supervised={supervisedWhenLost} />}
      {notice && selected !== "call" && <NoticeBanner notice={notice} />}
      {text && selected !== "chat" && <TextNoticeBanner notice={text} />}
    </>
  );
}
