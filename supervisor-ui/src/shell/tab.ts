import barge from "./icons/barge.svg?raw";
import listen from "./icons/listen.svg?raw";
import off from "./icons/off.svg?raw";
import whisper from "./icons/whisper.svg?raw";

const ICONS = { off, listen, whisper, barge };

/** The tab's title and icon. The icon is in the page already: without a network, too, it says what holds. */
export function setTab(title: string, icon: keyof typeof ICONS): void {
  document.title = `${title} · Sotto`;
  const link = document.querySelector<HTMLLinkElement>('link[rel="icon"]');
  link?.setAttribute("href", `data:image/svg+xml,${encodeURIComponent(ICONS[icon])}`);
}
