import { describe, expect, it } from "vitest";
import { gateFor } from "./gate";
import { dbfs } from "./microphone";
import { qualityBetween, qualityWord, readCounters } from "./quality";
import { iceFragment, withIceCredentials } from "./sdp";

describe("the microphone's gate", () => {
  it("is open only while connected, wanted and confirmed", () => {
    for (const connected of [true, false]) {
      for (const confirmed of [true, false]) {
        for (const wanted of [true, false]) {
          expect(gateFor({ connected, confirmed, wanted }) === "open").toBe(connected && confirmed && wanted);
        }
      }
    }
  });

  it("closes on the wish to leave, before anything is confirmed", () => {
    expect(gateFor({ connected: true, confirmed: true, wanted: false })).toBe("closed");
  });

  it("arms on the wish to speak, and sends nothing yet", () => {
    expect(gateFor({ connected: true, confirmed: false, wanted: true })).toBe("armed");
  });
});

describe("figures of the media", () => {
  const report = (sent: number, received: number, lost: number) =>
    new Map<string, object>([
      ["o", { type: "outbound-rtp", packetsSent: sent }],
      ["i", { type: "inbound-rtp", packetsReceived: received, packetsLost: lost, jitter: 0.004 }],
      ["p", { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.02 }],
      ["q", { type: "candidate-pair", nominated: false, currentRoundTripTime: 9 }],
    ]);

  it("reads delay, jitter, loss and what was sent", () => {
    const quality = qualityBetween(readCounters(report(0, 100, 0)), readCounters(report(7, 198, 2)));
    expect(quality).toEqual({ rttMs: 20, jitterMs: 4, lost: 0.02, packetsSent: 7, packetsReceived: 198 });
  });

  it("says how good that is", () => {
    const good = { rttMs: 30, lost: 0.001, jitterMs: 3, packetsSent: 0, packetsReceived: 9 };
    expect(qualityWord(good)).toBe("good");
    expect(qualityWord({ ...good, lost: 0.03 })).toBe("fair");
    expect(qualityWord({ ...good, rttMs: 500 })).toBe("poor");
  });

  it("measures a full sine as 0 dBFS and silence as −127", () => {
    const sine = Float32Array.from({ length: 4800 }, (_, i) => Math.sin(i / 7.6394));
    expect(dbfs(sine)).toBeCloseTo(0, 1);
    expect(dbfs(new Float32Array(100))).toBe(-127);
  });
});

describe("an ICE restart", () => {
  it("sends the new credentials alone", () => {
    const offer =
      "v=0\r\nm=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\n" +
      "a=ice-ufrag:new\r\na=ice-pwd:secret\r\na=fingerprint:sha-256 AA\r\n";
    expect(iceFragment(offer)).toBe(
      "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=mid:0\r\na=ice-ufrag:new\r\na=ice-pwd:secret\r\n",
    );
  });

  it("puts the server's credentials into the answer", () => {
    const answer = "v=0\r\na=ice-ufrag:old\r\na=ice-pwd:oldpwd\r\na=mid:0\r\n";
    expect(withIceCredentials(answer, "a=ice-ufrag:u2\r\na=ice-pwd:p2\r\n")).toBe(
      "v=0\r\na=ice-ufrag:u2\r\na=ice-pwd:p2\r\na=mid:0\r\n",
    );
    expect(withIceCredentials(answer, "")).toBe(answer);
  });
});
