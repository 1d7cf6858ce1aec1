import type { Explanations } from "./explanation.ts";

const OPERATOR = "Nothing is wrong with what you typed. Give the request ID to the operator of this service.";
const WAIT = "Nothing is wrong with what you typed. Wait a moment and try again.";
const PASSING =
  "It usually passes by itself. If it lasts, the operator finds the cause under the request ID.";

export const EN: Explanations = {
  INVALID_REQUEST: {
    what: "This cannot be looked up.",
    todo: "Correct what is named below and try again.",
    means:
      "The name, the ID or a filter has a form that the service does not accept. Huawei Cloud was not asked.",
  },
  UNAUTHENTICATED: {
    what: "You are not signed in.",
    todo: "Sign in again; what you typed stays here.",
    means: "The service does not know who you are, so it did not look anything up.",
  },
  SESSION_EXPIRED: {
    what: "You are not signed in any more.",
    todo: "Sign in again; what you typed stays here.",
    means:
      "For safety a sign-in lasts for a limited time. If this comes back right after you signed in, this page and the service are set up for different tokens: tell the operator.",
  },
  FORBIDDEN: {
    what: "You may not ask for this.",
    todo: "Ask the operator of this service for access.",
    means:
      "You are signed in, but no rule lets you use this profile or this filter. The answer is the same whether the profile exists or not.",
  },
  NOT_ALLOWED: {
    what: "You were not let through to the service.",
    todo: "Ask the operator of this service for access.",
    means: "A gateway in front of the service refused the call, before the service saw it.",
  },
  NOT_FOUND: {
    what: "There is no such profile.",
    todo: "Check the profile in the filters.",
    means:
      "A profile is one Huawei Cloud project that this service knows. The operator gives profiles their names.",
  },
  DESKTOP_NOT_FOUND: {
    what: "Huawei Cloud knows no such desktop.",
    todo: "Check the spelling, and the profile if you have several.",
    means:
      "The desktop may have been deleted or renamed, or it belongs to another project or region. Deleted desktops have no record at Huawei Cloud any more.",
  },
  AMBIGUOUS_NAME: {
    what: "Several desktops have this name.",
    todo: "Choose one.",
    means:
      "Names are not unique at Huawei Cloud. Each of the desktops has an ID of its own and a record of its own.",
  },
  UPSTREAM_THROTTLED: {
    what: "Huawei Cloud limits how often this service may ask.",
    todo: WAIT,
    means:
      "All users of this service share one limit (200 calls a minute). Desktops that were still waiting were not asked about, so as not to prolong the pause.",
  },
  TOO_MANY_REQUESTS: {
    what: "Too many look-ups at the same moment.",
    todo: WAIT,
    means:
      "The gateway in front of this service lets only so many calls through in a second. Nothing was lost.",
  },
  SECRET_INVALID: {
    what: "This service is not set up correctly.",
    todo: OPERATOR,
    means:
      "The service's key for Huawei Cloud is stored in a form that it cannot read. The operator must correct it.",
  },
  CREDENTIALS_REFUSED: {
    what: "Huawei Cloud refuses this service's key.",
    todo: OPERATOR,
    means:
      "The key was deleted, deactivated or replaced at Huawei Cloud. The operator must store a valid one.",
  },
  PERMISSION_DENIED: {
    what: "This service may not read that at Huawei Cloud.",
    todo: OPERATOR,
    means:
      "Its user at Huawei Cloud lacks a permission. Finding a desktop by its name needs one more than looking it up by its ID, so the ID may still work.",
  },
  UPSTREAM_MISCONFIGURED: {
    what: "This service is set up for the wrong place.",
    todo: OPERATOR,
    means: "Its region, project or address at Huawei Cloud is wrong, or Workspace is not enabled there.",
  },
  UPSTREAM_REJECTED: {
    what: "Huawei Cloud rejected the question.",
    todo: OPERATOR,
    means: "Huawei Cloud gave a reason, which is in this service's log under the request ID.",
  },
  UPSTREAM_INVALID_RESPONSE: {
    what: "Huawei Cloud's answer could not be read.",
    todo: WAIT,
    means: `The answer was cut off or was not what Huawei Cloud documents. It was not taken for "nobody". ${PASSING}`,
  },
  SECRET_UNAVAILABLE: {
    what: "This service cannot get at its key.",
    todo: WAIT,
    means: `AWS did not hand out the stored key. ${PASSING}`,
  },
  UPSTREAM_UNAVAILABLE: {
    what: "Huawei Cloud has a fault at the moment.",
    todo: WAIT,
    means: `Huawei Cloud answered with a fault of its own. ${PASSING}`,
  },
  UPSTREAM_UNREACHABLE: {
    what: "Huawei Cloud cannot be reached.",
    todo: WAIT,
    means: `The connection between this service and Huawei Cloud failed. ${PASSING}`,
  },
  UPSTREAM_TIMEOUT: {
    what: "Huawei Cloud did not answer in time.",
    todo: WAIT,
    means: `This service waits a few seconds and then says so, rather than keep you waiting. ${PASSING}`,
  },
  DEADLINE_EXCEEDED: {
    what: "The look-up took too long.",
    todo: WAIT,
    means: `All attempts together had a few seconds, which were used up. ${PASSING}`,
  },
  SERVICE_UNAVAILABLE: {
    what: "This service did not answer.",
    todo: WAIT,
    means: `It is starting, busy or failed, and a gateway answered in its place. ${PASSING}`,
  },
  NO_CONNECTION: {
    what: "This page cannot reach its service.",
    todo: "Check your network and try again.",
    means: "The browser got no answer at all: no network, a VPN that is off, or a proxy in between.",
  },
  STOPPED: {
    what: "Not looked up.",
    todo: "You stopped before this one was answered.",
    means: "Nothing is known about this desktop from this look-up. In the table it is marked STOPPED.",
  },
  SIGN_IN_FAILED: {
    what: "Signing in did not work.",
    todo: "Try to sign in again. If it fails again, tell the operator the code below.",
    means:
      "The sign-in service refused, was cancelled, or answered something that this page did not ask for. Nobody was signed in.",
  },
  SIGN_IN_UNREACHABLE: {
    what: "The sign-in service cannot be reached.",
    todo: "Check your network and try again.",
    means: "This page could not load the description of the sign-in service, so it cannot send you there.",
  },
  OTHER: {
    what: "Something went wrong on our side.",
    todo: OPERATOR,
    means: "This should not happen. The operator finds what happened in the log under the request ID.",
  },
};
