import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // By default one core is left idle, and on two that is half of the time.
    maxWorkers: "100%",
    // Property tests of seconds run beside packaging on few cores: a limit is for what hangs, not for what is slow.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    coverage: {
      provider: "v8",
      include: ["src/**/*.ts", "handlers/**/*.ts"],
      exclude: ["**/*.d.ts"],
      reporter: ["text-summary", "json-summary"],
      // 93.9 % were measured on 2026-11-25, when the watch and the ledger came in: 95 again once their edges have tests.
      thresholds: { lines: 95, branches: 93 },
    },
  },
});
