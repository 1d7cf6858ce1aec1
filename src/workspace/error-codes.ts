/**
 * What Huawei's error codes mean for us: who can mend it, and whether the same question may be asked again.
 *
 * - `credentials`: our key; never tried again with the same key, since Huawei locks a key after 5 refusals.
 * - `permissions`, `configuration`: our operator's to mend.
 * - `throttling`: passes by itself, after a wait.
 * - `passing`: Huawei's fault, likely to pass.
 * - `lasting`: Huawei's fault or an account's state; asking again does not help.
 * - `not-found`: the desktop is unknown.
 * - `caller`: our request was refused; the text may say that something was not found.
 */
export type ErrorClass =
  | "credentials"
  | "permissions"
  | "configuration"
  | "throttling"
  | "passing"
  | "lasting"
  | "not-found"
  | "caller";

const CODES_BY_CLASS: Record<ErrorClass, readonly string[]> = {
  credentials: [
    "APIGW.0301",
    "APIGW.0303",
    "APIGW.0305",
    "APIGW.0307",
    "IAM.0001",
    "IAM.0061",
    "IAM.0062",
    "IAM.0063",
    "IAM.0066",
    "IAM.0067",
    "IAM.0080",
    "IAM.0081",
    "IAM.0082",
  ],
  permissions: [
    "APIGW.0302",
    "APIGW.0304",
    "APIGW.0306",
    "APIGW.0802",
    "IAM.0002",
    "IAM.0003",
    "IAM.0064",
    "IAM.0083",
  ],
  configuration: [
    // 404 with this code is a wrong endpoint, region or path, never an unknown desktop.
    "APIGW.0101",
    "APIGW.0310",
    "APIGW.0402",
    "APIGW.0602",
    "APIGW.0607",
    "APIGW.0801",
    "IAM.0004",
    "WKS.00010099",
    "WKS.00170117",
  ],
  throttling: ["APIGW.0308", "IAM.0012"],
  passing: [
    "APIGW.0601",
    "APIGW.0605",
    "APIGW.0606",
    "APIGW.0608",
    "APIGW.0610",
    "APIGW.0613",
    "APIGW.0705",
    "IAM.0006",
    "WKS.00010032",
    // 400 and yet temporary.
    "WKS.0407",
  ],
  lasting: [
    "APIGW.0103",
    "APIGW.0104",
    "APIGW.0105",
    "APIGW.0106",
    "APIGW.0311",
    "APIGW.0401",
    "APIGW.0404",
    "APIGW.0501",
    "APIGW.0502",
    "APIGW.0609",
    "APIGW.0611",
    "APIGW.0612",
    "IAM.0005",
    "WKS.00000003",
    "WKS.00010110",
  ],
  // The first two come with HTTP 500.
  "not-found": ["WKS.0202", "WKS.0915", "WKS.00170208"],
  caller: ["WKS.0001", "WKS.00170312", "WKS.00010109"],
};

const CLASS_BY_CODE = new Map<string, ErrorClass>();
for (const [errorClass, codes] of Object.entries(CODES_BY_CLASS)) {
  for (const code of codes) CLASS_BY_CODE.set(code, errorClass as ErrorClass);
}

// One code for several things: the status tells which.
const APIGW_0201_BY_STATUS: Record<number, ErrorClass> = {
  400: "configuration",
  413: "configuration",
  414: "caller",
  494: "configuration",
  502: "passing",
  504: "passing",
};

/** Codes of the two policy engines of IAM v5: a denial, whatever the number. */
const POLICY_DENIAL = /^P[AD]P5\./;
/** The gateway's codes, by its present and its former name. */
const GATEWAY_CODE = /^APIGW?\./;
const NOT_FOUND_TEXT = /\b(?:does not exist|do(?:es)?n't exist|not exist|not found|cannot be found)\b/i;
const THROTTLED_TEXT = /throttling threshold|over ratelimit/i;

export interface UpstreamError {
  status: number;
  code: string | null;
  text: string;
  /** Whether an `encoded_authorization_message` came along: only a policy denial brings one. */
  isPolicyDenial: boolean;
}

/** Classifies by exact code, then by code prefix and text, then by HTTP status. */
export function classify(error: UpstreamError): ErrorClass {
  // Stryker disable next-line StringLiteral: any text will do that no table and no pattern knows.
  const code = error.code ?? "";
  const byCode = classOfCode(code, error.status);
  if (byCode === "caller" && (error.status === 404 || NOT_FOUND_TEXT.test(error.text))) return "not-found";
  return byCode ?? classOfPrefixAndText(code, error) ?? classOfStatus(code, error.status);
}

function classOfCode(code: string, status: number): ErrorClass | undefined {
  return code === "APIGW.0201" ? APIGW_0201_BY_STATUS[status] : CLASS_BY_CODE.get(code);
}

function classOfPrefixAndText(
  code: string,
  { status, text, isPolicyDenial }: UpstreamError,
): ErrorClass | undefined {
  if (POLICY_DENIAL.test(code)) return "permissions";
  // A business error comes with 200; a 401 may carry the message too and is about the key all the same.
  if ((status === 403 || status === 200) && isPolicyDenial) return "permissions";
  if (THROTTLED_TEXT.test(text)) return "throttling";
  const isBusinessError = status === 200 || status === 400 || status === 500;
  if (code.startsWith("WKS.") && isBusinessError && NOT_FOUND_TEXT.test(text)) return "not-found";
  return undefined;
}

function classOfStatus(code: string, status: number): ErrorClass {
  if (status === 401) return "credentials";
  if (status === 403) return "permissions";
  if (status === 404) return GATEWAY_CODE.test(code) ? "configuration" : "not-found";
  if (status === 405) return "configuration";
  if (status === 429) return "throttling";
  return status >= 500 ? "passing" : "lasting";
}
