import { defineConfig } from "vitest/config";

/** The tests of the rooms that `stryker.config.mjs` names, and with fewer runs of each property. */
export default defineConfig({
  test: {
    include: [
      "test/{access,audit,cache,chat,client,compose,config,contract,docs,http,invoke,lookup,mcp,net,observe,secrets,time,workspace}/**/*.test.ts",
    ],
    // Of what is built or very large: each of these takes seconds, and what they hold is held by smaller ones as well.
    exclude: ["test/chat/built.test.ts", "test/client/package.test.ts", "test/http/large.test.ts"],
    testTimeout: 30_000,
    // A mutant that a property catches at all is nearly always caught within a few hundred runs.
    env: { FUZZ_RUNS: "200" },
  },
});
