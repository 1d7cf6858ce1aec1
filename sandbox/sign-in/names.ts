/** The client and the audience under which the sandbox's provider knows the console and the API. */
export const CLIENT_ID = "sandbox-console";
export const AUDIENCE = "workspace-unbindings";
export const SCOPE = "unbindings:read";
export const SCOPES = `openid profile ${SCOPE}`;
