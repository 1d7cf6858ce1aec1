import { afterAll, beforeAll, expect, it } from "vitest";
import { createFleet, workspaceSecretOf } from "../../sandbox/fleet.ts";
import type { Serving } from "../../sandbox/serve.ts";
import { serveWorkspace } from "../../sandbox/workspace.ts";
import { examine } from "../../src/doctor/doctor.ts";
import { realNetwork } from "../../src/doctor/network.ts";
import { createTransport } from "../../src/net/transport.ts";
import { monotonicNow, wallNow } from "../../src/time/clocks.ts";

let workspace: Serving;
const fleet = createFleet(Date.now());
beforeAll(async () => {
  workspace = await serveWorkspace({ fleet });
});
afterAll(() => workspace.close());

it("finds the sandbox in good health, through real sockets and with real signatures", async () => {
  const report = await examine(
    { WORKSPACE_SECRET_ID: "sandbox", ACCESS_POLICY: '[{"chat":true}]' },
    { profile: null, desktopId: fleet[0]?.desktops[0]?.desktopId ?? null, saysHello: false },
    {
      fetchSecret: async () => workspaceSecretOf(fleet, workspace.url),
      send: createTransport({ now: monotonicNow }),
      network: realNetwork,
      now: monotonicNow,
      wallNow,
    },
  );
  expect(report.findings.filter(({ status }) => status !== "ok")).toEqual([]);
  expect(report.ok).toBe(true);
  expect(report.observations.detach_time_shapes).not.toEqual([]);
});
