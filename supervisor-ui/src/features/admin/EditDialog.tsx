import { TriangleAlert } from "lucide-react";
import { type FormEvent, type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Heading } from "react-aria-components";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { toast } from "../../ui/toasts";
import { useChange } from "./data";
import css from "./EditDialog.module.css";
import { isStale, useProblem } from "./problem";

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
        <Heading slot="title" className={css["title"] ?? ""}>
          {title}
        </Heading>
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
