import { MessageSquare, Mic, Phone } from "lucide-react";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { FormApi } from "../../api/form";
import { useBrand } from "../../requester/brand";
import { StartForm, useStart } from "../../requester/StartForm";
import { type Later, useLater } from "../../requester/later";
import { useStore } from "../../store/useStore";
import { Button } from "../../ui/Button";
import { GuestFrame } from "../../ui/GuestFrame";
import { classes } from "../../ui/classes";
import { useLeaveGuard } from "../../ui/useLeaveGuard";
import type { GuestQueue } from "../../wire/generated";
import type { Calling } from "./Calling";
import { BEFORE, type CallerView } from "./view";
import button from "../../ui/Button.module.css";
import css from "./CallPage.module.css";
import "./words";

const calling = () => import("./Calling").then(({ newCalling }) => newCalling());

/** `/call`: a caller's page. It begins with the form; what a call needs comes meanwhile. */
export function CallPage() {
  const later = useLater(calling);
  const { there } = later;
  const view = useStore(there?.caller.view ?? BEFORE);
  useEffect(() => there?.begin(), [there]);
  return (
    <Frame view={view} footer={there && <there.Trouble />}>
      <div className={css["both"]}>
        {there && view.step !== "start" ? <there.Call /> : <Start later={later} view={view} />}
        {there && <there.Beside />}
      </div>
    </Frame>
  );
}

function Frame({ view, footer, children }: { view: CallerView; footer: ReactNode; children: ReactNode }) {
  const { t } = useTranslation("call");
  const { step, told } = view;
  const brand = useBrand();
  const active = told.kind === "going" && told.call.state === "active";
  useLeaveGuard(step === "calling");
  return (
    <GuestFrame
      title={t(step === "calling" ? (active ? "talkingTab" : "waitingTab") : "page")}
      footer={footer}
      brand={brand}
    >
      {children}
    </GuestFrame>
  );
}

/** Who calls, and what about. */
function Start({ later, view: { problem, signedInAs } }: { later: Later<Calling>; view: CallerView }) {
  const { t } = useTranslation("call");
  const [api] = useState(() => new FormApi());
  const start = useStart(api);
  const { queue, isOpen, lookAgain } = start;
  useEffect(() => {
    if (problem === "closed") lookAgain();
  }, [problem, lookAgain]);
  const call = (replacing: boolean) => (name: string, chosen: GuestQueue) =>
    later.use(({ caller }) => void caller.call(name, chosen, replacing));
  const why = later.failed ? "unreachable" : problem;
  return (
    <StartForm
      start={start}
      lead={t("lead")}
      noQueues={t("noQueues")}
      problem={why && t(`problems.${why}`, { name: signedInAs })}
      onStart={call(false)}
    >
      <Button type="submit" kind="ok" size="large" className={css["wide"]} isDisabled={!isOpen || later.isAwaited}>
        <Phone size={20} aria-hidden="true" />
        {t("callNow")}
      </Button>
      {problem === "signedIn" && (
        <Button size="large" className={css["wide"]} onPress={() => start.go(call(true))}>
          {t("goOn", { name: signedInAs })}
        </Button>
      )}
      <a
        className={classes(button["button"], button["large"], css["wide"], css["instead"])}
        href={`/chat${queue ? `?queue=${encodeURIComponent(queue.id)}` : ""}`}
        onClick={start.rememberName}
      >
        <MessageSquare size={18} aria-hidden="true" />
        {t("chatInstead")}
      </a>
      <p className={css["hint"]}>
        <Mic size={16} aria-hidden="true" />
        {t("microphoneHint")}
      </p>
    </StartForm>
  );
}
