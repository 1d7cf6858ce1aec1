/** An answer in the form that API Gateway, a function URL or an ALB takes. */
export interface GatewayReply {
  statusCode: number;
  statusDescription?: string;
  headers?: Record<string, string>;
  multiValueHeaders?: Record<string, string[]>;
  body: string;
  isBase64Encoded: boolean;
}
