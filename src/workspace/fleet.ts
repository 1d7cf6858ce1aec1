import { DESKTOP_ID } from "../contract/desktop-id.ts";
import { isObject } from "../contract/object.ts";
import type { FleetPage, ListedBinding, ListedDesktop, ListFleet } from "../lookup/ports.ts";
import { MalformedAnswer } from "./answer.ts";
import type { Execute } from "./execute.ts";
import type { Operation } from "./operation.ts";
import { listDesktopsPath } from "./paths.ts";
import { canonicalQuery } from "./sign.ts";

/** Lists a profile's desktops, page by page. */
export function createListFleet(execute: Execute): ListFleet {
  return async (profile, { offset, limit }, call) => {
    const { value: page } = await execute(profile, listFleet(offset, limit), call);
    return page;
  };
}

/** ListDesktops: one page of all desktops, with who is bound to each. */
function listFleet(offset: number, limit: number): Operation<FleetPage> {
  const query: [string, string][] = [
    ["limit", String(limit)],
    ["offset", String(offset)],
  ];
  return {
    path: ({ endpoint, projectId }) => listDesktopsPath(endpoint, projectId, canonicalQuery(query)),
    query,
    read: readFleetPage,
    permission: "workspace:desktops:list",
    // A list that is not there is a wrong place to look, not an unknown desktop.
    notFound: "UPSTREAM_MISCONFIGURED",
  };
}

/**
 * Reads a page of `{ total_count, desktops: [{ desktop_id, computer_name, attach_user_infos: […] }] }`.
 *
 * @throws MalformedAnswer for a page on which a desktop cannot be told from another.
 */
export function readFleetPage(body: Record<string, unknown>): FleetPage {
  const { total_count: totalCount, desktops } = body;
  const total = typeof totalCount === "number" && totalCount >= 0 ? totalCount : null;
  if ((desktops === undefined || desktops === null) && total === 0) return { desktops: [], total };
  if (!Array.isArray(desktops)) throw new MalformedAnswer("no list of desktops");
  return { desktops: desktops.map(toDesktop), total };
}

function toDesktop(desktop: unknown, index: number): ListedDesktop {
  if (!isObject(desktop)) throw new MalformedAnswer(`desktop ${index} is no object`);
  const { desktop_id: id, computer_name: name, attach_user_infos: infos } = desktop;
  if (typeof id !== "string" || !DESKTOP_ID.test(id))
    throw new MalformedAnswer(`desktop ${index} has no usable ID`);
  return { desktop_id: id, desktop_name: textOf(name), bindings: toBindings(infos) };
}

/** `null` where the list does not say who is bound, or not so that all of it can be read: that is not "nobody". */
function toBindings(infos: unknown): ListedBinding[] | null {
  if (!Array.isArray(infos)) return null;
  const bindings = infos.map(toBinding);
  return bindings.every((binding) => binding !== null) ? bindings : null;
}

function toBinding(info: unknown): ListedBinding | null {
  if (!isObject(info)) return null;
  const [id, name] = [textOf(info["user_id"]), textOf(info["user_name"])];
  if (!id && !name) return null;
  return { user_id: id, user_name: name, user_group: textOf(info["user_group"]), type: textOf(info["type"]) };
}

function textOf(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" ? value : null;
}
