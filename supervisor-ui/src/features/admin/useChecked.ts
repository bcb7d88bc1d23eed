import { useState } from "react";
import { isFine, type Wrongs } from "./forms";

/** What is wrong with a form, shown from the first attempt to save it on. */
export function useChecked<F extends string>(wrongs: Wrongs<F>): { wrong: Wrongs<F>; isReady: () => boolean } {
  const [checked, setChecked] = useState(false);
  const isReady = () => {
    setChecked(true);
    return isFine(wrongs);
  };
  return { wrong: checked ? wrongs : {}, isReady };
}
