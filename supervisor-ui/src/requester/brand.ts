import { session } from "../browser/storage";
import { createStore } from "../store/store";
import { useStore } from "../store/useStore";
import { Brand as BrandSchema } from "../wire/formSchemas";
import type { Brand } from "../wire/generated";
import { restored } from "../wire/schema";

const STORED = "sotto.brand";
const NONE: Brand = { name: "", accent: "", privacy_url: "", closed_message: "" };
/** Who it is that one calls or writes to: what the server said last, also before this load of the tab. */
const brand = createStore<Brand>(restored(BrandSchema, session.get(STORED)) ?? NONE);
wear(brand.get());

export function useBrand(): Brand {
  return useStore(brand);
}

export function showBrand(now: Brand): void {
  brand.set(now);
  session.set(STORED, JSON.stringify(now));
  wear(now);
}

/** The buttons with which one comes in have its colour; white is readable on it. */
function wear({ accent }: Brand): void {
  const { style } = document.documentElement;
  if (/^#[0-9a-f]{6}$/.test(accent)) style.setProperty("--ok-fill", accent);
  else style.removeProperty("--ok-fill");
}
