/**
 * Mutation testing of everything in `src/` but texts: each surviving mutant is killed or explained in place. Run by
 * `npm run mutate`, not in CI: it takes hours. `npm run mutate -- --mutate 'src/cache/*.ts'` takes one room.
 */
export default {
  testRunner: "vitest",
  // A mutant meets the tests that import its file, directly or not.
  vitest: { configFile: "vitest.mutate.config.ts", related: true },
  // TypeScript 7 has no API that Stryker could ask; there is nothing for it to rewrite either.
  tsconfigFile: "none.json",
  mutate: [
    "src/**/*.ts",
    // Types and texts.
    "!src/**/*.d.ts",
    "!src/client/types.ts",
    "!src/contract/{answers,parameters}.ts",
    "!src/chat/texts/*.ts",
    // Words for people to read.
    "!src/doctor/*.ts",
  ],
  coverageAnalysis: "perTest",
  concurrency: 2,
  // Results of what has not changed since the last run are taken from it: rooms can be done one by one.
  incremental: true,
  // What a mutant builds once when its file is loaded costs a run of all tests.
  ignoreStatic: false,
  timeoutMS: 20_000,
  reporters: ["clear-text", "progress-append-only", "json", "html"],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  thresholds: { high: 100, low: 97, break: 95 },
};
