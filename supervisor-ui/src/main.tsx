import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
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

const root = document.getElementById("root");
if (!root) throw new Error("index.html has no #root");
createRoot(root).render(
  <Crash>
    <QueryClientProvider client={new QueryClient()}>
      <App />
    </QueryClientProvider>
  </Crash>,
);
