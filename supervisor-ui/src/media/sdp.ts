/** The ICE lines of an offer as an SDP fragment (RFC 8840 §9), body of a WHIP `PATCH` (RFC 9725 §4.3). */
export function iceFragment(offer: string): string {
  const wanted = /^(a=ice-ufrag:|a=ice-pwd:|a=ice-options:|m=|a=mid:)/;
  const lines = offer.split(/\r?\n/).filter((line) => wanted.test(line));
  return `${lines.join("\r\n")}\r\n`;
}

/** `answer` with the ICE credentials that the server's fragment brought, if it brought any. */
export function withIceCredentials(answer: string, fragment: string): string {
  const ufrag = /^a=ice-ufrag:.*$/m.exec(fragment)?.[0].trim();
  const password = /^a=ice-pwd:.*$/m.exec(fragment)?.[0].trim();
  if (!ufrag || !password) return answer;
  return answer.replace(/^a=ice-ufrag:[^\r\n]*/gm, ufrag).replace(/^a=ice-pwd:[^\r\n]*/gm, password);
}
