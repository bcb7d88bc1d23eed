import { useEffect, useMemo } from "react";
import { useLiveStore, useTextTools } from "../../live/hooks";
import { useStation } from "../../media/hooks";
import { useSession } from "../../session/session";
import { Dashboard } from "./Dashboard";
import { SupervisionContext } from "./supervision/hooks";
import { OtherTabs } from "./supervision/otherTabs";
import { Supervision } from "./supervision/supervision";
import { TextSupervisionContext } from "./text/hooks";
import { TextSupervision } from "./text/supervision";
import "../../chat/words";
import "../../hearing/words";
import "./words";

/** The pages of a supervisor. What they supervise goes on from one to the next. */
export function SupervisorPage() {
  const { api } = useSession();
  const { api: textApi } = useTextTools();
  const live = useLiveStore();
  const station = useStation();
  const supervision = useMemo(
    () => new Supervision({ api, live, station, tabs: new OtherTabs() }),
    [api, live, station],
  );
  const text = useMemo(
    () => ({
      chats: new TextSupervision({
        api: textApi,
        live,
        tabs: new OtherTabs("supervision.text"),
        owns: ({ call }) => call === undefined,
      }),
      beside: new TextSupervision({
        api: textApi,
        live,
        tabs: new OtherTabs("supervision.beside"),
        owns: ({ call }) => call !== undefined,
      }),
    }),
    [textApi, live],
  );
  useEffect(() => () => supervision.dispose(), [supervision]);
  useEffect(
    () => () => {
      text.chats.dispose();
      text.beside.dispose();
    },
    [text],
  );
  // Whatever was held is let go with the window's focus: a key or a pointer that is up is not seen.
  useEffect(() => {
    const release = () => supervision.release();
    window.addEventListener("blur", release);
    document.addEventListener("visibilitychange", release);
    return () => {
      window.removeEventListener("blur", release);
      document.removeEventListener("visibilitychange", release);
    };
  }, [supervision]);
  return (
    <SupervisionContext value={supervision}>
      <TextSupervisionContext value={text}>
        <Dashboard />
      </TextSupervisionContext>
    </SupervisionContext>
  );
}
