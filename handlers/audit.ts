import { createAuditFunction } from "../src/audit/audit-function.ts";
import { createAuditLog } from "../src/audit/aws/audit-log.ts";

export const handler = createAuditFunction(createAuditLog(process.env["AUDIT_LOG_GROUP"] ?? ""));
