import { useEffect, useMemo } from "react";
import { useLiveStore } from "../../live/hooks";
import { useStation } from "../../media/hooks";
import { useSession } from "../../session/session";
import { Dashboard } from "./Dashboard";
import { SupervisionContext } from "./supervision/hooks";
import { OtherTabs } from "./supervision/otherTabs";
import { Supervision } from "./supervision/supervision";
import "../../hearing/words";
import "./words";

/** The live dashboard of a supervisor. */
export function SupervisorPage() {
  const { api } = useSession();
  const live = useLiveStore();
  const station = useStation();
  const supervision = useMemo(() => new Supervision({ api, live, station, tabs: new OtherTabs() }), [api, live, station]);
  useEffect(() => () => supervision.dispose(), [supervision]);
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
      <Dashboard />
    </SupervisionContext>
  );
}
