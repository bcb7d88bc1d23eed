import { Replace, Undo2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Diagram } from "../../../hearing/Diagram";
import { preview } from "../../../hearing/statement";
import { capOf } from "../../../keys/keymap";
import { useKeySettings } from "../../../keys/settings";
import { locale } from "../../../i18n";
import { Button } from "../../../ui/Button";
import { Kbd } from "../../../ui/Kbd";
import { shortName } from "../../../ui/names";
import type { CallView, ConversationView } from "../../../wire/generated";
import { agentsOf as agentsOnCall } from "../model/call";
import { supervisorKeys } from "../model/keys";
import { BargeQuestion } from "./BargeDialogs";
import { agentsOf } from "./ChatPeople";
import css from "./TakeOver.module.css";
import "./takeOverWords";

/** What is taken over. */
export type Taken = { readonly call: CallView } | { readonly view: ConversationView };

export interface TakeOverProps {
  of: Taken;
  /** Confirmed there. */
  mode: "barge" | "take_over";
  /** The server can be asked. */
  isPossible: boolean;
  onTakeOver: () => void;
  onHandBack: () => void;
}

/** The step after Barge, and the way back. One supervisor at a time takes over. */
export function TakeOver({ of, mode, isPossible, onTakeOver, onHandBack }: TakeOverProps) {
  const { t } = useTranslation("takeOver");
  const { map, enabled } = useKeySettings(supervisorKeys);
  const about = useAbout(of);
  const { kind, names, taker } = about;
  const has = mode === "take_over";
  const taken = !has && taker !== undefined;
  const alone = about.count === 0;
  const hint = taken ? "taken" : has ? (alone ? "nobody" : "back") : "hint";
  return (
    <section className={css["step"]} aria-label={t("label")}>
      <Button
        isDisabled={!isPossible || taken || alone}
        onPress={has ? onHandBack : onTakeOver}
        {...(enabled ? { "aria-keyshortcuts": map.take_over } : {})}
      >
        {has ? <Undo2 size={15} aria-hidden="true" /> : <Replace size={15} aria-hidden="true" />}
        {t(`${kind}.${has ? "handBack" : "begin"}`)}
        {enabled && <Kbd>{capOf(map.take_over)}</Kbd>}
      </Button>
      <span>{t(`${kind}.${hint}`, { ...names, name: taker ?? "" })}</span>
    </section>
  );
}

export interface TakeOverDialogProps {
  isOpen: boolean;
  of: Taken;
  onCancel: () => void;
  onConfirm: () => void;
}

/** Asked each time: the agent falls silent. It shows what would be. */
export function TakeOverDialog({ of, ...rest }: TakeOverDialogProps) {
  const { t } = useTranslation("takeOver");
  const { kind, names } = useAbout(of);
  const call = "call" in of ? of.call : null;
  return (
    <BargeQuestion
      {...rest}
      icon={Replace}
      title={t(`${kind}.title`, names)}
      body={t(`${kind}.body`, names)}
      once={t("once")}
      yes={t("yes")}
    >
      {call && (
        <>
          <Diagram said={preview(call, "take_over")} preview />
          <p>{t(`call.${call.agents_apart ? "apart" : "hears"}`, names)}</p>
        </>
      )}
    </BargeQuestion>
  );
}

/** Whom the words name: the customer, the agents, and whoever else has taken it over. */
function useAbout(of: Taken) {
  const { t } = useTranslation("takeOver");
  const { t: hearing } = useTranslation("hearing");
  const inCall = "call" in of;
  const agents = inCall ? agentsOnCall(of.call) : agentsOf(of.view);
  const people = inCall ? of.call.legs : of.view.members;
  const taker = people.find(({ mode }) => mode === "take_over");
  const listed = agents.map(({ name }) => hearing("person", { name: shortName(name) }));
  const joined = new Intl.ListFormat(locale(), { type: "conjunction" }).format(listed);
  const customer = shortName(inCall ? of.call.caller.name : of.view.requester.name);
  return {
    kind: inCall ? ("call" as const) : ("text" as const),
    count: agents.length,
    taker: taker && shortName(taker.name),
    names: { agents: joined || t("agent"), caller: customer, customer },
  };
}
