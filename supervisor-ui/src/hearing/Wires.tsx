import type { ReactNode } from "react";
import { classes } from "../ui/classes";
import css from "./Diagram.module.css";
import type { Columns } from "./columns";
import { isLit } from "./columns";
import type { Plan } from "./plan";
import { Node, type NodeProps, NODE_TOP } from "./parts";

export interface WireProps {
  lit: boolean;
  className: string | undefined;
  d: string;
  /** The arrow's head: a reference. */
  end: string;
  /** Sound of the user's own runs along it. */
  flows?: boolean;
}

export function Wire({ lit, className, d, end, flows = false }: WireProps) {
  if (!lit) return <path className={classes(css["wire"], css["unlit"])} d={d} />;
  return (
    <>
      <path className={classes(css["wire"], className)} d={d} markerEnd={end} />
      {flows && <path className={css["flow"]} d={d} />}
    </>
  );
}

/** The six ways between the three places, lit as the plan says. */
export function litWires(plan: Plan, { left, middle, right }: Columns) {
  return {
    leftToMiddle: isLit(plan, middle, left),
    middleToLeft: isLit(plan, left, middle),
    leftToRight: isLit(plan, right, left),
    rightToLeft: isLit(plan, left, right),
    middleToRight: isLit(plan, right, middle),
    rightToMiddle: isLit(plan, middle, right),
  };
}

/** Where the outer wires end above and below a place: it is higher with two boxes. */
export function endsOf(boxes: number): { above: number; below: number } {
  return boxes > 1 ? { above: NODE_TOP.upper - 3, below: 120 } : { above: 47, below: 112 };
}

export interface BoxesProps {
  x: number;
  boxes: readonly (Omit<NodeProps, "x" | "place"> & { id: string })[];
  /** What stands in the second box when there are more than two. */
  more: (others: readonly string[]) => Pick<NodeProps, "name" | "detail">;
}

/** The boxes of one place: one, or two above each other; the second one stands for all the others. */
export function Boxes({ x, boxes, more }: BoxesProps): ReactNode {
  const [first, second, ...others] = boxes;
  if (!first) return null;
  if (!second) return <Node {...first} x={x} place="whole" />;
  const rest = [second, ...others];
  const all = others.length === 0 ? second : { ...second, ...more(rest.map(({ name }) => name)) };
  return (
    <>
      <Node {...first} x={x} place="upper" />
      <Node {...all} speaking={rest.some(({ speaking }) => speaking)} x={x} place="lower" />
    </>
  );
}
