import { useMemo, useState } from "react";

/** Whether the pointer is over an element; `bind` goes onto it. */
export function useHover() {
  const [hovered, setHovered] = useState(false);
  const bind = useMemo(() => ({ onPointerEnter: () => setHovered(true), onPointerLeave: () => setHovered(false) }), []);
  return { hovered, bind };
}
