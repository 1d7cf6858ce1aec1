import { CANARY } from "./canaries.ts";

/** A secret for one profile, whose endpoint the environment gives. */
export const SECRET = {
  access_key: CANARY.accessKey,
  secret_key: CANARY.secretKey,
  security_token: CANARY.securityToken,
  project_id: "0123456789abcdef0123456789abcdef",
};

export const NEW_SECRET = { ...SECRET, access_key: CANARY.newAccessKey, secret_key: CANARY.newSecretKey };
