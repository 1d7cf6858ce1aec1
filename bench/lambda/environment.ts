/** What Lambda puts into every function's environment, as far as anybody here reads it. */
export function lambdaEnvironment(sessionToken: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "MADEUP",
    AWS_SECRET_ACCESS_KEY: "made-up",
    AWS_SESSION_TOKEN: sessionToken,
    AWS_LAMBDA_FUNCTION_NAME: "bench",
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "1024",
    AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
    AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/bench",
    AWS_LAMBDA_LOG_STREAM_NAME: "bench",
    AWS_EXECUTION_ENV: "AWS_Lambda_nodejs24.x",
  };
}
