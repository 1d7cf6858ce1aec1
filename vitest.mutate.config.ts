import { defineConfig } from "vitest/config";

/** Only the fast tests of the files that `stryker.config.mjs` names, and with fewer runs of each property. */
export default defineConfig({
  test: {
    include: [
      "test/time/{instant,plain-utc,deadline}.test.ts",
      "test/contract/unbinding.test.ts",
      "test/observe/redact.test.ts",
      "test/net/server-clock.test.ts",
      "test/workspace/{sign,error-mapping,answer,json,truth,retry,throttle,execute,at-once}.test.ts",
      "test/secrets/{credentials,key-locks,sdk,get-secret-value}.test.ts",
    ],
    testTimeout: 30_000,
    // A mutant that a property catches at all is nearly always caught within a few hundred runs.
    env: { FUZZ_RUNS: "200" },
  },
});
