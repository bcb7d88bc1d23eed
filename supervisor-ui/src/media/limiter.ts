/**
 * Where several voices are summed, or one is raised, they may be louder than anything that can be played. Takes what is
 * to be played, passes it on unchanged up to −6 dBFS, and keeps what is louder below full scale. Later by 6 ms.
 *
 * It names nothing outside of itself: a test runs it in real browsers.
 */
export function limiter(context: BaseAudioContext, to: AudioNode): AudioNode {
  const [thresholdDb, ratio] = [-6, 20];
  const node = context.createDynamicsCompressor();
  [node.threshold.value, node.knee.value, node.ratio.value] = [thresholdDb, 0, ratio];
  [node.attack.value, node.release.value] = [0.003, 0.2];
  // A compressor makes everything louder by 0.6 of what it takes from full scale (Web Audio API 1.1, makeup gain).
  const madeUpDb = 0.6 * -thresholdDb * (1 - 1 / ratio);
  const trim = context.createGain();
  trim.gain.value = 10 ** (-madeUpDb / 20);
  node.connect(trim).connect(to);
  return node;
}
