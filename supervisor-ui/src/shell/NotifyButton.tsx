import { Bell, BellOff, BellRing } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import css from "./NotifyButton.module.css";

/** Asks the browser only when the user wishes; says how it stands. */
export function NotifyButton() {
  const { t } = useTranslation("supervisor");
  const [permission, setPermission] = useState(() => ("Notification" in window ? Notification.permission : "denied"));
  if (permission === "default") {
    return (
      <Button onPress={() => void Notification.requestPermission().then(setPermission)}>
        <Bell size={16} aria-hidden="true" />
        {t("helpPage.notify")}
      </Button>
    );
  }
  const Icon = permission === "granted" ? BellRing : BellOff;
  return (
    <span className={css["notify"]}>
      <Icon size={15} aria-hidden="true" />
      {t(permission === "granted" ? "helpPage.notified" : "helpPage.blocked")}
    </span>
  );
}
