import { addWords } from "../../i18n";
import { en } from "./words.en";
import { ja } from "./words.ja";

addWords("admin", en, ja);
