import { useEffect, useMemo } from "react";
import { useLiveStore, useTextTools } from "../../live/hooks";
import { useStation } from "../../media/hooks";
import { useSession } from "../../session/session";
import { Dashboard } from "./Dashboard";
import { createFollow, FollowContext } from "./follow/hooks";
import { SupervisionContext } from "./supervision/hooks";
import { OtherTabs } from "./supervision/otherTabs";
import { Remembered } from "./supervision/remembered";
import { CallSupervision } from "./supervision/call";
import { conversationSupervision } from "./supervision/conversation";
import "../../chat/words";
import "../../hearing/words";
import "./words";

/** The pages of a supervisor. What they supervise goes on from one to the next. */
export function SupervisorPage() {
  const { api } = useSession();
  const { api: textApi } = useTextTools();
  const live = useLiveStore();
  const station = useStation();
  const supervisions = useMemo(
    () => ({
      calls: new CallSupervision({
        api,
        live,
        station,
        tabs: new OtherTabs("supervision"),
        begun: new Remembered("supervision"),
        barged: new Remembered("barged"),
      }),
      chats: conversationSupervision({
        api: textApi,
        live,
        tabs: new OtherTabs("supervision.text"),
        begun: new Remembered("supervision.text"),
        owns: ({ call }) => call === undefined,
      }),
      beside: conversationSupervision({
        api: textApi,
        live,
        tabs: new OtherTabs("supervision.beside"),
        begun: new Remembered("supervision.beside"),
        owns: ({ call }) => call !== undefined,
      }),
    }),
    [api, textApi, live, station],
  );
  useEffect(() => () => Object.values(supervisions).forEach((one) => one.dispose()), [supervisions]);
  // Whatever was held is let go with the window's focus: a key or a pointer that is up is not seen.
  useEffect(() => {
    const release = () => supervisions.calls.release();
    window.addEventListener("blur", release);
    document.addEventListener("visibilitychange", release);
    return () => {
      window.removeEventListener("blur", release);
      document.removeEventListener("visibilitychange", release);
    };
  }, [supervisions]);
  const follow = useMemo(() => createFollow(), []);
  return (
    <SupervisionContext value={supervisions}>
      <FollowContext value={follow}>
        <Dashboard />
      </FollowContext>
    </SupervisionContext>
  );
}
