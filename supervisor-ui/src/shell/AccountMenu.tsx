import { useTranslation } from "react-i18next";
import { Button, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useSession } from "../session/session";
import menu from "../ui/Menu.module.css";
import { initials } from "../ui/names";
import css from "./AccountMenu.module.css";

/** Who is signed in, and the way out. */
export function AccountMenu() {
  const { t } = useTranslation();
  const { user, signOut } = useSession();
  return (
    <MenuTrigger>
      <Button className={css["me"] ?? ""}>
        <span className="vh">{t("account")}: </span>
        <span className={css["avatar"]} aria-hidden="true">
          {initials(user.name)}
        </span>
        <span className={css["name"]}>{user.name}</span>
      </Button>
      <Popover placement="bottom end" className={menu["popover"] ?? ""}>
        <div className={menu["head"]}>
          <b>{user.name}</b>
          {user.username}
        </div>
        <Menu aria-label={t("account")} className={menu["menu"] ?? ""} onAction={() => signOut()}>
          <MenuItem id="out" className={menu["item"] ?? ""}>
            {t("signOut")}
          </MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
