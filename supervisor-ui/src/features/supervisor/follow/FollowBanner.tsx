import { Ear } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Banner } from "../../../ui/Banner";
import { Button } from "../../../ui/Button";
import { useFollowed } from "./hooks";
import "../board/words";

/** Says on every page whom one follows: the next call is listened to without another click. */
export function FollowBanner() {
  const { t } = useTranslation("board");
  const [followed, follow] = useFollowed();
  if (followed === null) return null;
  return (
    <Banner
      icon={<Ear size={18} aria-hidden="true" />}
      actions={
        <Button size="small" onPress={() => follow(null)}>
          {t("unfollow")}
        </Button>
      }
    >
      {t("followed", { name: followed.name })}
    </Banner>
  );
}
