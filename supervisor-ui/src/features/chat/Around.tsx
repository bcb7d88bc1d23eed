import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useBrand } from "../../requester/brand";
import { createStore } from "../../store/store";
import { useStore } from "../../store/useStore";
import { GuestFrame } from "../../ui/GuestFrame";
import type { Embed } from "./embed";
import css from "./ChatPage.module.css";
import "./words";

/** Nobody opens or closes a page that stands alone. */
export const ALONE = createStore(true);

/** The whole page, or all of the frame. */
export function Around({
  embed,
  title,
  bar,
  children,
}: {
  embed: Embed | null;
  title: string;
  bar?: ReactNode;
  children: ReactNode;
}) {
  const { t } = useTranslation("chat");
  const brand = useBrand();
  // Heard from the beginning, not only once there is a conversation.
  useStore(embed?.opened ?? ALONE);
  if (!embed)
    return (
      <div className={css["alone"]}>
        <GuestFrame title={title} brand={brand}>
          {children}
        </GuestFrame>
      </div>
    );
  return (
    <main className={css["embedded"]} aria-label={t("page")}>
      {bar && <div className={css["bar"]}>{bar}</div>}
      {children}
    </main>
  );
}
