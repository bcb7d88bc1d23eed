import type { FrameQuery, FromFrame, FromWidget } from "./protocol";
import { STYLE } from "./style";

/**
 * `widget.js`, for the pages of other sites: a button that opens the chat in a frame.
 *
 * A classic script of its own without dependencies. It sets no cookie and changes nothing of the page
 * that it is on: all of it is in one element, behind a shadow root. The frame is loaded at the first
 * click; from then on it comes with each page of the site in this tab, for the conversation goes on.
 */
(() => {
  const ID = "sotto-widget";
  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement) || document.getElementById(ID)) return;
  const { queue, lang, name, label, remember: again } = script.dataset;
  const server = new URL(script.src).origin;
  const words = (lang || navigator.language).startsWith("ja")
    ? {
        open: "チャットで相談",
        close: "チャットを閉じる",
        chat: "チャット",
        unread: (n: number) => `新着メッセージ${n}件`,
      }
    : {
        open: "Chat with us",
        close: "Close the chat",
        chat: "Chat",
        unread: (n: number) => (n === 1 ? "1 new message" : `${n} new messages`),
      };

  const host = make("aside", { id: ID, "aria-label": words.chat });
  const button = make("button", { type: "button", "aria-expanded": "false" });
  const caption = make("span", {});
  const badge = make("span", { class: "badge", "aria-hidden": "true", hidden: "" });
  const status = make("span", { class: "vh", role: "status" });
  const panel = make("div", { class: "panel", role: "dialog", "aria-label": words.chat, hidden: "" });
  let frame: HTMLIFrameElement | null = null;
  let isOpen = false;

  function make<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    attributes: Record<string, string>,
  ): HTMLElementTagNameMap[K] {
    const element = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    return element;
  }

  function icon(): SVGElement {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const path = document.createElementNS(svg.namespaceURI, "path");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute(
      "d",
      "M22 17a2 2 0 0 1-2 2H6.828a2 2 0 0 0-1.414.586" +
        "l-2.202 2.202A.71.71 0 0 1 2 21.286V5a2 2 0 0 1 2-2h16a2 2 0 0 1 2 2z",
    );
    svg.append(path);
    return svg as SVGElement;
  }

  function load(): HTMLIFrameElement {
    if (frame) return frame;
    const keeps = again === undefined || again === "false" ? undefined : "1";
    const wanted: FrameQuery = { embed: "1", site: location.origin, queue, lang, name, remember: keeps };
    const query = new URLSearchParams(
      Object.entries(wanted).flatMap(([key, value]: [string, string | undefined]) => (value ? [[key, value]] : [])),
    );
    frame = make("iframe", { src: `${server}/chat?${query}`, title: words.chat });
    panel.append(frame);
    return frame;
  }

  function tell(message: FromWidget): void {
    frame?.contentWindow?.postMessage(message, server);
  }

  function show(open: boolean): void {
    isOpen = open;
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    caption.textContent = open ? words.close : label || words.open;
    remember(open ? "open" : "closed");
    if (open) load().focus();
    else if (host.shadowRoot?.activeElement === frame || document.activeElement === document.body) button.focus();
    tell({ sotto: open ? "opened" : "closed" });
  }

  function unread(count: number): void {
    badge.hidden = count === 0;
    badge.textContent = count > 99 ? "99+" : String(count);
    status.textContent = count === 0 ? "" : words.unread(count);
  }

  /** Where the site forbids storage, the next page begins with the chat closed. */
  function remember(state: string): void {
    try {
      sessionStorage.setItem(ID, state);
    } catch {}
  }

  function remembered(): string | null {
    try {
      return sessionStorage.getItem(ID);
    } catch {
      return null;
    }
  }

  addEventListener("message", ({ origin, source, data }: MessageEvent<unknown>) => {
    if (origin !== server || !frame || source !== frame.contentWindow || !isRecord(data)) return;
    const { sotto: what, count }: Untrusted<FromFrame> = data;
    if (what === "ready") tell({ sotto: isOpen ? "opened" : "closed" });
    if (what === "unread" && Number.isSafeInteger(count)) unread(Math.max(0, Number(count)));
    if (what === "close" && isOpen) {
      show(false);
      button.focus();
    }
  });
  button.addEventListener("click", () => show(!isOpen));
  host.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && isOpen) show(false);
  });

  function begin(): void {
    const root = host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    caption.textContent = label || words.open;
    button.append(icon(), caption, badge);
    root.append(button, status, panel);
    document.body.append(host);
    const state = remembered();
    if (state) load();
    if (state === "open") {
      // The page has just come: whoever reads it keeps the focus.
      isOpen = true;
      panel.hidden = false;
      button.setAttribute("aria-expanded", "true");
      caption.textContent = words.close;
    }
  }
  if (document.body) begin();
  else addEventListener("DOMContentLoaded", begin);
})();

/** A message's fields before they were looked at. */
type Untrusted<T> = T extends unknown ? { [K in keyof T]?: unknown } & { count?: unknown } : never;

function isRecord(data: unknown): data is Record<string, unknown> {
  return typeof data === "object" && data !== null;
}
