import css from "./SignalBars.module.css";

/** Four bars, of which the first ones are full: how good a connection is. */
export function SignalBars({ full, size }: { full: number; size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
      {[0, 1, 2, 3].map((bar) => (
        <rect
          key={bar}
          className={bar < full ? css["bar"] : css["faint"]}
          x={1 + bar * 3.8}
          y={11 - bar * 3}
          width="2.6"
          height={4 + bar * 3}
          rx="1"
        />
      ))}
    </svg>
  );
}
