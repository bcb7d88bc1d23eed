import { Speech } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { CallText } from "../../../chat/CallText";
import { capOf } from "../../../keys/keymap";
import { useKeySettings } from "../../../keys/settings";
import { useLive } from "../../../live/hooks";
import { Button } from "../../../ui/Button";
import { Kbd } from "../../../ui/Kbd";
import { toast } from "../../../ui/toasts";
import type { CallView } from "../../../wire/generated";
import { supervisorKeys } from "../keys";
import { BESIDE_FIELD, focusSoon } from "../text/focus";
import { useSupervisions, useTextSupervision } from "../supervision/hooks";
import css from "./Panel.module.css";

/** Private text beside the call: reading along with the voice; writing is a step of its own, for the agent sees it. */
export function Beside({ call, agent }: { call: CallView; agent: string }) {
  const { t } = useTranslation("supervisor");
  const { beside } = useSupervisions();
  const { held, pending, notice } = useTextSupervision("beside");
  const { map, enabled } = useKeySettings(supervisorKeys);
  const me = useLive((state) => state.me?.id) ?? "";
  const may = useLive((state) => state.me?.permissions.includes("whisper_live_calls") ?? false);
  useEffect(() => {
    if (notice?.kind === "refused") toast(notice.detail, "refused");
  }, [notice]);
  const begin = () => {
    beside.speak("whisper");
    focusSoon(BESIDE_FIELD);
  };
  return (
    <div className={css["beside"]}>
      <CallText call={call} me={me} {...(agent && { to: agent })} />
      {held?.mode === "listen" && may && (
        <Button
          size="small"
          onPress={begin}
          isDisabled={pending !== null}
          {...(enabled ? { "aria-keyshortcuts": map.private } : {})}
        >
          <Speech size={15} aria-hidden="true" />
          {t("beside.begin", { agent })}
          {enabled && <Kbd>{capOf(map.private)}</Kbd>}
        </Button>
      )}
    </div>
  );
}
