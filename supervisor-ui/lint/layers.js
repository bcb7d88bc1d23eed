/**
 * Which folder of `src` may import from which: dependencies point down only, and features do not know each other.
 * Ours because oxlint has no rule for it, and the rules of other linters want a second linter and its resolver.
 */
import path from "node:path";

/** The layers, the lowest first. A folder imports from itself and from those above it in this list. */
export const LAYERS = [
  "styles",
  "wire",
  "store",
  "browser",
  "text",
  "i18n",
  "api",
  "media",
  "live/text",
  "live",
  "ui",
  "keys",
  "hearing",
  "requester",
  "session",
  "shell",
  "chat",
  "colleagues",
  "contacts",
  "widget",
  "features/agent/desk",
  "features/agent/text",
  "features/supervisor/model",
  "features/supervisor/supervision",
  "features/supervisor/dashboard",
  "features/supervisor/parts",
  "features/supervisor/table",
  "features/supervisor/help",
  "features/supervisor/signs",
  "features/supervisor/tiles",
  "features/supervisor/panel",
  "features/*",
  "app",
  "dev",
];

/** Tests' own: nothing that ships may import from it, and it stands below every test. */
const TESTING = "testing";
const FEATURE = /^features\/[^/]+/;
const TEST_FILE = /(\.test\.tsx?|test-setup\.ts)$/;

/** The layer of a path below `src`: its place in the list, and the feature if it is one. */
function layerOf(file) {
  const feature = FEATURE.exec(file)?.[0] ?? null;
  const folder = path.posix.dirname(file);
  if (folder === ".") return { rank: LAYERS.length, name: "src", feature: null };
  const named = LAYERS.filter((layer) => {
    const prefix = feature === null ? layer : layer.replace("features/*", feature);
    return `${folder}/`.startsWith(`${prefix}/`);
  }).toSorted((a, b) => b.length - a.length)[0];
  return named === undefined
    ? null
    : { rank: LAYERS.indexOf(named), name: named.replace("features/*", feature ?? ""), feature };
}

/** Why the file `from` may not import the file `to` (paths below `src`, with slashes); null: it may. */
export function refusal(from, to) {
  if (to.startsWith(`${TESTING}/`)) {
    return from.startsWith(`${TESTING}/`) || TEST_FILE.test(from) ? null : "only tests import from `testing`";
  }
  if (from.startsWith(`${TESTING}/`)) return to.startsWith("wire/") ? null : "`testing` imports from `wire` alone";
  const [below, above] = [layerOf(to), layerOf(from)];
  if (above === null) return `\`${path.posix.dirname(from)}\` has no place in lint/layers.js yet: give it one`;
  if (below === null) return `\`${path.posix.dirname(to)}\` has no place in lint/layers.js yet: give it one`;
  if (above.feature !== null && below.feature !== null && above.feature !== below.feature) {
    return `\`${above.feature}\` may not import from \`${below.feature}\`: features do not know each other`;
  }
  // A test may set up what lies above; it ships nothing.
  return below.rank <= above.rank || TEST_FILE.test(from)
    ? null
    : `\`${above.name}\` may not import from \`${below.name}\`, which lies above it`;
}

const ROOT = `${path.sep}src${path.sep}`;

const layers = {
  meta: { type: "problem", docs: { description: "imports point down only" }, schema: [] },
  create(context) {
    const file = context.physicalFilename ?? context.filename;
    const at = file.lastIndexOf(ROOT);
    if (at < 0) return {};
    const src = file.slice(0, at + ROOT.length);
    const below = (absolute) => absolute.slice(src.length).split(path.sep).join("/");
    const check = (node) => {
      const specifier = node?.value;
      if (typeof specifier !== "string" || !specifier.startsWith(".")) return;
      const target = path.resolve(path.dirname(file), specifier);
      if (!target.startsWith(src)) return;
      // `../i18n` is the folder itself: its index.
      const to = path.dirname(target) + path.sep === src ? `${below(target)}/index` : below(target);
      const why = refusal(below(file), to);
      if (why !== null) context.report({ node, message: why });
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
    };
  },
};

// A plugin is read by its default export.
export default { meta: { name: "sotto" }, rules: { layers } };
