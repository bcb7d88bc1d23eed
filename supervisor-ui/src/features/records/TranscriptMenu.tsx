import { Download } from "lucide-react";
import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import menu from "../../ui/Menu.module.css";
import { saveFile } from "../../ui/save";
import { toast } from "../../ui/toasts";
import { useTranscripts } from "./hooks";

const KINDS = ["external", "internal"] as const;
const FORMATS = ["text", "json"] as const;

/** Fetches one of the two transcripts, as text or JSON. */
export function TranscriptMenu({ id }: { id: string }) {
  const { t } = useTranslation("records");
  const transcripts = useTranscripts();
  const fetchOne = (kind: (typeof KINDS)[number], format: (typeof FORMATS)[number]) => {
    const name = `transcript-${kind}-${id}.${format === "text" ? "txt" : "json"}`;
    transcripts.mutate(
      { id, kind, format },
      {
        onSuccess: (content) => saveFile(name, content),
        onError: ({ message }) => toast(t("noTranscript", { detail: message }), "refused"),
      },
    );
  };
  return (
    <MenuTrigger>
      <Button size="small">
        <Download size={15} aria-hidden="true" />
        {t("transcript")}
      </Button>
      <Popover placement="bottom end" className={menu["popover"] ?? ""}>
        <Menu aria-label={t("transcript")} className={menu["menu"] ?? ""}>
          {KINDS.flatMap((kind) =>
            FORMATS.map((format) => (
              <MenuItem key={kind + format} className={menu["item"] ?? ""} onAction={() => fetchOne(kind, format)}>
                {t(`transcripts.${kind}${format}`)}
              </MenuItem>
            )),
          )}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
