import type { FetchHistory, FindDesktops } from "../lookup/ports.ts";
import { createSigningClocks, type SigningClocks } from "../net/server-clock.ts";
import { findByName } from "./desktops.ts";
import { createExecute, type Execute, type ExecuteParts } from "./execute.ts";
import { detachInfo, listDesktops } from "./operation.ts";

export type WorkspaceClientParts = Omit<ExecuteParts, "clocks">;

export interface WorkspaceClient {
  fetchHistory: FetchHistory;
  findDesktops: FindDesktops;
  /** For operations that only some functions need. */
  execute: Execute;
  clocks: SigningClocks;
}

/** The Huawei Cloud Workspace API, called with all the care that a caller should not have to take. */
export function createWorkspaceClient(parts: WorkspaceClientParts): WorkspaceClient {
  const clocks = createSigningClocks(parts.wallNow);
  const execute = createExecute({ ...parts, clocks });
  return {
    clocks,
    execute,
    async fetchHistory(profile, desktopId, call) {
      const { value: rows, bytes, requestId } = await execute(profile, detachInfo(desktopId), call);
      for (const { row, at } of rows) {
        if (at === null && row.detach_time !== null) call.trace.unreadableTimes += 1;
      }
      return { rows, bytes, upstreamRequestId: requestId };
    },
    findDesktops: (profile, name, call) =>
      findByName(name, async (spelling, offset) => {
        const { value: page } = await execute(profile, listDesktops(spelling, offset), call);
        return page;
      }),
  };
}
