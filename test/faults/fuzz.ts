import { parseArgs } from "node:util";
import { fuzz } from "./support/fuzz-run.ts";
import { takeOpened } from "./support/opened.ts";

/**
 * `npm run fuzz`: a million broken answers, or fewer when half an hour is over first.
 *
 * `-- --count N --seed S --socket-every K --minutes M`. A finding names its seed; `--seed S --count 1` brings it back.
 */
const { values } = parseArgs({
  options: {
    count: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000_000) },
    "socket-every": { type: "string", default: "200" },
    minutes: { type: "string", default: "30" },
  },
});
const options = {
  seed: Number(values.seed),
  count: Number(values.count),
  socketEvery: Number(values["socket-every"]),
  maxMs: Number(values.minutes) * 60_000,
};
const startedAt = performance.now();
const report = await fuzz(options);
await Promise.all(takeOpened().map(({ close }) => close()));
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
const codes = Object.entries(report.byCode).sort(([, a], [, b]) => b - a);
process.stdout.write(
  `${[
    `${report.tried} broken answers from seed ${options.seed}, ${report.overSockets} of them over sockets, in ${seconds} s`,
    `${report.attempts} attempts; ${report.lists} lists answered, ${report.empty} of them empty as the upstream said`,
    ...codes.map(([code, count]) => `  ${String(count).padStart(8)} ${code}`),
    `${report.findings.length} findings`,
    ...report.findings.slice(0, 20).map((finding) => `  ${finding.slice(0, 500)}`),
  ].join("\n")}\n`,
);
process.exitCode = report.findings.length === 0 && report.tried === options.count ? 0 : 1;
