import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Api } from "../../api/client";
import { ApiError } from "../../api/http";
import { Diagram } from "../../hearing/Diagram";
import { MODE_ICONS } from "../../hearing/modes";
import { preview } from "../../hearing/statement";
import { LanguageMenu } from "../../shell/Bar";
import { useTab } from "../../shell/useTab";
import { Button } from "../../ui/Button";
import { classes } from "../../ui/classes";
import type { CallView, LoginRequest, User } from "../../wire/generated";
import css from "./LoginPage.module.css";
import "./words";

export interface LoginPageProps {
  api: Api;
  /** Somebody was signed in here until just now, and did not sign out. */
  expired?: boolean;
  onSignedIn: (user: User) => void;
}

export function LoginPage({ api, expired = false, onSignedIn }: LoginPageProps) {
  const { t } = useTranslation("login");
  useTab("off", t("title"));
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const login = useMutation({
    mutationFn: (request: LoginRequest) => api.login(request),
    onSuccess: ({ user }) => onSignedIn(user),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    login.mutate({ username: username.trim(), password });
  };
  return (
    <div className={css["page"]}>
      <Introduction />
      <main className={css["right"]}>
        <div className={css["language"]}>
          <LanguageMenu worded />
        </div>
        <form className={css["form"]} onSubmit={submit}>
          <h1>{t("title")}</h1>
          <label>
            {t("username")}
            <input
              name="username"
              autoComplete="username"
              autoCapitalize="none"
              autoCorrect="off"
              spellCheck={false}
              required
              autoFocus
              value={username}
              onChange={(e) => setUsername(e.target.value)}
            />
          </label>
          <label>
            {t("password")}
            <input
              name="password"
              type="password"
              autoComplete="current-password"
              required
              value={password}
              onChange={(e) => setPassword(e.target.value)}
            />
          </label>
          <p className={css["problem"]} role="alert">
            {login.error ? t(problem(login.error)) : expired && t("expired")}
          </p>
          <Button type="submit" kind="primary" size="large" isDisabled={login.isPending}>
            {t(login.isPending ? "submitting" : "submit")}
          </Button>
          <p className="muted">{t("forgot")}</p>
        </form>
      </main>
    </div>
  );
}

function problem(error: Error): "wrong" | "tooMany" | "unreachable" {
  if (!(error instanceof ApiError)) return "unreachable";
  if (error.status === 429) return "tooMany";
  return error.status >= 400 && error.status < 500 ? "wrong" : "unreachable";
}

const party = { muted: false, lost: false, joined_at: 0 };
const EXAMPLE: CallView = {
  id: "",
  state: "active",
  caller: { name: "Marek" },
  held: false,
  placed_at: 0,
  legs: [
    { ...party, id: "caller", user: "", name: "Marek", role: "caller" },
    { ...party, id: "agent", user: "", name: "Ana", role: "agent" },
  ],
};
const EXAMPLE_SPEAKS = new Set([""]);

/** What the product does, in one picture and three lines. */
function Introduction() {
  const { t } = useTranslation("login");
  const { t: hearing } = useTranslation("hearing");
  return (
    <aside className={css["left"]} aria-label="Sotto">
      <div className={css["logo"]}>sotto</div>
      <div className={css["middle"]}>
        <p className={css["claim"]}>{t("claim")}</p>
        <div className={css["picture"]}>
          <Diagram said={preview(EXAMPLE, "whisper")} speaking={EXAMPLE_SPEAKS} />
        </div>
        <ul className={css["modes"]}>
          {(["listen", "whisper", "barge"] as const).map((mode) => {
            const Icon = MODE_ICONS[mode];
            return (
              <li key={mode}>
                <span className={classes(css["disc"], css[mode])}>
                  <Icon size={20} aria-hidden="true" />
                </span>
                <b>{hearing(`modes.${mode}`)}</b>
                <span>{t(mode)}</span>
              </li>
            );
          })}
        </ul>
      </div>
      <p className="muted">{t("server", { host: window.location.hostname })}</p>
    </aside>
  );
}
