import { useTranslation } from "react-i18next";
import { useTextTools } from "../live/hooks";
import { toast } from "../ui/toasts";
import type { Visibility } from "../wire/generated";
import { drafts } from "../live/text/drafts";
import { refused, uploads } from "./uploads";

/** Attaches files to the draft of a tab; what can't be attached is told by name. */
export function useAttach(thread: string, tab: Visibility): { add: (files: FileList) => void } {
  const { t } = useTranslation("chat");
  const { api } = useTextTools();
  const add = (files: FileList) => {
    for (const file of files) {
      const already = drafts.get(thread, tab).attachments.length + uploads.of(thread, tab).length;
      const why = refused(file, already);
      if (why) toast(t(`upload.${why}`, { name: file.name }), "refused");
      else uploads.start(api, thread, tab, file);
    }
  };
  return { add };
}
