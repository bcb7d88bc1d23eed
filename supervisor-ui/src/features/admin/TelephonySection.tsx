import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { TableRow } from "../../ui/Table";
import { exactDateTime } from "../../ui/time";
import type { TelephonyWay } from "../../wire/generated";
import { api } from "./data";
import { Rows, Section } from "./Section";
import "./telephonyWords";

/** How often the server is asked: it asks a trunk each half minute itself. */
const FRESH_MS = 5_000;

/** The trunks and lines, and how each is. They are configured in the server's file. */
export function TelephonySection() {
  const { t } = useTranslation("telephony");
  const { t: admin } = useTranslation("admin");
  const { data, error } = useQuery({
    queryKey: ["admin", "telephony"],
    queryFn: () => api.telephony(),
    refetchInterval: FRESH_MS,
  });
  return (
    <Section title={admin("telephony")} about={t("about")}>
      <Ways title={t("trunks")} ways={data?.trunks} error={error} />
      <Ways title={t("lines")} ways={data?.lines} error={error} />
    </Section>
  );
}

interface WaysProps {
  title: string;
  ways: readonly TelephonyWay[] | undefined;
  error: Error | null;
}

function Ways({ title, ways, error }: WaysProps) {
  const { t } = useTranslation("telephony");
  return (
    <>
      <h3>{title}</h3>
      <Rows
        label={title}
        columns={[t("name"), t("state"), t("since"), t("answered"), t("until")]}
        all={ways}
        shown={ways ?? []}
        max={Number.POSITIVE_INFINITY}
        error={error}
        empty={t("none")}
        row={(way) => <Way key={way.name} way={way} />}
      />
    </>
  );
}

function Way({ way }: { way: TelephonyWay }) {
  const { t } = useTranslation("telephony");
  const { name, state, status, since, answered_at, registered_until } = way;
  return (
    <TableRow>
      <th scope="row">{name}</th>
      <td>
        {t(`states.${state}`)}
        {status !== undefined && ` (${status === 408 ? t("silent") : status})`}
      </td>
      <td>{since === undefined ? "–" : exactDateTime(since)}</td>
      <td>{answered_at === undefined ? "–" : exactDateTime(answered_at)}</td>
      <td>{registered_until === undefined ? "–" : exactDateTime(registered_until)}</td>
    </TableRow>
  );
}
