import { Check, TriangleAlert, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { IconButton } from "./Button";
import css from "./Toasts.module.css";
import { dismiss, useToasts } from "./toasts";

/** Where toasts show. It is always there, so that they are announced. */
export function Toasts() {
  const { t } = useTranslation();
  const toasts = useToasts();
  return (
    <div role="status" className={css["place"]}>
      <ul className={css["toasts"]}>
        {toasts.map(({ id, kind, text }) => (
          <li key={id} className={css["toast"]}>
            {kind === "done" ? <Check size={18} aria-hidden="true" /> : <TriangleAlert size={18} aria-hidden="true" />}
            <span>{text}</span>
            <IconButton aria-label={t("close")} onPress={() => dismiss(id)}>
              <X size={16} aria-hidden="true" />
            </IconButton>
          </li>
        ))}
      </ul>
    </div>
  );
}
