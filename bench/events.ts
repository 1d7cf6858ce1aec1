/** The event that API Gateway makes of a request for one desktop (HTTP API, payload 2.0). */
export function eventFor(desktopId: string, limit?: number): object {
  const query = limit === undefined ? "" : `limit=${limit}`;
  return {
    ...event("GET", "/v1/desktops/{desktop_id}/unbindings", `/v1/desktops/${desktopId}/unbindings`, query),
    ...(limit !== undefined && { queryStringParameters: { limit: String(limit) } }),
    pathParameters: { desktop_id: desktopId },
  };
}

export function batchEvent(desktopIds: readonly string[]): object {
  return {
    ...event("POST", "/v1/unbindings/query", "/v1/unbindings/query", ""),
    body: JSON.stringify({ desktop_ids: desktopIds }),
  };
}

function event(method: string, route: string, path: string, rawQueryString: string): object {
  return {
    version: "2.0",
    routeKey: `${method} ${route}`,
    rawPath: path,
    rawQueryString,
    headers: {
      accept: "application/json",
      "accept-encoding": "gzip, deflate, br",
      "content-type": "application/json",
      host: "abcdefghij.execute-api.us-east-1.amazonaws.com",
      "user-agent": "bench",
      "x-amzn-trace-id": "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700",
      "x-forwarded-for": "192.0.2.1",
      "x-forwarded-port": "443",
      "x-forwarded-proto": "https",
    },
    requestContext: {
      accountId: "000000000000",
      apiId: "abcdefghij",
      domainName: "abcdefghij.execute-api.us-east-1.amazonaws.com",
      http: { method, path, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "bench" },
      requestId: "JKJaXmPLvHcESHA=",
      routeKey: `${method} ${route}`,
      stage: "$default",
      time: "24/Nov/2026:08:15:30 +0000",
      timeEpoch: 1_795_508_130_000,
    },
    isBase64Encoded: false,
  };
}
