import i18next from "i18next";
import { useEffect, useState } from "react";
import { useLiveStore } from "../../live/hooks";
import { useStation } from "../../media/hooks";
import { Ringer } from "../../media/ringer";
import { ringVolume } from "../../media/volume";
import { useSession } from "../../session/session";
import { Desk } from "./desk/desk";
import { toast } from "../../ui/toasts";
import { Softphone } from "./Softphone";
import { DeskContext, type DeskTools } from "./desk/hooks";
import { LateNotes } from "./desk/lateNotes";
import { Tabs } from "./desk/tabs";
import "./words";

/** `/agent`: the softphone. */
export function AgentPage() {
  const { api, user } = useSession();
  const live = useLiveStore();
  const station = useStation();
  const [tools, setTools] = useState<DeskTools | null>(null);
  useEffect(() => {
    const ringer = new Ringer(station.view, ringVolume);
    const desk = new Desk({ user: user.id, api, live, station, ringer });
    const notes = new LateNotes(api, () => toast(i18next.t("agent:note.kept")));
    setTools({ desk, ringer, notes, tabs: new Tabs() });
    return () => {
      notes.dispose();
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
