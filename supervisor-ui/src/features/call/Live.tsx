import { MessageSquare, Mic, MicOff, Phone, PhoneOff } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import type { TFunction } from "i18next";
import { useTranslation } from "react-i18next";
import { useTicking } from "../../browser/ticking";
import { useStore } from "../../store/useStore";
import { Button, PlainButton } from "../../ui/Button";
import { DeviceRows } from "../../ui/DeviceRows";
import { Dialog, DialogTitle } from "../../ui/Dialog";
import { classes } from "../../ui/classes";
import { clock, initials, shortName } from "../../ui/names";
import type { CallView, LegView } from "../../wire/generated";
import { Note } from "./Note";
import type { Beside, BesideView } from "./beside";
import { useCaller, useCallerView } from "./hooks";
import { changes, others, present } from "./state";
import css from "./CallPage.module.css";

/** The call: connecting, waiting, talking. */
export function Live({ beside }: { beside: Beside }) {
  const { t } = useTranslation("calling");
  const { told, queueName } = useCallerView();
  const call = told.kind === "going" ? told.call : null;
  const active = call?.state === "active";
  const people = useMemo(() => (call?.state === "active" ? others(call) : []), [call]);
  const heard = call?.state === "active" ? present(call).heard : [];
  const names = heard
    .map(({ name }) => t("person", { name: shortName(name) }))
    .reduce((a, b) => (a ? t("and", { a, b }) : b), "");
  return (
    <section className={css["card"]} aria-label={t("yourCall")}>
      <div className={css["centre"]}>
        {people.length > 0 ? <Avatars people={people} /> : <Waiting />}
        <h1>{title(t, call, names)}</h1>
        <span className={css["about"]}>{queueName}</span>
        {call && <Timer call={call} />}
      </div>
      <Note call={call} />
      <ComingAndGoing people={people} />
      <Controls beside={beside} call={active ? call.id : null} />
    </section>
  );
}

/** With whom the caller talks; on hold nobody may be left. */
function title(t: TFunction<"calling">, call: CallView | null, names: string): string {
  if (names) return t("talking", { names });
  if (call?.state === "active" && call.held) return t("onHold");
  return t(call ? "finding" : "connecting");
}

function Avatars({ people }: { people: readonly LegView[] }) {
  return (
    <span className={css["avatars"]} aria-hidden="true">
      {people.map(({ id, name }) => (
        <span key={id} className={css["avatar"]}>
          {initials(shortName(name))}
        </span>
      ))}
    </span>
  );
}

function Waiting() {
  return (
    <span className={classes(css["avatar"], css["waiting"])} aria-hidden="true">
      <Phone size={34} strokeWidth={1.75} className={css["pulse"]} />
    </span>
  );
}

function Timer({ call }: { call: CallView }) {
  const caller = useCaller();
  const time = useTicking(() => clock(caller.serverNow() - (call.answered_at ?? call.placed_at)));
  return (
    <span className={css["timer"]} role="timer" aria-live="off">
      {time}
    </span>
  );
}

/** Says who joined and who left, for those who don't see the names change. */
function ComingAndGoing({ people }: { people: readonly LegView[] }) {
  const { t } = useTranslation("calling");
  const before = useRef(people);
  const [said, say] = useState("");
  useEffect(() => {
    const { joined, left } = changes(before.current, people);
    const first = before.current.length === 0;
    before.current = people;
    const names = (list: string[]) => list.map((name) => t("person", { name: shortName(name) })).join(", ");
    if (joined.length > 0 && !first) say(t("joined", { names: names(joined) }));
    if (left.length > 0) say(t("left", { names: names(left) }));
  }, [people, t]);
  return (
    <p className="vh" role="status">
      {said}
    </p>
  );
}

function Controls({ beside, call }: { beside: Beside; call: string | null }) {
  const { t } = useTranslation("calling");
  const caller = useCaller();
  const { muted } = useCallerView();
  const { isShown, failed, news } = useBeside(beside);
  const toggle = () => (isShown && !failed ? beside.hide() : call !== null && void beside.show(call));
  return (
    <>
      <div className={css["controls"]}>
        <PlainButton className={classes(css["round"], muted && css["on"])} onPress={() => void caller.mute(!muted)}>
          <span>{muted ? <MicOff size={24} aria-hidden="true" /> : <Mic size={24} aria-hidden="true" />}</span>
          {t(muted ? "unmute" : "mute")}
        </PlainButton>
        {call !== null && (
          <PlainButton className={classes(css["round"], isShown && css["on"])} aria-expanded={isShown} onPress={toggle}>
            <span>
              <MessageSquare size={24} aria-hidden="true" />
            </span>
            {news > 0 ? t("chatNews", { count: news }) : t("chat")}
          </PlainButton>
        )}
        <PlainButton className={classes(css["round"], css["hangUp"])} onPress={() => void caller.hangUp()}>
          <span>
            <PhoneOff size={24} aria-hidden="true" />
          </span>
          {t("hangUp")}
        </PlainButton>
      </div>
      {failed && (
        <p className={css["note"]} role="alert">
          {t("chatFailed")}
        </p>
      )}
    </>
  );
}

/** Another microphone or speaker. */
export function Trouble() {
  const { t } = useTranslation("calling");
  const { t: common } = useTranslation();
  const [isOpen, open] = useState(false);
  return (
    <>
      <PlainButton className={css["link"]} onPress={() => open(true)}>
        {t("trouble")}
      </PlainButton>
      <Dialog isOpen={isOpen} onClose={() => open(false)}>
        <div className={css["trouble"]}>
          <DialogTitle>{t("trouble")}</DialogTitle>
          <p className="muted">{t("troubleBody")}</p>
          <DeviceRows />
          <Button kind="primary" onPress={() => open(false)}>
            {common("close")}
          </Button>
        </div>
      </Dialog>
    </>
  );
}

function useBeside(beside: Beside): BesideView {
  return useStore(beside.view);
}
