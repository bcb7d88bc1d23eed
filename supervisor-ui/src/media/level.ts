/** RMS level of samples in −1 … 1, in dBFS of a sine (0 … −127). */
export function dbfs(samples: Float32Array): number {
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  if (sum === 0) return -127;
  return Math.max(-127, 10 * Math.log10((2 * sum) / samples.length));
}
