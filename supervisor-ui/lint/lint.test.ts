import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LAYERS, refusal } from "./layers";

const HERE = process.cwd();

/** A project with our linter's settings and these files below `src`. */
let project: string;

beforeEach(() => {
  project = mkdtempSync(path.join(tmpdir(), "sotto-lint-"));
  cpSync(".oxlintrc.json", path.join(project, ".oxlintrc.json"));
  cpSync("lint/layers.js", path.join(project, "lint/layers.js"));
  cpSync("package.json", path.join(project, "package.json"));
  symlinkSync(path.join(HERE, "node_modules"), path.join(project, "node_modules"));
});

afterEach(() => rmSync(project, { recursive: true }));

function lint(files: Record<string, string>): { ok: boolean; said: string } {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(project, "src", name)), { recursive: true });
    writeFileSync(path.join(project, "src", name), text);
  }
  const linter = path.join(HERE, "node_modules/.bin/oxlint");
  const { status, stdout, stderr } = spawnSync(linter, ["--format=unix", "src"], { cwd: project, encoding: "utf8" });
  return { ok: status === 0, said: stdout + stderr };
}

describe("the linter", () => {
  it("takes imports that point down", () => {
    const files = {
      "browser/clock.ts": "export const now = () => 0;\n",
      "features/agent/a.ts": 'import { now } from "../../browser/clock";\n\nexport const a = now;\n',
    };
    expect(lint(files)).toMatchObject({ ok: true });
  });

  it("refuses one feature's import from another", () => {
    const { ok, said } = lint({
      "features/agent/a.ts": 'import { b } from "../supervisor/b";\n\nexport const a = b;\n',
      "features/supervisor/b.ts": "export const b = 1;\n",
    });
    expect(ok).toBe(false);
    expect(said).toContain("`features/agent` may not import from `features/supervisor`");
  });

  it("refuses a second table", () => {
    const table = "export const Rows = () => <table />;\n";
    const { ok, said } = lint({ "features/agent/Rows.tsx": table });
    expect(ok).toBe(false);
    expect(said).toContain("<table> is forbidden");
    rmSync(path.join(project, "src/features"), { recursive: true });
    expect(lint({ "ui/Table.tsx": table })).toMatchObject({ ok: true });
  });

  it("refuses an import that points up, whichever way it is written", () => {
    const { ok, said } = lint({
      "ui/a.ts": 'import type { B } from "../app/b";\n\nexport const a: B = 1;\n',
      "ui/c.ts": 'export { b } from "../app/b";\n',
      "ui/d.ts": 'export const d = () => import("../app/b");\n',
      "app/b.ts": "export type B = number;\nexport const b: B = 1;\n",
    });
    expect(ok).toBe(false);
    expect(said.match(/`ui` may not import from `app`/g)).toHaveLength(3);
  });

  it("refuses a circle of files in one folder", () => {
    const { ok, said } = lint({
      "ui/a.ts": 'import { b } from "./b";\n\nexport const a = () => b;\n',
      "ui/b.ts": 'import { a } from "./a";\n\nexport const b = () => a;\n',
    });
    expect(ok).toBe(false);
    expect(said).toContain("no-cycle");
  });

  it("refuses a folder that has no place", () => {
    const { ok, said } = lint({
      "attic/a.ts": 'import { b } from "../ui/b";\n\nexport const a = b;\n',
      "ui/b.ts": "export const b = 1;\n",
    });
    expect(ok).toBe(false);
    expect(said).toContain("`attic` has no place");
  });
});

describe("the layers", () => {
  it("are folders that exist", () => {
    for (const layer of LAYERS) expect(readdirSync(path.join("src", layer.replace("/*", "")))).not.toEqual([]);
  });

  it("keep what tests share out of what ships", () => {
    expect(refusal("ui/a.ts", "testing/wire")).toBe("only tests import from `testing`");
    expect(refusal("ui/a.test.ts", "testing/wire")).toBeNull();
  });
});
