import { TriangleAlert } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Dialog, DialogTitle } from "../../ui/Dialog";
import { toast } from "../../ui/toasts";
import { isStale, useChange, useProblem, useReload } from "./data";
import { isFine, type Wrongs } from "./forms";
import css from "./EditDialog.module.css";
import section from "./Section.module.css";

export interface EditDialogProps {
  title: string;
  /** What is said when it is saved. */
  name: string;
  onClose: () => void;
  /** Somebody else was faster: shows what it is now. */
  onLoadAgain: () => void;
  /** Whether all fields are right; marks those that are not. */
  isReady: () => boolean;
  onSave: () => Promise<unknown>;
  /** Left out: it can't be deleted. */
  onDelete?: (() => Promise<unknown>) | undefined;
  children: ReactNode;
}

/** A form over the page. */
export function EditDialog({
  title,
  name,
  onClose,
  onLoadAgain,
  isReady,
  onSave,
  onDelete,
  children,
}: EditDialogProps) {
  const { t } = useTranslation("admin");
  const { t: common } = useTranslation();
  const problem = useProblem();
  const [marked, setMarked] = useState(false);
  const [asked, setAsked] = useState(false);
  const done = (word: "saved" | "deleted") => () => {
    toast(t(word, { name }));
    onClose();
  };
  const save = useChange(onSave, done("saved"));
  const remove = useChange(async () => onDelete?.(), done("deleted"));
  const error = remove.error ?? save.error;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const ready = isReady();
    setMarked(!ready);
    if (ready && !save.isPending) save.mutate(undefined);
  };
  return (
    <Dialog isOpen onClose={onClose}>
      <form className={css["form"]} onSubmit={submit} noValidate>
        <DialogTitle className={css["title"] ?? ""}>{title}</DialogTitle>
        {children}
        <div className={css["foot"]}>
          {(error || marked) && (
            <p className={css["refused"]} role="alert">
              <TriangleAlert size={16} aria-hidden="true" />
              <span>{error ? problem(error) : t("wrong.look")}</span>
              {isStale(error) && (
                <Button size="small" onPress={onLoadAgain}>
                  {t("loadAgain")}
                </Button>
              )}
            </p>
          )}
          <div className={css["actions"]}>
            {onDelete && !asked && (
              <Button kind="quiet" onPress={() => setAsked(true)}>
                {t("delete")}
              </Button>
            )}
            {onDelete && asked && (
              <span className={css["asked"]}>
                {t("reallyDelete", { name })}
                <Button
                  kind="danger"
                  size="small"
                  isDisabled={remove.isPending}
                  onPress={() => remove.mutate(undefined)}
                >
                  {t("delete")}
                </Button>
              </span>
            )}
            <span className={css["right"]}>
              <Button onPress={onClose}>{common("cancel")}</Button>
              <Button type="submit" kind="primary" isDisabled={save.isPending}>
                {t(save.isPending ? "saving" : "save")}
              </Button>
            </span>
          </div>
        </div>
      </form>
    </Dialog>
  );
}

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
    <div className={section["save"]}>
      <Button type="submit" kind="primary" isDisabled={isPending}>
        {t(isPending ? "saving" : "save")}
      </Button>
      {(error || incomplete) && (
        <span className={section["refused"]} role="alert">
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

/** What is wrong with a form, shown from the first attempt to save it on. */
export function useChecked<F extends string>(wrongs: Wrongs<F>): { wrong: Wrongs<F>; isReady: () => boolean } {
  const [checked, setChecked] = useState(false);
  const isReady = () => {
    setChecked(true);
    return isFine(wrongs);
  };
  return { wrong: checked ? wrongs : {}, isReady };
}
