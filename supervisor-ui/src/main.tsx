import { lazy, Suspense } from "react";
import { createRoot } from "react-dom/client";
import { Crash } from "./app/Crash";
import { applyTheme, storedTheme } from "./browser/theme";
import { initLanguage } from "./i18n";
import "./styles/fonts.css";
import "./styles/tokens.css";
import "./styles/base.css";

if (import.meta.env.DEV && new URLSearchParams(location.search).has("fixture")) {
  (await import("./dev/fakeServer")).installFakeServer();
}
applyTheme(storedTheme());
initLanguage();

// Programs apart: what those who call or write load holds nothing of what the staff see.
const Program = programOf(location.pathname.split("/")[1]);

function programOf(path: string | undefined) {
  switch (path) {
    case "call":
      return lazy(() => import("./features/call/CallPage").then((m) => ({ default: m.CallPage })));
    case "chat":
      return lazy(() => import("./features/chat/ChatPage").then((m) => ({ default: m.ChatPage })));
    default:
      return lazy(() => import("./app/App").then((m) => ({ default: m.Staff })));
  }
}

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <Crash>
    <Suspense>
      <Program />
    </Suspense>
  </Crash>,
);
