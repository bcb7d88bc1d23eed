import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import type { Api } from "../api/client";
import { onSignedOut } from "../api/http";
import { onSignIn } from "../browser/signIns";
import { session as kept } from "../browser/storage";
import { TextApi } from "../api/text";
import { drafts } from "../live/text/drafts";
import { LiveContext, TextContext, type TextTools } from "../live/hooks";
import { type LiveStore, liveStore } from "../live/store";
import { TextLink } from "../live/text/link";
import { StationContext } from "../media/hooks";
import { Microphone } from "../media/microphone";
import { Station } from "../media/station";
import type { User } from "../wire/generated";
import { exposeForDebugging, rawMicrophone } from "./debug";

export interface Session {
  api: Api;
  user: User;
  signOut: () => void;
  /** Does what ends this sign-in and answers with a new one; the page begins anew with that. */
  renew: (work: () => Promise<void>) => Promise<void>;
}

const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("useSession needs a SessionProvider above it");
  return session;
}

export interface SessionProviderProps {
  api: Api;
  user: User;
  /** The session is over: by the user's wish or the server's. */
  onEnd: (why: "wish" | "ended") => void;
  /** A lost event stream leaves the microphone to the page: an agent's call goes on without it. */
  keepsSpeaking?: boolean;
  children: ReactNode;
}

/** Whose page this tab showed until another account signed in. */
const GAVE_WAY = "sotto.gave-way";

/** Whose page this was before it became another's, if it has just become so; told once. */
export function gaveWay(): string | null {
  const name = kept.get(GAVE_WAY);
  kept.set(GAVE_WAY, null);
  return name;
}

/** A signed-in user's connection for events and station for media, for as long as it is mounted. */
export function SessionProvider({ api, user, onEnd, keepsSpeaking = false, children }: SessionProviderProps) {
  const [live] = useState(() =>
    liveStore(() =>
      api.me().then(
        () => true,
        (error: { status?: number }) => error.status !== 401,
      ),
    ),
  );
  const [station] = useState(() => new Station(api, new Microphone(!rawMicrophone())));

  // Refusals are rare at the beginning, and until their texts are there the server's own words are shown.
  useEffect(() => void import("./problems").catch(() => undefined), []);

  const renewing = useRef(false);
  const ended = useCallback(() => {
    if (!renewing.current) onEnd("ended");
  }, [onEnd]);

  useEffect(() => {
    // Another account has signed in to this browser: this page is no longer this user's, and does nothing more,
    // for what it did would be done in the other's name.
    const giveWay = (now: string) => {
      if (now === user.id) return;
      station.setGate("closed");
      kept.set(GAVE_WAY, user.name);
      location.reload();
    };
    live.start();
    const untap = live.tap((envelope) => {
      if (envelope.type === "station.closed") station.closedByServer(envelope.station);
      if (envelope.type === "station.changed") station.toldByServer(envelope.station);
      if (envelope.type === "snapshot") giveWay(envelope.me.id);
    });
    const unhear = onSignIn(giveWay);
    const unwatch = live.subscribe(() => {
      const { kind } = live.getState().connection;
      if (kind === "signed_out" || (kind !== "live" && !keepsSpeaking)) station.setGate("closed");
      if (kind === "signed_out") ended();
    });
    const unsign = onSignedOut(ended);
    const hide = exposeForDebugging({ live, station });
    return () => {
      hide();
      untap();
      unwatch();
      unsign();
      unhear();
      station.close();
      live.stop();
    };
  }, [live, station, user.id, user.name, ended, keepsSpeaking]);

  const text = useTextLink(live, user);
  const session = useMemo<Session>(() => {
    const signOut = () => {
      station.setGate("closed");
      drafts.forgetAll();
      void api
        .logout()
        .catch(() => undefined)
        .finally(() => onEnd("wish"));
    };
    const renew = async (work: () => Promise<void>) => {
      renewing.current = true;
      try {
        await work();
      } catch (error) {
        renewing.current = false;
        // The answer was lost, and with it the new sign-in.
        if (live.getState().connection.kind === "signed_out") onEnd("ended");
        throw error;
      }
      location.reload();
    };
    return { api, user, signOut, renew };
  }, [api, user, onEnd, station, live]);

  return (
    <SessionContext value={session}>
      <LiveContext value={live}>
        <TextContext value={text}>
          <StationContext value={station}>{text && children}</StationContext>
        </TextContext>
      </LiveContext>
    </SessionContext>
  );
}

/** What acts on conversations and chats, for as long as the page is mounted. */
function useTextLink(live: LiveStore, user: User): TextTools | null {
  const [tools, setTools] = useState<TextTools | null>(null);
  useEffect(() => {
    const api = new TextApi();
    const link = new TextLink({
      api,
      me: { user: user.id, name: user.name },
      getText: () => live.getState().text,
      subscribe: live.subscribe,
      act: live.act,
      isLive: () => live.getState().connection.kind === "live",
      serverNow: () => live.serverNow(),
    });
    setTools({ api, link });
    return () => link.dispose();
  }, [live, user.id, user.name]);
  return tools;
}
