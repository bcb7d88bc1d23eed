import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { OwnAccountApi } from "../../api/ownAccount";
import { Button } from "../../ui/Button";
import { Table, TableFrame, TableRow } from "../../ui/Table";
import { dateTime } from "../../ui/time";
import { toast } from "../../ui/toasts";
import type { SignInView } from "../../wire/generated";
import { programOf } from "./program";
import css from "./Settings.module.css";

const api = new OwnAccountApi();
const KEY = ["sign-ins"];
const FRESH_MS = 30_000;

/** Where one is signed in, and the way to end what is not one's own. */
export function SignInsSection() {
  const { t } = useTranslation("settings");
  const queries = useQueryClient();
  const { data, isError } = useQuery({ queryKey: KEY, queryFn: () => api.signIns(), refetchInterval: FRESH_MS });
  const end = (ended: Promise<void>, words: string) =>
    void ended
      .then(
        () => toast(words),
        (error: Error) => toast(error.message, "refused"),
      )
      .finally(() => queries.invalidateQueries({ queryKey: KEY }));
  const columns = ["program", "client", "since"] as const;
  const others = (data?.sign_ins ?? []).some(({ own }) => !own);
  return (
    <section className={css["section"]} aria-labelledby="settings-sign-ins">
      <h3 id="settings-sign-ins">{t("signIns.title")}</h3>
      {isError && <p role="alert">{t("signIns.failed")}</p>}
      {data && (
        <TableFrame look="list">
          <Table
            look="list"
            aria-labelledby="settings-sign-ins"
            columns={[
              ...columns.map((key) => ({ key, name: t(`signIns.${key}`) })),
              { key: "action", name: t("signIns.action"), hidden: true },
            ]}
          >
            {data.sign_ins.map((signIn) => (
              <Row key={signIn.id} signIn={signIn} onEnd={() => end(api.endSignIn(signIn.id), t("signIns.ended"))} />
            ))}
          </Table>
        </TableFrame>
      )}
      {others && (
        <p>
          <Button onPress={() => end(api.endOtherSignIns(), t("signIns.allEnded"))}>{t("signIns.endOthers")}</Button>
        </p>
      )}
    </section>
  );
}

function Row({ signIn, onEnd }: { signIn: SignInView; onEnd: () => void }) {
  const { t } = useTranslation("settings");
  const { name, system } = programOf(signIn.user_agent);
  const program = name === null ? t("signIns.unknown") : system ? t("signIns.on", { program: name, system }) : name;
  const since = dateTime(signIn.since);
  const about = [signIn.own && t("signIns.here"), signIn.connected && !signIn.own && t("signIns.connected")];
  return (
    <TableRow>
      <td title={signIn.user_agent}>
        {program}
        {about.some(Boolean) && <span className={css["about"]}>{about.filter(Boolean).join(" · ")}</span>}
      </td>
      <td>
        <bdi>{signIn.client}</bdi>
      </td>
      <td>{since}</td>
      <td className={css["action"]}>
        {!signIn.own && (
          <Button size="small" aria-label={t("signIns.endOf", { program, since })} onPress={onEnd}>
            {t("signIns.end")}
          </Button>
        )}
      </td>
    </TableRow>
  );
}
