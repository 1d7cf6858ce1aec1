/** How often a property is tried: 10,000 times in the test run, a million times by `npm run fuzz:judge`, less against a mutant. */
export const RUNS = Number(process.env["FUZZ_RUNS"] ?? 10_000);
