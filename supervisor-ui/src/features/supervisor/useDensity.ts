import { useState } from "react";
import { local } from "../../browser/storage";
import type { Density } from "./FilterBar";

const STORED = "sotto.density";

/** How high the rows are; remembered in this browser. */
export function useDensity(): [Density, (density: Density) => void] {
  const [density, setDensity] = useState<Density>(() => (local.get(STORED) === "compact" ? "compact" : "comfortable"));
  return [
    density,
    (next) => {
      local.set(STORED, next);
      setDensity(next);
    },
  ];
}
