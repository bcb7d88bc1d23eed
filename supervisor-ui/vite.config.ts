import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import { loadEnv, type Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Every browser with WebRTC reads WOFF2: the older copies of the fonts stay out of the bundle. */
const woff2Only: Plugin = {
  name: "woff2-only",
  generateBundle(_, bundle) {
    for (const [name, file] of Object.entries(bundle)) {
      if (name.endsWith(".woff")) delete bundle[name];
      if (file.type !== "asset" || !name.endsWith(".css")) continue;
      file.source = file.source.toString().replace(/,\s*url\([^)]*\.woff\)\s*format\(["']?woff["']?\)/g, "");
    }
  },
};

/** What is worth compressing: text. Fonts and pictures are compressed already. */
const TEXT = /\.(?:html|js|css|svg|json|txt)$/;

/** Writes each text beside itself as the server sends it: Brotli and gzip, as small as they can be. */
const compressed: Plugin = {
  name: "compressed",
  apply: "build",
  writeBundle({ dir }) {
    if (dir === undefined) return;
    for (const entry of readdirSync(dir, { recursive: true, encoding: "utf8" })) {
      if (!TEXT.test(entry)) continue;
      const file = join(dir, entry);
      const plain = readFileSync(file);
      writeFileSync(`${file}.br`, brotliCompressSync(plain, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }));
      writeFileSync(`${file}.gz`, gzipSync(plain, { level: 9 }));
    }
  },
};

/** The widget's address stands in other sites' pages: it never changes. */
const WIDGET = "widget";

export const config = defineConfig(({ mode }) => {
  // Where the media server is while the pages come from Vite.
  const server = loadEnv(mode, ".", "SOTTO_")["SOTTO_SERVER"] ?? "http://127.0.0.1:8080";
  return {
    plugins: [woff2Only, react(), compressed],
    build: {
      target: "es2023",
      cssTarget: ["chrome123", "firefox120", "safari17.5"],
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 700,
      rolldownOptions: {
        input: { index: "index.html", [WIDGET]: "src/widget/widget.ts" },
        output: { entryFileNames: ({ name }) => (name === WIDGET ? `${WIDGET}.js` : "assets/[name]-[hash].js") },
      },
    },
    server: { proxy: { "/api": { target: server, ws: true } } },
    test: {
      environment: "jsdom",
      globals: true,
      setupFiles: ["src/test-setup.ts"],
      // A machine that compiles meanwhile types slowly.
      testTimeout: 30_000,
      css: false,
      include: ["{src,lint}/**/*.test.{ts,tsx}"],
    },
  };
});

// Vite reads the default export and nothing else.
export default config;
