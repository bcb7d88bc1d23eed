import { Component, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../ui/Button";
import css from "./App.module.css";

/** A fault of this page becomes silence and a clear sentence: what is below is unmounted, its microphone closed. */
export class Crash extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Crashed /> : this.props.children;
  }
}

function Crashed() {
  const { t } = useTranslation();
  return (
    <main className={css["crashed"]} role="alert">
      <h1>{t("crashed.title")}</h1>
      <p>{t("crashed.body")}</p>
      <Button kind="primary" onPress={() => location.reload()}>
        {t("crashed.reload")}
      </Button>
    </main>
  );
}
