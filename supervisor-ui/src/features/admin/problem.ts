import { useTranslation } from "react-i18next";
import { ApiError } from "../../api/http";

/** A refusal in the page's language, where the page knows it; else in the server's words. */
export function useProblem(): (error: unknown) => string {
  const { t } = useTranslation("admin");
  return (error) => {
    if (!(error instanceof ApiError)) return error instanceof Error ? error.message : String(error);
    switch (error.kind) {
      case "unreachable":
        return t("wrong.unreachable");
      case "/problems/taken":
        return t("wrong.taken");
      case "/problems/stale-revision":
        return t("wrong.stale");
      case "/problems/in-use":
        return t("wrong.inUse");
      case "/problems/last-administrator":
        return t("wrong.lastAdministrator");
      default:
        return error.message;
    }
  };
}

export function isStale(error: unknown): boolean {
  return error instanceof ApiError && error.kind === "/problems/stale-revision";
}
