import { expect } from "vitest";
import {
  batchAnswerSchema,
  healthSchema,
  problemSchema,
  readinessSchema,
  resultSchema,
} from "../../src/contract/answers.ts";
import type { GatewayReply } from "../../src/http/finish.ts";

const ANSWERS = {
  "status,version": healthSchema,
  "clock,configuration,detail,secret,status": readinessSchema,
};

/**
 * Holds an answer to what the OpenAPI document says of it: every JSON answer of every test that asks by way of this is of
 * one of the documented shapes, not a key more or less.
 */
export function asDocumented(reply: GatewayReply): GatewayReply {
  const headers = reply.headers ?? {};
  const type = headers["content-type"] ?? reply.multiValueHeaders?.["content-type"]?.[0] ?? "";
  if (reply.body === "" || !/\bjson\b|\+json/.test(type)) return reply;
  const body: unknown = JSON.parse(reply.body);
  const schema = type.startsWith("application/problem+json") ? problemSchema : schemaOf(body as object);
  expect(schema.parse(body)).toEqual(body);
  return reply;
}

function schemaOf(body: object) {
  const keys = Object.keys(body).sort().join();
  if (keys in ANSWERS) return ANSWERS[keys as keyof typeof ANSWERS];
  return "results" in body ? batchAnswerSchema : resultSchema;
}
