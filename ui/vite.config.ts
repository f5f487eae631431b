import { defineConfig } from "vite";

/** The API that `npm run dev` forwards to. */
const api = "http://127.0.0.1:4200";

// The code is written for React's API and runs on Preact: leaving these aliases out gives React, 57 kB heavier.
const react = [
  { find: /^react\/jsx-(dev-)?runtime$/, replacement: "preact/jsx-runtime" },
  { find: /^react-dom\/client$/, replacement: "preact/compat/client" },
  { find: /^react(-dom)?$/, replacement: "preact/compat" },
];

export default defineConfig({
  base: "./",
  resolve: { alias: react },
  build: { target: "es2022", modulePreload: { polyfill: false }, assetsInlineLimit: 0, reportCompressedSize: false },
  server: { proxy: { "/api": { target: api, ws: true } } },
});
