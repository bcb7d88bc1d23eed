import { useEffect, useState } from "react";
import { useLiveStore } from "../../live/hooks";
import { useStation } from "../../media/hooks";
import { Ringer } from "../../media/ringer";
import { useSession } from "../../session/session";
import { Desk } from "./desk/desk";
import { Softphone } from "./Softphone";
import { DeskContext, type DeskTools } from "./desk/hooks";
import { Tabs } from "./desk/tabs";
import "./words";

/** `/agent`: the softphone. */
export function AgentPage() {
  const { api, user } = useSession();
  const live = useLiveStore();
  const station = useStation();
  const [tools, setTools] = useState<DeskTools | null>(null);
  useEffect(() => {
    const ringer = new Ringer();
    void ringer.chooseSpeaker(station.view.get().speakerId);
    const desk = new Desk({ user: user.id, api, live, station, ringer });
    setTools({ desk, ringer, tabs: new Tabs() });
    return () => {
      desk.dispose();
      ringer.close();
    };
  }, [api, live, station, user.id]);
  return (
    tools && (
      <DeskContext value={tools}>
        <Softphone />
      </DeskContext>
    )
  );
}
