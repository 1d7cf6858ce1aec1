import { type ErrorCode, LookupError } from "../contract/errors.ts";
import type { TimedUnbinding } from "../contract/unbinding.ts";
import type { ReadValue } from "./answer.ts";
import { type DesktopPage, desktopsQuery, readDesktopPage } from "./desktops.ts";
import { readHistory } from "./history.ts";
import { detachInfoPath, listDesktopsPath } from "./paths.ts";
import type { Profile } from "./profile.ts";
import { canonicalQuery } from "./sign.ts";

/** One operation of the service. */
export interface Operation<T> {
  path: (profile: Profile) => string;
  /** Pairs before encoding. */
  query: readonly (readonly [string, string])[];
  /** How to read a good answer. */
  read: ReadValue<T>;
  /** What our user must be allowed. */
  permission: string;
  /** What it means that something was not found. */
  notFound: ErrorCode;
}

/** ListDesktopDetachInfo: all unbindings of one desktop. */
export function detachInfo(desktopId: string): Operation<TimedUnbinding[]> {
  return {
    path: ({ projectId }) => detachInfoPath(projectId, desktopId),
    query: [],
    read: readHistory,
    permission: "workspace:desktops:listDetachInfo",
    notFound: "DESKTOP_NOT_FOUND",
  };
}

/** ListDesktops: one page of the desktops whose name is like that. */
export function listDesktops(name: string, offset: number): Operation<DesktopPage> {
  const query = desktopsQuery(name, offset);
  return {
    path: ({ endpoint, projectId }) => listDesktopsPath(endpoint, projectId, canonicalQuery(query)),
    query,
    read: readDesktopPage,
    permission: "workspace:desktops:list",
    // A list that is not there is a wrong place to look, not an unknown desktop.
    notFound: "UPSTREAM_MISCONFIGURED",
  };
}

/** The error as it is to be told of this operation: which permission is lacking, what was not found. */
export function asToldOf({ permission, notFound }: Operation<unknown>, error: LookupError): LookupError {
  const { upstream } = error;
  if (error.code === "PERMISSION_DENIED") {
    const detail = `The operator must grant ${permission}.`;
    return new LookupError("PERMISSION_DENIED", { upstream, detail, permission });
  }
  const isToldOtherwise = error.code === "DESKTOP_NOT_FOUND" && notFound !== error.code;
  return isToldOtherwise ? new LookupError(notFound, { upstream }) : error;
}
