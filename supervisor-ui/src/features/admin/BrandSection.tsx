import { type CSSProperties, type FormEvent, useState } from "react";
import { useTranslation } from "react-i18next";
import { toast } from "../../ui/toasts";
import type { Brand, BrandView } from "../../wire/generated";
import { SaveBar, useChecked } from "./EditDialog";
import { Failed, Section } from "./Section";
import { brandSave, brandWrongs } from "./brand";
import { api, useBrand, useChange } from "./data";
import { TextField } from "./fields";
import css from "./BrandSection.module.css";
import section from "./Section.module.css";

/** How the centre presents itself to who calls and writes. */
export function BrandSection() {
  const { t } = useTranslation("admin");
  const { t: common } = useTranslation();
  const brand = useBrand();
  return (
    <Section title={t("brand")} about={t("guestPages.about")}>
      {brand.error && !brand.data && <Failed error={brand.error} />}
      {brand.isPending && <p role="status">{common("loading")}</p>}
      {brand.data && <BrandForm key={brand.data.revision} view={brand.data} />}
    </Section>
  );
}

function BrandForm({ view }: { view: BrandView }) {
  const { t } = useTranslation("admin");
  const [draft, setDraft] = useState<Brand>(view.brand);
  const wrongs = brandWrongs(draft);
  const { wrong, isReady } = useChecked(wrongs);
  const save = useChange(
    () => api.saveBrand({ brand: brandSave(draft), revision: view.revision }),
    () => toast(t("saved", { name: t("brand") })),
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady()) save.mutate(undefined);
  };
  const field = (name: keyof Brand, lines?: number) => (
    <TextField
      key={name}
      label={t(`guestPages.${name}`)}
      hint={t(`guestPages.${name}Hint`)}
      {...(lines !== undefined && { lines })}
      value={draft[name]}
      onChange={(text) => setDraft({ ...draft, [name]: text })}
      wrong={wrong[name]}
    />
  );
  return (
    <form className={section["card"]} onSubmit={submit} noValidate>
      <div className={section["columns"]}>
        <div className={section["part"]}>
          {field("name")}
          {field("accent")}
          {field("privacy_url")}
          {field("closed_message", 2)}
        </div>
        <Preview brand={draft} isFine={wrongs.accent === undefined} />
      </div>
      <SaveBar isPending={save.isPending} error={save.error} incomplete={Object.keys(wrong).length > 0} />
    </form>
  );
}

/** The head of a guest's page, and its button. */
function Preview({ brand, isFine }: { brand: Brand; isFine: boolean }) {
  const { t } = useTranslation("admin");
  const accent = isFine && brand.accent.trim() !== "" ? brand.accent.trim() : null;
  return (
    <div className={section["part"]}>
      <h3>{t("guestPages.preview")}</h3>
      <div className={css["preview"]} style={(accent ? { "--accent": accent } : {}) as CSSProperties}>
        <span className={css["name"]}>{brand.name.trim() || "sotto"}</span>
        <span className={css["button"]}>{t("guestPages.button")}</span>
      </div>
    </div>
  );
}
