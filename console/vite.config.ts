import { defineConfig } from "vite";

// Relative URLs throughout: the page works wherever it is put, at a root or below a path.
export default defineConfig({
  root: import.meta.dirname,
  base: "./",
  publicDir: false,
  build: {
    outDir: "../dist/console/page",
    emptyOutDir: true,
    // The page's Content-Security-Policy admits nothing inline.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
