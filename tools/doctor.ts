import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { LOCAL_CHAT_SECRET_ID } from "../sandbox/chat/setup.ts";
import { LOCAL_SECRET_ID } from "../sandbox/setup.ts";
import { asLookupError } from "../src/contract/errors.ts";
import { type DoctorParts, examine } from "../src/doctor/doctor.ts";
import { doctorParts } from "../src/doctor/doctor-function.ts";
import { type DoctorQuestion, readQuestion } from "../src/doctor/question.ts";
import type { DoctorReport, Finding } from "../src/doctor/report.ts";
import { unavailable } from "../src/secrets/outage.ts";

const USAGE = `npm run doctor -- [options]

Examines the installation that this shell's environment describes, as npm start reads it: WORKSPACE_SECRET_ID or
WORKSPACE_SECRET_FILE, CHAT_SECRET_ID or CHAT_SECRET_FILE, ACCESS_POLICY, of the watch LEDGER_TABLE, WATCH_SECRET_ID and
its other variables, AWS's own.

  --profile NAME  examine this profile instead of the default one
  --desktop ID    a desktop with unbindings, to see what times look like
  --say-hello     send a test message to every channel of the watch that people read
  --json          print the report as JSON
  --help          print this
`;

/** What is wanted; `null` for help. */
function readArguments(): { question: DoctorQuestion; asJson: boolean } | null {
  const { values } = parseArgs({
    options: {
      profile: { type: "string" },
      desktop: { type: "string" },
      "say-hello": { type: "boolean" },
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) return null;
  const question = { profile: values.profile, desktop_id: values.desktop, say_hello: values["say-hello"] };
  return { question: readQuestion(question), asJson: values.json ?? false };
}

/** Secrets out of files, in place of the store. */
function readingFiles(parts: DoctorParts, paths: ReadonlyMap<string, string>): DoctorParts {
  return {
    ...parts,
    source: "file",
    async fetchSecret(secretId) {
      const path = paths.get(secretId) ?? secretId;
      try {
        return await readFile(path, "utf8");
      } catch (error) {
        throw unavailable(`${path} cannot be read (${(error as NodeJS.ErrnoException).code})`, false);
      }
    },
  };
}

/** As `npm start` takes them: one store has both secrets, AWS or this machine. */
function setUpOf(env: NodeJS.ProcessEnv): { env: NodeJS.ProcessEnv; parts: DoctorParts } {
  const parts = doctorParts(env);
  const path = env["WORKSPACE_SECRET_FILE"];
  if (!path) return { env, parts };
  const chatPath = env["CHAT_SECRET_FILE"];
  const paths = new Map([
    [LOCAL_SECRET_ID, path],
    [LOCAL_CHAT_SECRET_ID, chatPath ?? ""],
  ]);
  const ids = { WORKSPACE_SECRET_ID: LOCAL_SECRET_ID, CHAT_SECRET_ID: chatPath && LOCAL_CHAT_SECRET_ID };
  return { env: { ...env, ...ids }, parts: readingFiles(parts, paths) };
}

const SIGNS: Record<Finding["status"], string> = { ok: "✓", warning: "!", failed: "✗", skipped: "–" };

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
    verdictOf(report),
  ].join("\n");
}

function verdictOf({ ok, findings }: DoctorReport): string {
  if (!ok) return "Something must be fixed: see the arrows above.";
  const warnings = findings.filter(({ status }) => status === "warning").length;
  return warnings === 0 ? "All is well." : `It works, with ${warnings} warning(s): see the arrows above.`;
}

async function run(): Promise<void> {
  const wanted = readArguments();
  if (!wanted) {
    process.stdout.write(USAGE);
    return;
  }
  const { question, asJson } = wanted;
  const { env, parts } = setUpOf(process.env);
  const report = await examine(env, question, parts);
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
