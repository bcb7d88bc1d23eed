import fc from "fast-check";
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
  const report = (sent: number, received: number, lost: number, played = {}) =>
    new Map<string, object>([
      ["o", { type: "outbound-rtp", packetsSent: sent }],
      ["i", { type: "inbound-rtp", packetsReceived: received, packetsLost: lost, jitter: 0.004, ...played }],
      ["p", { type: "candidate-pair", nominated: true, currentRoundTripTime: 0.02 }],
      ["q", { type: "candidate-pair", nominated: false, currentRoundTripTime: 9 }],
    ]);

  it("reads delay, jitter, loss and what was sent", () => {
    const quality = qualityBetween(readCounters(report(0, 100, 0)), readCounters(report(7, 198, 2)));
    expect(quality).toEqual({
      rttMs: 20,
      jitterMs: 4,
      lost: 0.02,
      concealed: 0,
      packetsSent: 7,
      packetsReceived: 198,
    });
  });

  it("says how good that is", () => {
    const good = { rttMs: 30, lost: 0.001, jitterMs: 3, concealed: 0, packetsSent: 0, packetsReceived: 9 };
    expect(qualityWord(good)).toBe("good");
    expect(qualityWord({ ...good, lost: 0.03 })).toBe("fair");
    expect(qualityWord({ ...good, rttMs: 500 })).toBe("poor");
    expect(qualityWord({ ...good, concealed: 0.03 })).toBe("fair");
    expect(qualityWord({ ...good, concealed: 0.06 })).toBe("poor");
  });

  it("is never good while more than 5 % of a track's sound is made up, whatever else is measured", () => {
    const track = fc.record({
      samples: fc.nat(480_000),
      share: fc.float({ min: 0, max: 1, noNaN: true }),
      silent: fc.nat(9),
    });
    const measured = fc.record({
      tracks: fc.array(fc.tuple(track, fc.nat(500)), { minLength: 1, maxLength: 4 }),
      rtt: fc.float({ min: 0, max: 1, noNaN: true }),
      sent: fc.nat(500),
    });
    const stats = (tracks: [{ samples: number; share: number; silent: number }, number][], rtt: number, sent: number) =>
      new Map<string, object>([
        ["o", { type: "outbound-rtp", packetsSent: sent }],
        ["p", { type: "candidate-pair", nominated: true, currentRoundTripTime: rtt }],
        ...tracks.map(([{ samples, share, silent }, packets], n): [string, object] => [
          `i${n}`,
          {
            type: "inbound-rtp",
            packetsReceived: packets,
            totalSamplesReceived: samples,
            // What was made up as silence is in it, and does not count.
            concealedSamples: Math.floor(samples * share) + silent,
            silentConcealedSamples: silent,
          },
        ]),
      ]);
    fc.assert(
      fc.property(measured, ({ tracks, rtt, sent }) => {
        const nothing = readCounters(new Map());
        const quality = qualityBetween(nothing, readCounters(stats(tracks, rtt, sent)));
        const worst = Math.max(
          ...tracks.map(([{ samples, share }, packets]) =>
            packets > 0 && samples > 0 ? Math.floor(samples * share) / samples : 0,
          ),
        );
        expect(quality.concealed).toBeCloseTo(worst, 6);
        expect(worst > 0.05 && qualityWord(quality) !== "poor").toBe(false);
      }),
    );
  });

  it("looks at the last seconds of each track, and at no track of which nothing comes", () => {
    const played = (received: number, samples: number, concealed: number) =>
      readCounters(
        report(0, received, 0, {
          totalSamplesReceived: samples,
          concealedSamples: concealed,
          silentConcealedSamples: 0,
        }),
      );
    const before = played(100, 96_000, 48_000);
    expect(qualityBetween(before, played(200, 192_000, 48_000)).concealed).toBe(0);
    expect(qualityBetween(before, played(200, 192_000, 57_600)).concealed).toBeCloseTo(0.1);
    expect(qualityBetween(before, played(100, 192_000, 144_000)).concealed).toBe(0);
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
