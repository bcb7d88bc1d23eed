import type { Translated } from "../../i18n/translated";

/** What is wrong with the agent's sound, among the notices. */
const en = {
  unsound: {
    silent: "No sound comes from your microphone: is it off, or in use by another program? {{caller}} can’t hear you.",
    clipped: "Your microphone is too loud: {{caller}} hears you distorted. Lower its level, or move it away.",
    unheard: "The sound of your microphone isn’t reaching us: {{caller}} can’t hear you.",
  },
  nothingArrives: "Our sound isn’t reaching you: you can’t hear the caller.",
};

const ja: Translated<typeof en> = {
  unsound: {
    silent: "マイクから音がまったく届いていません（電源オフ、または他で使用中）。{{caller}}さんに声は聞こえません。",
    clipped: "マイクの音量が大きすぎ、{{caller}}さんには音が割れて聞こえます。入力を下げるか、マイクを離してください。",
    unheard: "マイクの音声がサーバーに届いていません。{{caller}}さんにあなたの声は聞こえません。",
  },
  nothingArrives: "サーバーの音声がこちらに届いていません。顧客の声は聞こえません。",
};

export const sound = { en, ja };
