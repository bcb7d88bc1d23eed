import { useTranslation } from "react-i18next";
import { usePath } from "../../../browser/address";
import { Views } from "../../../ui/Views";
import { AgentBoard } from "./AgentBoard";
import { QueueBoard } from "./QueueBoard";
import { Wallboard } from "./Wallboard";
import css from "./Board.module.css";
import "./words";

const BASE = "/supervisor/board";
const VIEWS = ["agents", "queues", "wall"] as const;
type View = (typeof VIEWS)[number];

/** Agents, queues, and both from afar. Without bar and rail. */
export function BoardPage() {
  const { t } = useTranslation("board");
  const path = usePath();
  const open = VIEWS.find((view) => path === pathOf(view)) ?? "agents";
  return (
    <div className={css["page"]}>
      <Views
        label={t("views")}
        views={VIEWS.map((view) => ({ name: t(`view.${view}`), href: pathOf(view) }))}
        open={pathOf(open)}
      />
      {open === "agents" && <AgentBoard />}
      {open === "queues" && <QueueBoard />}
      {open === "wall" && <Wallboard />}
    </div>
  );
}

function pathOf(view: View): string {
  return view === "agents" ? BASE : `${BASE}/${view}`;
}
