import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Api } from "../../api/client";
import { ApiError } from "../../api/http";
import { LanguageMenu } from "../../shell/Bar";
import { useTab } from "../../shell/useTab";
import { Button } from "../../ui/Button";
import type { LoginRequest, User } from "../../wire/generated";
import { Introduction } from "./Introduction";
import css from "./LoginPage.module.css";
import "./words";

export interface LoginPageProps {
  api: Api;
  onSignedIn: (user: User) => void;
}

export function LoginPage({ api, onSignedIn }: LoginPageProps) {
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
    login.mutate({ username, password });
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
            {login.error && t(problem(login.error))}
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
