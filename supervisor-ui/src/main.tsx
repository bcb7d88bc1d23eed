import { lazy, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { Crash } from "./app/Crash";
import { applyTheme, storedTheme } from "./app/theme";
import { initLanguage } from "./i18n";
import "./styles/fonts.css";
import "./styles/tokens.css";
import "./styles/base.css";

if (import.meta.env.DEV && new URLSearchParams(location.search).has("fixture")) {
  (await import("./dev/fakeServer")).installFakeServer();
}
applyTheme(storedTheme());
initLanguage();

// Two programs: what callers load holds nothing of what the staff see.
const isCaller = location.pathname.split("/")[1] === "call";
const Program = isCaller
  ? lazy(() => import("./features/call/CallPage").then((m) => ({ default: m.CallPage })))
  : lazy(() => import("./app/Staff").then((m) => ({ default: m.Staff })));

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <Crash>
    <Suspense>
      <Program />
    </Suspense>
  </Crash>,
);
