import { TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { useReload } from "./data";
import { isStale, useProblem } from "./problem";
import css from "./Section.module.css";

/** The end of a form within the page. */
export function SaveBar({
  isPending,
  error,
  incomplete = false,
}: {
  isPending: boolean;
  error: Error | null;
  incomplete?: boolean;
}) {
  const { t } = useTranslation("admin");
  const problem = useProblem();
  const reload = useReload();
  return (
    <div className={css["save"]}>
      <Button type="submit" kind="primary" isDisabled={isPending}>
        {t(isPending ? "saving" : "save")}
      </Button>
      {(error || incomplete) && (
        <span className={css["refused"]} role="alert">
          <TriangleAlert size={16} aria-hidden="true" />
          {error ? problem(error) : t("wrong.look")}
          {isStale(error) && (
            <Button size="small" onPress={() => void reload()}>
              {t("loadAgain")}
            </Button>
          )}
        </span>
      )}
    </div>
  );
}
