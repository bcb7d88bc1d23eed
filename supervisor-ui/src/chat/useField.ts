import {
  type ChangeEvent,
  type FormEvent,
  type KeyboardEvent,
  type RefObject,
  useId,
  useLayoutEffect,
  useRef,
  useState,
} from "react";
import { useTranslation } from "react-i18next";
import { useTextTools } from "../live/hooks";
import { drafts } from "../live/text/drafts";
import { isComposing } from "../text/input";
import { toast } from "../ui/toasts";
import type { ConversationView, Visibility } from "../wire/generated";
import { type Asked, askedAt, matching, withChoice } from "./commands";
import { useColleagues, useReplies } from "./items";
import { refused, uploads } from "./uploads";

/** Something that can be put in. */
export interface Option {
  readonly id: string;
  readonly title: string;
  readonly about: string;
  readonly put: string;
}

export interface FieldConfig {
  view: ConversationView;
  area: RefObject<HTMLTextAreaElement | null>;
  text: string;
  canAskForHelp: boolean;
  onText: (text: string) => void;
  onEnter: () => void;
}

const OPTIONS_MAX = 8;
const NEVER = /(?!)/;

/** The behaviour of a message's field: Enter, lists at "@" and "/", and the caret. */
export function useField({ view, area, text, canAskForHelp, onText, onEnter }: FieldConfig) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const [active, setActive] = useState(0);
  const caret = useRef<number | null>(null);
  const listId = useId();
  const options = useOptions(asked, view, canAskForHelp);
  useLayoutEffect(() => {
    if (caret.current === null) return;
    area.current?.setSelectionRange(caret.current, caret.current);
    caret.current = null;
  }, [area, text]);

  const look = (value: string, at: number) => {
    setAsked(askedAt(value, at));
    setActive(0);
  };
  const choose = (option: Option) => {
    if (!asked) return;
    const next = withChoice(text, asked, option.put);
    caret.current = next.caret;
    onText(next.text);
    setAsked(null);
    area.current?.focus();
  };
  /** Puts characters in at the caret, apart from what `apart` finds before it. */
  const insert = (characters: string, apart: RegExp) => {
    const at = area.current?.selectionStart ?? text.length;
    const before = text.slice(0, at);
    const put = (apart.test(before) ? " " : "") + characters;
    const value = before + put + text.slice(area.current?.selectionEnd ?? at);
    caret.current = at + put.length;
    onText(value);
    area.current?.focus();
    return { value, at: caret.current };
  };
  /** A sign; "@" opens its list. */
  const put = (characters: string) => {
    const { value, at } = insert(characters, characters === "@" ? /\w$/ : NEVER);
    look(value, at);
  };
  /** A whole reply: whatever it begins or ends with, it opens no list. */
  const putReply = (reply: string) => {
    insert(reply, /\S$/);
    setAsked(null);
  };
  const keyDown = (event: KeyboardEvent) => {
    // While an input method composes, Enter and the arrows are its own.
    if (isComposing(event.nativeEvent)) return;
    const option = options[active];
    if (asked && options.length > 0 && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
      event.preventDefault();
      setActive((active + (event.key === "ArrowDown" ? 1 : options.length - 1)) % options.length);
    } else if (asked && option && (event.key === "Enter" || event.key === "Tab") && !event.shiftKey) {
      event.preventDefault();
      choose(option);
    } else if (asked && event.key === "Escape") {
      event.stopPropagation();
      setAsked(null);
    } else if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.altKey) {
      event.preventDefault();
      onEnter();
    }
  };
  const events = {
    onKeyDown: keyDown,
    onChange: (event: ChangeEvent<HTMLTextAreaElement>) => {
      onText(event.target.value);
      look(event.target.value, event.target.selectionStart);
    },
    onSelect: (event: FormEvent<HTMLTextAreaElement>) => asked && look(text, event.currentTarget.selectionStart),
    onBlur: () => setAsked(null),
  };
  const isOpen = asked !== null && (options.length > 0 || asked.kind === "mention");
  return {
    asked: isOpen ? asked : null,
    options,
    active,
    listId,
    choose,
    put,
    putReply,
    events,
    activeId: isOpen && options[active] ? `${listId}-${active}` : undefined,
  };
}

function useOptions(asked: Asked | null, view: ConversationView, canAskForHelp: boolean): Option[] {
  const { t } = useTranslation("chat");
  const colleagues = useColleagues();
  const replies = useReplies(view.queue);
  if (!asked) return [];
  if (asked.kind === "mention") {
    return matching(colleagues ?? [], asked.query, ({ name }) => name)
      .slice(0, OPTIONS_MAX)
      .map(({ user, name }) => ({ id: user, title: name, about: "", put: name }));
  }
  const help: Option[] = canAskForHelp
    ? [{ id: "help", title: t("list.help"), about: t("list.helpAbout"), put: "/help " }]
    : [];
  const known = (replies ?? []).map(({ id, title, text }) => ({ id, title, about: text, put: text }));
  return matching([...help, ...known], asked.query, ({ id, title }) => (id === "help" ? "help" : title)).slice(
    0,
    OPTIONS_MAX,
  );
}

/** Attaches files to the draft of a tab; what can't be attached is told by name. */
export function useAttach(thread: string, tab: Visibility): { add: (files: Iterable<File>) => void } {
  const { t } = useTranslation("chat");
  const { api } = useTextTools();
  const add = (files: Iterable<File>) => {
    for (const file of files) {
      const already = drafts.get(thread, tab).attachments.length + uploads.of(thread, tab).length;
      const why = refused(file, already);
      if (why) toast(t(`upload.${why}`, { name: file.name }), "refused");
      else uploads.start(api, thread, tab, file);
    }
  };
  return { add };
}
