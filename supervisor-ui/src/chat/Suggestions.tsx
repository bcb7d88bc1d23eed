import { useTranslation } from "react-i18next";
import css from "./Composer.module.css";
import type { Option } from "./useField";

export interface SuggestionsProps {
  listId: string;
  label: string;
  options: readonly Option[];
  active: number;
  choose: (option: Option) => void;
}

/** What can be put in at the caret. The focus stays in the field, which points at the chosen row. */
export function Suggestions({ listId, label, options, active, choose }: SuggestionsProps) {
  const { t } = useTranslation("chat");
  return (
    <div className={css["list"]}>
      <ul id={listId} role="listbox" aria-label={label}>
        {options.map((option, index) => (
          <li
            key={option.id}
            id={`${listId}-${index}`}
            role="option"
            aria-selected={index === active}
            className={css["option"]}
            // The field must not lose the focus to the click.
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(option)}
            ref={(row) => {
              if (index === active) row?.scrollIntoView?.({ block: "nearest" });
            }}
          >
            <span>{option.title}</span>
            {option.about && <small>{option.about}</small>}
          </li>
        ))}
      </ul>
      {options.length === 0 && (
        <p className={css["nothing"]} role="status">
          {t("list.none")}
        </p>
      )}
    </div>
  );
}
