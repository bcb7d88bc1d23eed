import { type FormEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { OwnAccountApi } from "../../api/ownAccount";
import { useSession } from "../../session/session";
import { Button } from "../../ui/Button";
import css from "./Settings.module.css";

const api = new OwnAccountApi();
const MIN = 8;
type Wrong = "short" | "differs";

/** Another password: the present one proves who asks. */
export function PasswordSection() {
  const { t } = useTranslation("settings");
  const { user } = useSession();
  const change = useChange();
  const [current, setCurrent] = useState("");
  const [wanted, setWanted] = useState("");
  const [again, setAgain] = useState("");
  const [wrong, setWrong] = useState<Wrong | null>(null);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = new TextEncoder().encode(wanted).length < MIN ? "short" : wanted !== again ? "differs" : null;
    setWrong(found);
    if (found === null) change.send(current, wanted);
  };
  return (
    <section className={css["section"]} aria-labelledby="settings-password">
      <h3 id="settings-password">{t("password.title")}</h3>
      <p className="muted">{t("password.about")}</p>
      <form className={css["form"]} onSubmit={submit}>
        <input className="vh" autoComplete="username" value={user.username} readOnly tabIndex={-1} aria-hidden="true" />
        <Password label={t("password.current")} kind="current-password" value={current} onChange={setCurrent} />
        <Password label={t("password.new")} kind="new-password" value={wanted} onChange={setWanted} />
        <Password label={t("password.again")} kind="new-password" value={again} onChange={setAgain} />
        <p className={css["refused"]} role="alert">
          {wrong ? t(`password.${wrong}`, { min: MIN }) : change.refused}
        </p>
        <Button type="submit" kind="primary" isDisabled={change.pending}>
          {t("password.change")}
        </Button>
      </form>
    </section>
  );
}

interface PasswordProps {
  label: string;
  kind: "current-password" | "new-password";
  value: string;
  onChange: (text: string) => void;
}

function Password({ label, kind, value, onChange }: PasswordProps) {
  const id = useId();
  return (
    <p className={css["field"]}>
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="password"
        autoComplete={kind}
        required
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </p>
  );
}

/** Every sign-in ends with the password, this page's too: it begins anew with the one that comes back. */
function useChange() {
  const { renew } = useSession();
  const [pending, setPending] = useState(false);
  const [refused, setRefused] = useState("");
  const send = (current: string, wanted: string) => {
    setPending(true);
    setRefused("");
    renew(() => api.changePassword({ current, new: wanted })).catch((error: Error) => {
      setPending(false);
      setRefused(error.message);
    });
  };
  return { pending, refused, send };
}
