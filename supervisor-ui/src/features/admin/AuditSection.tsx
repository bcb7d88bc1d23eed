import { exactDateTime } from "../../ui/time";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ArrowRight } from "lucide-react";
import { useDeferredValue, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { ChoiceField } from "../../ui/Filters";
import type { AuditEntry, AuditKind } from "../../wire/generated";
import css from "./AuditSection.module.css";
import { api } from "./data";
import { changesOf, valueText } from "./record";
import { Rows, Section } from "./Section";
import { TableRow } from "../../ui/Table";

const KINDS: readonly AuditKind[] = ["user", "team", "queue", "skill", "whisper_rule", "policies", "reply"];

/** Who changed what, when, from what to what. */
export function AuditSection() {
  const { t } = useTranslation("admin");
  const [search, setSearch] = useState("");
  const [kind, setKind] = useState<AuditKind | null>(null);
  const wanted = useDeferredValue(search.trim());
  const pages = useInfiniteQuery({
    queryKey: ["admin", "audit", kind, wanted],
    queryFn: ({ pageParam }) => api.audit({ kind, search: wanted }, pageParam),
    initialPageParam: null as number | null,
    getNextPageParam: (page) => page.next ?? null,
    placeholderData: (before) => before,
  });
  const entries = pages.data?.pages.flatMap((page) => page.entries);
  return (
    <Section
      title={t("audit")}
      search={{ text: search, placeholder: t("record.placeholder"), onChange: setSearch }}
      tools={
        <ChoiceField
          label={t("record.kind")}
          every={t("record.everything")}
          options={KINDS.map((id) => ({ id, name: t(`record.kinds.${id}`) }))}
          value={kind ?? ""}
          onChange={(one) => setKind(one || null)}
        />
      }
    >
      <Rows
        label={t("audit")}
        columns={[t("record.when"), t("record.who"), t("record.what"), t("record.changes")]}
        all={entries}
        shown={entries ?? []}
        max={Number.POSITIVE_INFINITY}
        error={pages.error}
        search={search}
        empty={t("record.empty")}
        row={(entry) => <Entry key={entry.position} entry={entry} />}
      />
      {pages.hasNextPage && (
        <Button
          className={css["more"]}
          isDisabled={pages.isFetchingNextPage}
          onPress={() => void pages.fetchNextPage()}
        >
          {t("record.more")}
        </Button>
      )}
    </Section>
  );
}

function Entry({ entry }: { entry: AuditEntry }) {
  const { t } = useTranslation("admin");
  const at = new Date(entry.at);
  return (
    <TableRow className={css["entry"]}>
      <td className={css["when"]}>
        <time dateTime={at.toISOString()}>{exactDateTime(entry.at)}</time>
      </td>
      <td>{entry.actor.name}</td>
      <td>
        <b>{entry.subject || t(`record.kinds.${entry.kind}`)}</b>
        <span className={css["sort"]}>
          {entry.subject && `${t(`record.kinds.${entry.kind}`)} · `}
          {t(`record.action.${entry.action}`)}
        </span>
      </td>
      <td>
        <Changes entry={entry} />
      </td>
    </TableRow>
  );
}

function Changes({ entry }: { entry: AuditEntry }) {
  const { t, i18n } = useTranslation("admin");
  const words = { yes: t("yes"), no: t("no"), nothing: t("record.nothing") };
  const known = (key: string) => (i18n.exists(key, { ns: "admin" }) ? t(key as "yes") : null);
  const text = (field: string, value: unknown) => {
    const named = (one: string) =>
      (field === "role"
        ? known(`roles.${one}`)
        : field === "permissions"
          ? known(`permission.${one}`)
          : field === "delivery"
            ? known(`queue.${one}Short`)
            : null) ?? one;
    return field === "password" ? t("record.newPassword") : valueText(value, words, named);
  };
  return (
    <ul className={css["changes"]}>
      {changesOf(entry).map(({ field, before, after }) => (
        <li key={field}>
          <span className={css["field"]}>{known(`field.${field}`) ?? known(`policy.${field}`) ?? field}</span>
          <span>
            {entry.action === "changed" && field !== "password" && (
              <>
                <span className="vh">{t("record.from")} </span>
                <del>{text(field, before)}</del>
                <ArrowRight size={12} aria-hidden="true" />
                <span className="vh">{t("record.to")} </span>
              </>
            )}
            {entry.action === "deleted" ? <del>{text(field, before)}</del> : <ins>{text(field, after)}</ins>}
          </span>
        </li>
      ))}
    </ul>
  );
}
