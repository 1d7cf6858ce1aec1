/** A request as it is on the wire. */
export interface WireRequest {
  method?: string;
  /** As sent, encoded. */
  path: string;
  /** As sent, encoded, without the question mark. */
  query?: string;
  headers?: Record<string, string>;
  body?: string;
  isBase64Encoded?: boolean;
}

export const EVENT_SHAPES = ["v2", "v1", "v1-multi", "alb", "alb-multi", "function-url"] as const;
export type EventShape = (typeof EVENT_SHAPES)[number];

/** The event that AWS makes of a request, in each of the ways that it has. */
export function toEvent(request: WireRequest, shape: EventShape): Record<string, unknown> {
  const { method = "GET", path, query = "", headers = {}, body, isBase64Encoded = false } = request;
  const payload = { ...(body !== undefined && { body }), isBase64Encoded };
  const pairs = [...new URLSearchParams(`?${query}`)];
  const rawPairs = query
    .split("&")
    .filter((pair) => pair !== "")
    .map(split);
  switch (shape) {
    case "v2":
    case "function-url":
      return {
        version: "2.0",
        routeKey: "$default",
        rawPath: path,
        rawQueryString: query,
        headers: lowerCased(headers),
        requestContext: {
          http: { method, path },
          stage: "$default",
          requestId: "gateway-request-1",
          ...(shape === "function-url" && { domainName: "abc.lambda-url.eu-west-1.on.aws" }),
        },
        ...payload,
      };
    case "v1":
    case "v1-multi":
      return {
        resource: "/{proxy+}",
        path,
        httpMethod: method,
        ...(shape === "v1"
          ? { headers, queryStringParameters: orNull(Object.fromEntries(pairs)) }
          : {
              headers: null,
              multiValueHeaders: asLists(Object.entries(headers)),
              queryStringParameters: null,
            }),
        multiValueQueryStringParameters: orNull(asLists(pairs)),
        pathParameters: { proxy: path.slice(1) },
        requestContext: { stage: "prod", path: `/prod${path}`, requestId: "gateway-request-1" },
        ...payload,
      };
    case "alb":
      return {
        path,
        httpMethod: method,
        headers: lowerCased(headers),
        queryStringParameters: Object.fromEntries(rawPairs),
        requestContext: {
          elb: { targetGroupArn: "arn:aws:elasticloadbalancing:eu-west-1:000000000000:targetgroup/x/1" },
        },
        ...payload,
      };
    case "alb-multi":
      return {
        path,
        httpMethod: method,
        multiValueHeaders: asLists(Object.entries(lowerCased(headers))),
        multiValueQueryStringParameters: asLists(rawPairs),
        requestContext: {
          elb: { targetGroupArn: "arn:aws:elasticloadbalancing:eu-west-1:000000000000:targetgroup/x/1" },
        },
        ...payload,
      };
  }
}

function split(pair: string): [string, string] {
  const at = pair.indexOf("=");
  return at === -1 ? [pair, ""] : [pair.slice(0, at), pair.slice(at + 1)];
}

function lowerCased(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function asLists(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const byName = Map.groupBy(pairs, ([name]) => name);
  return Object.fromEntries(Array.from(byName, ([name, all]) => [name, all.map(([, value]) => value)]));
}

function orNull<T extends object>(value: T): T | null {
  return Object.keys(value).length === 0 ? null : value;
}
