import type { StageParameters } from "./parameters.ts";

/**
 * Who may read the reference: whoever may call the API, or everybody. A browser that opens a page brings no token, so with the console
 * the reference is open as well.
 *
 * @returns A variable of the framework; `null` for a route that asks for nothing.
 */
export function docsAuthorizer(parameters: StageParameters): string | null {
  const isOpen = parameters["console"] === "on" || parameters["docsAuthorization"] === "none";
  return isOpen ? null : `\${file(deploy/authorization.yml):\${param:authorization}.route}`;
}
