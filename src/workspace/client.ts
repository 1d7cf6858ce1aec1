import type { FetchHistory, FindDesktops, ListFleet } from "../lookup/ports.ts";
import { createSigningClock, type SigningClock } from "../net/server-clock.ts";
import { findByName } from "./desktops.ts";
import { type AskParts, createAsk } from "./execute.ts";
import { listFleet } from "./fleet.ts";
import { detachInfo, listDesktops } from "./operation.ts";

export type WorkspaceClientParts = Omit<AskParts, "clock">;

export interface WorkspaceClient {
  fetchHistory: FetchHistory;
  findDesktops: FindDesktops;
  listFleet: ListFleet;
  clock: SigningClock;
}

/** The Huawei Cloud Workspace API, called with all the care that a caller should not have to take. */
export function createWorkspaceClient(parts: WorkspaceClientParts): WorkspaceClient {
  const clock = createSigningClock(parts.wallNow);
  const ask = createAsk({ ...parts, clock });
  return {
    clock,
    async fetchHistory(profileName, desktopId, call) {
      const { profile, value: rows, requestId } = await ask(profileName, detachInfo(desktopId), call);
      const unread = rows.filter(({ row, at }) => at === null && row.detach_time !== null);
      call.trace.unreadableTimes += unread.length;
      return { profile: profile.name, rows, upstreamRequestId: requestId };
    },
    findDesktops: (profileName, name, call) =>
      findByName(name, async (spelling, offset) => {
        const { value: page } = await ask(profileName, listDesktops(spelling, offset), call);
        return page;
      }),
    async listFleet(profileName, { offset, limit }, call) {
      const { value: page } = await ask(profileName, listFleet(offset, limit), call);
      return page;
    },
  };
}
