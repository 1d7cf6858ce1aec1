import { parseArgs } from "node:util";
import { examine } from "../src/doctor/doctor.ts";
import { doctorParts } from "../src/doctor/doctor-function.ts";
import type { DoctorReport, Finding } from "../src/doctor/report.ts";

/**
 * `npm run doctor`: examines the installation that this shell's environment describes.
 *
 * `--profile NAME`, `--desktop ID` (a desktop with unbindings, to see what times look like), `--json`.
 */
const { values } = parseArgs({
  options: { profile: { type: "string" }, desktop: { type: "string" }, json: { type: "boolean" } },
});

const SIGNS: Record<Finding["status"], string> = { ok: "✓", failed: "✗", skipped: "–" };

function describe(report: DoctorReport): string {
  const lines = report.findings.flatMap(({ check, status, detail, mend }) => [
    `${SIGNS[status]} ${check.padEnd(13)} ${detail}`,
    ...(mend ? [`  ${"".padEnd(13)} → ${mend}`] : []),
  ]);
  const {
    detach_time_shapes: shapes,
    unknown_desktop: unknown,
    throttling_headers: headers,
  } = report.observations;
  return [
    `workspace-unbindings ${report.version}, Node.js ${report.node}, profile ${report.profile ?? "–"}, ${report.endpoint ?? "no endpoint"}`,
    "",
    ...lines,
    ...(report.decoded_authorization_message
      ? ["", "The policy engine says (for operators only):", report.decoded_authorization_message]
      : []),
    "",
    "For a bug report (nothing in it is yours):",
    `  unknown desktop: ${unknown ?? "not seen"}`,
    `  detach_time: ${shapes.length > 0 ? shapes.join(", ") : "not seen (give --desktop ID)"}`,
    `  headers of a 429: ${headers ? headers.join(", ") : "not seen"}`,
    "",
    report.ok ? "All is well." : "Something must be mended: see the arrows above.",
  ].join("\n");
}

const report = await examine(
  process.env,
  { profile: values.profile ?? null, desktopId: values.desktop ?? null },
  doctorParts(process.env),
);
process.stdout.write(`${values.json ? JSON.stringify(report, null, 2) : describe(report)}\n`);
process.exitCode = report.ok ? 0 : 1;
