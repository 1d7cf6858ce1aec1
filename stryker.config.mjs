/**
 * Mutation testing of the files in which a silent fault would be a lie: each surviving mutant is killed or explained
 * in place. Run by `npm run mutate`, not in CI: it takes minutes.
 */
export default {
  testRunner: "vitest",
  // A mutant meets the tests that import its file, directly or not.
  vitest: { configFile: "vitest.mutate.config.ts", related: true },
  // TypeScript 7 has no API that Stryker could ask; there is nothing for it to rewrite either.
  tsconfigFile: "none.json",
  mutate: [
    "src/time/instant.ts",
    "src/time/plain-utc.ts",
    "src/contract/unbinding.ts",
    "src/time/deadline.ts",
    "src/observe/redact.ts",
    "src/net/server-clock.ts",
    "src/workspace/{sign,error-codes,error-body,answer,history,json,retry,throttle,execute}.ts",
    "src/secrets/{credentials,cached-secret,key-locks,get-secret-value,store-endpoint,store-fault}.ts",
  ],
  coverageAnalysis: "perTest",
  concurrency: 2,
  // What a mutant builds once when its file is loaded costs a run of all tests.
  ignoreStatic: false,
  timeoutMS: 20_000,
  reporters: ["clear-text", "progress-append-only", "json", "html"],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  thresholds: { high: 100, low: 97, break: 95 },
};
