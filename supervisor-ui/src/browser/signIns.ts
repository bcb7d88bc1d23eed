/** Who has signed in, told to the other tabs of this browser: they share its cookie. */
const CHANNEL = "sotto.sign-in";

export function tellSignIn(user: string): void {
  if (!("BroadcastChannel" in window)) return;
  const channel = new BroadcastChannel(CHANNEL);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a window has a target, a channel has none
  channel.postMessage(user);
  channel.close();
}

/** Hears of sign-ins in other tabs, until the returned function is called. */
export function onSignIn(heard: (user: string) => void): () => void {
  if (!("BroadcastChannel" in window)) return () => undefined;
  const channel = new BroadcastChannel(CHANNEL);
  channel.addEventListener("message", ({ data }) => {
    if (typeof data === "string") heard(data);
  });
  return () => channel.close();
}
