import type { IncomingMessage, ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import { readBytes } from "../serve.ts";

const MAX_FORM_BYTES = 4096;

const PAGE = `<!doctype html>
<html lang="en">
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>Sign in to the sandbox</title>
  <style>
    body { max-width: 22rem; margin: 15vh auto; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; }
    label, input, button { display: block; width: 100%; box-sizing: border-box; margin-bottom: .75rem; font: inherit; }
    input, button { padding: .5rem; }
  </style>
  <h1>Sign in to the sandbox</h1>
  <p>A real OpenID provider on this machine. Any name and any password will do.</p>
  <form method="post">
    <label>Name <input name="login" required autofocus autocomplete="username"></label>
    <label>Password <input name="password" type="password" autocomplete="current-password"></label>
    <button type="submit">Sign in</button>
  </form>
</html>
`;

/** The provider's own page: where people say who they are. */
export async function interact(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method !== "POST") {
    response.setHeader("content-type", "text/html; charset=utf-8");
    response.end(PAGE);
    return;
  }
  const form = new URLSearchParams((await readBytes(request, MAX_FORM_BYTES))?.toString("utf8"));
  await provider.interactionFinished(request, response, {
    login: { accountId: form.get("login") || "nobody" },
  });
}
