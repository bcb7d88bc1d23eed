import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import "../styles/modes.css";
import { Toasts } from "../ui/Toasts";
import { App } from "./App";

const queries = new QueryClient();

/** The pages of those who work here. */
export function Staff() {
  return (
    <QueryClientProvider client={queries}>
      <App />
      <Toasts />
    </QueryClientProvider>
  );
}
