import { type Fields, isObject } from "../contract/object.ts";

/** What an error body says, whichever of Huawei's shapes it has. */
export interface ErrorBody {
  code: string | null;
  requestId: string | null;
  readonly text: string;
  readonly encodedAuthorizationMessage: string | null;
}

const NOTHING: Fields = {};

/**
 * Reads an error out of a parsed body.
 *
 * Code and message stand at the top or inside `error`, under one of three pairs of names. A code may be a number.
 * What is no object (text, HTML, an array, nothing) says nothing.
 */
export function readErrorBody(body: unknown): ErrorBody {
  const outer = isObject(body) ? body : NOTHING;
  const inner = isObject(outer["error"]) ? outer["error"] : NOTHING;
  return {
    code: codeOf(outer) ?? codeOf(inner),
    requestId: asText(outer["request_id"]) ?? asText(inner["request_id"]),
    // Read when it is asked for: of a good answer nobody does.
    get text() {
      return textOf(outer) || textOf(inner);
    },
    get encodedAuthorizationMessage() {
      const name = "encoded_authorization_message";
      return asText(outer[name]) ?? asText(inner[name]);
    },
  };
}

function codeOf(fields: Fields): string | null {
  return asCode(fields["error_code"]) ?? asCode(fields["errorCode"]) ?? asCode(fields["code"]);
}

/** Stands for a code that is neither text nor number: an error all the same, but of no known kind. */
// Stryker disable next-line StringLiteral: any text will do that is no identifier
const NO_KNOWN_CODE = "?";

function asCode(value: unknown): string | null {
  if (value === undefined || value === null || value === "") return null;
  return asText(value) ?? NO_KNOWN_CODE;
}

function textOf(fields: Fields): string {
  const parts = ["error_msg", "errorMsg", "errorMessage", "message", "title", "error_detail", "details"];
  return parts.flatMap((name) => asText(fields[name]) ?? []).join("; ");
}

function asText(value: unknown): string | null {
  if (typeof value === "number") return String(value);
  return typeof value === "string" && value !== "" ? value : null;
}
