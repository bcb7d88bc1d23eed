import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { beforeAll, describe, expect, it, vi } from "vitest";

/** Words that would tell a caller what the staff can do. Case does not matter. */
const FORBIDDEN = [
  "supervis",
  "whisper",
  "barge",
  "coach",
  "monitor_live",
  "eavesdrop",
  "listen_soft",
  "listen-soft",
  "スーパーバイザー",
  "監督",
  "ささや",
  "モニター",
  "モニタリング",
  "助言",
  "コーチ",
  "傍受",
];
const BUILD_TIMEOUT_MS = 120_000;
const WIDGET_BYTES_MAX = 5000;

interface Loaded {
  name: string;
  text: string;
  modules: string[];
}

let output: Rolldown.RolldownOutput["output"];

beforeAll(async () => {
  // As it is shipped: Vitest's own environment would build for development.
  vi.stubEnv("NODE_ENV", "production");
  const result = await build({ mode: "production", build: { write: false, emptyOutDir: false }, logLevel: "silent" });
  output = (Array.isArray(result) ? (result[0] as Rolldown.RolldownOutput) : (result as Rolldown.RolldownOutput))
    .output;
}, BUILD_TIMEOUT_MS);

/** Everything that a browser fetches for a page: the entry, the page, and what they need. */
function loadedBy(module: string): Loaded[] {
  const chunks = new Map(output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file] as const] : [])));
  const assets = new Map(
    output.flatMap((file) => (file.type === "asset" ? [[file.fileName, String(file.source)] as const] : [])),
  );
  const entry = [...chunks.values()].find((chunk) => chunk.isEntry && chunk.name === "index");
  const page = [...chunks.values()].find((chunk) => chunk.facadeModuleId?.endsWith(module));
  if (!entry || !page) throw new Error(`the build has no entry or no ${module}`);
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
  return [
    ...[...names].map((name) => ({
      name,
      text: chunks.get(name)?.code ?? "",
      modules: chunks.get(name)?.moduleIds ?? [],
    })),
    ...[...styles].map((name) => ({ name, text: assets.get(name) ?? "", modules: [] })),
    { name: "index.html", text: assets.get("index.html") ?? "", modules: [] },
  ];
}

/** Kilobytes of JavaScript, compressed, without which these pages do not begin. */
function kilobytes(...modules: readonly string[]): number {
  const chunks = new Map(output.flatMap((file) => (file.type === "chunk" ? [[file.fileName, file] as const] : [])));
  const names = new Set<string>();
  const visit = (name: string) => {
    const chunk = chunks.get(name);
    if (!chunk || names.has(name)) return;
    names.add(name);
    chunk.imports.forEach(visit);
  };
  for (const chunk of chunks.values()) {
    const begins = chunk.isEntry && chunk.name === "index";
    if (begins || modules.some((module) => chunk.facadeModuleId?.endsWith(module))) visit(chunk.fileName);
  }
  const bytes = [...names].map((name) => gzipSync(chunks.get(name)?.code ?? "", { level: 9 }).length);
  return bytes.reduce((sum, one) => sum + one, 0) / 1000;
}

/** The widget is one file, whatever else there is. */
function widget(): Loaded[] {
  return output.flatMap((file) =>
    file.type === "chunk" && file.fileName === "widget.js"
      ? [{ name: file.fileName, text: file.code, modules: [...file.imports, ...file.dynamicImports] }]
      : [],
  );
}

describe.each([
  {
    what: "the page of calls",
    loads: () => loadedBy("/features/call/CallPage.tsx"),
    known: ["Call now", "電話をかける", "/guests", "--danger-fill", "<title>Sotto"],
  },
  {
    what: "the page of chats",
    loads: () => loadedBy("/features/chat/ChatPage.tsx"),
    known: [
      "Start chat",
      "チャットを始める",
      "has joined the conversation",
      "/guests",
      "--danger-fill",
      "<title>Sotto",
    ],
  },
  {
    what: "the widget",
    loads: widget,
    known: ["Chat with us", "チャットを閉じる", "/chat?", "prefers-reduced-motion"],
  },
])("what a customer’s browser loads for $what", ({ loads, known }) => {
  it("is all of it: the page, its words and its styles", () => {
    const all = loads()
      .map(({ text }) => text)
      .join("\n");
    for (const text of known) expect(all).toContain(text);
  });

  it("holds no word of supervision", () => {
    const found = loads().flatMap(({ name, text }) => {
      const lower = text.toLowerCase();
      return FORBIDDEN.filter((word) => lower.includes(word)).map(
        (word) => `${word} in ${name}: …${around(lower, word)}…`,
      );
    });
    expect(found).toEqual([]);
  });

  it("holds no module of the staff's pages", () => {
    const staff = [
      /\/src\/(features\/(?!call\/|chat\/)|chat\/|hearing|session\/session|api\/text|app\/(App|Staff)\.tsx)/,
      /\/src\/live\/(reduce|store|text\/(?!envelope|typing))/,
    ];
    expect(
      loads()
        .flatMap(({ modules }) => modules)
        .filter((id) => staff.some((module) => module.test(id))),
    ).toEqual([]);
  });
});

it.each([
  { page: "the dashboard", modules: ["/app/App.tsx", "/supervisor/SupervisorPage.tsx"], most: 220 },
  { page: "the agent's desk", modules: ["/app/App.tsx", "/agent/AgentPage.tsx"], most: 216 },
  { page: "the page of calls", modules: ["/call/CallPage.tsx"], most: 110 },
  { page: "the page of chats", modules: ["/chat/ChatPage.tsx"], most: 110 },
])("$page begins with at most $most kB of JavaScript", ({ modules, most }) => {
  expect(kilobytes(...modules)).toBeLessThan(most);
});

it("the widget is small, and stands by itself", () => {
  const [file] = widget();
  expect(new TextEncoder().encode(file?.text).length).toBeLessThan(WIDGET_BYTES_MAX);
  expect(file?.modules).toEqual([]);
  expect(file?.text).not.toMatch(/^\s*(import|export)\b/m);
  expect(file?.text.trim()).toMatch(/^\(\(\)\s*=>\s*\{/);
});

function around(text: string, word: string): string {
  const at = text.indexOf(word);
  return text.slice(Math.max(0, at - 40), at + word.length + 40);
}
