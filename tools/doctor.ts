import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { LOCAL_SECRET_ID } from "../sandbox/setup.ts";
import { asLookupError } from "../src/contract/errors.ts";
import { type DoctorParts, examine } from "../src/doctor/doctor.ts";
import { doctorParts } from "../src/doctor/doctor-function.ts";
import { type DoctorQuestion, readQuestion } from "../src/doctor/question.ts";
import type { DoctorReport, Finding } from "../src/doctor/report.ts";
import { unavailable } from "../src/secrets/outage.ts";

/**
 * `npm run doctor`: examines the installation that this shell's environment describes, as `npm start` reads it.
 *
 * `--profile NAME`, `--desktop ID` (a desktop with unbindings, to see what times look like), `--json`.
 */
function readArguments(): { question: DoctorQuestion; asJson: boolean } {
  const { values } = parseArgs({
    options: { profile: { type: "string" }, desktop: { type: "string" }, json: { type: "boolean" } },
  });
  const question = { profile: values.profile, desktop_id: values.desktop };
  return { question: readQuestion(question), asJson: values.json ?? false };
}

/** The secret out of a file, in place of the store. */
function readingFile(parts: DoctorParts, path: string): DoctorParts {
  return {
    ...parts,
    fetchSecret: () =>
      readFile(path, "utf8").catch((error) => {
        throw unavailable(`${path} cannot be read (${error.code})`, false);
      }),
  };
}

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

async function run(): Promise<void> {
  const { question, asJson } = readArguments();
  const path = process.env["WORKSPACE_SECRET_FILE"];
  const parts = doctorParts(process.env);
  const report = await (path
    ? examine({ ...process.env, WORKSPACE_SECRET_ID: LOCAL_SECRET_ID }, question, readingFile(parts, path))
    : examine(process.env, question, parts));
  process.stdout.write(`${asJson ? JSON.stringify(report, null, 2) : describe(report)}\n`);
  process.exitCode = report.ok ? 0 : 1;
}

await run().catch((error: Error) => {
  // What cannot be read of the arguments; the examination itself reports instead of throwing.
  const { errors } = asLookupError(error);
  const faults = errors?.map(({ field, message }) => `${field} ${message}`).join("; ");
  process.stderr.write(`npm run doctor: ${faults ?? error.message}\n`);
  process.exitCode = 1;
});
