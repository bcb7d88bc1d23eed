import { build, type Rolldown } from "vite";
import { beforeAll, describe, expect, it, vi } from "vitest";

/** Words that would tell a caller what the staff can do. Case does not matter. */
const FORBIDDEN = [
  "supervis", "whisper", "barge", "coach", "monitor_live", "eavesdrop", "listen_soft", "listen-soft",
  "スーパーバイザー", "監督", "ささや", "モニター", "モニタリング", "助言", "コーチ", "傍受",
];
const BUILD_TIMEOUT_MS = 120_000;

let loaded: { name: string; text: string; modules: string[] }[] = [];

/** Everything that a browser fetches for the caller's page: the entry, the page, and what they need. */
beforeAll(async () => {
  // As it is shipped: Vitest's own environment would build for development.
  vi.stubEnv("NODE_ENV", "production");
  const result = await build({ mode: "production", build: { write: false, emptyOutDir: false }, logLevel: "silent" });
  const { output } = (Array.isArray(result) ? result[0] : result) as Rolldown.RolldownOutput;
  const chunks = new Map(output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file] as const] : [])));
  const assets = new Map(output.flatMap((file) => (file.type === "asset" ? [[file.fileName, String(file.source)] as const] : [])));
  const entry = [...chunks.values()].find((chunk) => chunk.isEntry && chunk.name === "index");
  const page = [...chunks.values()].find((chunk) => chunk.facadeModuleId?.endsWith("/features/call/CallPage.tsx"));
  if (!entry || !page) throw new Error("the build has no entry or no page for callers");
  const names = new Set<string>();
  const styles = new Set<string>();
  const visit = (name: string) => {
    const chunk = chunks.get(name);
    if (!chunk || names.has(name)) return;
    names.add(name);
    chunk.viteMetadata?.importedCss.forEach((style) => styles.add(style));
    chunk.imports.forEach(visit);
    if (name !== entry.fileName) chunk.dynamicImports.forEach(visit);
  };
  visit(entry.fileName);
  visit(page.fileName);
  loaded = [
    ...[...names].map((name) => ({ name, text: chunks.get(name)?.code ?? "", modules: chunks.get(name)?.moduleIds ?? [] })),
    ...[...styles].map((name) => ({ name, text: assets.get(name) ?? "", modules: [] })),
    { name: "index.html", text: assets.get("index.html") ?? "", modules: [] },
  ];
}, BUILD_TIMEOUT_MS);

describe("what the caller's browser loads", () => {
  it("is all of it: the page, its words and its styles", () => {
    const all = loaded.map(({ text }) => text).join("\n");
    for (const known of ["Call now", "電話をかける", "/guests", "--danger-fill", "<title>Sotto"]) expect(all).toContain(known);
  });

  it("holds no word of supervision", () => {
    const found = loaded.flatMap(({ name, text }) => {
      const lower = text.toLowerCase();
      return FORBIDDEN.filter((word) => lower.includes(word)).map((word) => `${word} in ${name}: …${around(lower, word)}…`);
    });
    expect(found).toEqual([]);
  });

  it("holds no module of the staff's pages", () => {
    const staff = /\/src\/(features\/(supervisor|agent|login)|hearing|session\/session|live\/(reduce|store)|app\/(App|Staff)\.tsx)/;
    expect(loaded.flatMap(({ modules }) => modules).filter((id) => staff.test(id))).toEqual([]);
  });
});

function around(text: string, word: string): string {
  const at = text.indexOf(word);
  return text.slice(Math.max(0, at - 40), at + word.length + 40);
}
