import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createFleet, workspaceSecretOf } from "../../sandbox/fleet.ts";
import type { Serving } from "../../sandbox/serve.ts";
import { serveWorkspace } from "../../sandbox/workspace.ts";

let folder: string;
let workspace: Serving;
let fromFile: Record<string, string>;
const fleet = createFleet(Date.now());

beforeAll(async () => {
  workspace = await serveWorkspace({ fleet });
  folder = await mkdtemp(join(tmpdir(), "doctor-"));
  await writeFile(join(folder, "secret.json"), workspaceSecretOf(fleet, workspace.url));
  fromFile = { WORKSPACE_SECRET_FILE: join(folder, "secret.json"), ACCESS_POLICY: '[{"chat":true}]' };
});
afterAll(async () => {
  await workspace.close();
  await rm(folder, { recursive: true });
});

/** What `npm run doctor` starts, with nothing in its environment but this. */
async function runDoctor(env: Record<string, string>, ...words: string[]) {
  const child = spawn(process.execPath, ["tools/doctor.ts", ...words], { env });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const [code] = await once(child, "close");
  return { code, said };
}

describe("npm run doctor", () => {
  it("examines with a secret out of a file, as npm start runs with it", async () => {
    const { code, said } = await runDoctor(fromFile);
    expect(said).toContain("All is well.");
    expect(said).toContain("secret source: file");
    expect(code).toBe(0);
  });

  it("tells of a warning, and succeeds", async () => {
    const { code, said } = await runDoctor({ ...fromFile, ACCESS_POLICY: "" });
    expect(said).toMatch(/! access .*\n +→ Say who may ask/);
    expect(said).toContain("It works, with 1 warning(s)");
    expect(code).toBe(0);
  });

  it("reads the chat secret out of a file, too", async () => {
    const path = join(folder, "chat.json");
    await writeFile(path, JSON.stringify({ watch: { url: "https://x.logic.azure.com/made-up" } }));
    const { said } = await runDoctor({ ...fromFile, CHAT_SECRET_FILE: path });
    expect(said).toContain("no longer served: watch.url");
  });

  it.each(["--help", "-h"])("shows its options with %s, and examines nothing", async (option) => {
    const { code, said } = await runDoctor({}, option);
    for (const each of ["--profile NAME", "--desktop ID", "--json", "--help"]) expect(said).toContain(each);
    expect(said).not.toMatch(/[✓✗]/);
    expect(code).toBe(0);
  });

  it("says what to do about a file that is not there", async () => {
    const { code, said } = await runDoctor({ WORKSPACE_SECRET_FILE: join(folder, "nowhere.json") });
    expect(said).toMatch(/✗ secret .*nowhere\.json cannot be read \(ENOENT\)\n +→ Check the path/);
    expect(code).toBe(1);
  });

  it.each([
    [["--desktop", "a/b"], "npm run doctor: desktop_id is no desktop ID\n"],
    [["--profile", ""], "npm run doctor: profile is empty\n"],
    [["--dektop", "d1"], /^npm run doctor: Unknown option '--dektop'.*\n$/],
  ])("says in one line what is wrong with %j", async (words, line) => {
    const { code, said } = await runDoctor({}, ...words);
    expect(said).toEqual(typeof line === "string" ? line : expect.stringMatching(line));
    expect(code).toBe(1);
  });
});
