/**
 * As much of curl as the README uses, so that its commands can be executed where there is no curl: the shell parses
 * them as it would for the real one. `API` says where `http://localhost:3000` is in truth.
 */
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { parseArgs } from "node:util";

const DOCUMENTED = "http://localhost:3000";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    silent: { type: "boolean", short: "s" },
    include: { type: "boolean", short: "i" },
    request: { type: "string", short: "X" },
    header: { type: "string", short: "H", multiple: true, default: [] },
    data: { type: "string", short: "d" },
  },
});
const [url = "", ...further] = positionals;
if (!url.startsWith(`${DOCUMENTED}/`) || further.length > 0) {
  throw new Error(`one URL at ${DOCUMENTED} is wanted, and quoted: ${positionals.join(" ")}`);
}

const method = values.request ?? (values.data === undefined ? "GET" : "POST");
// Not fetch, which would sort the answer's headers.
const sending = request(url.replace(DOCUMENTED, process.env["API"] ?? ""), { method });
for (const header of values.header) {
  const [name = "", ...rest] = header.split(":");
  sending.setHeader(name, rest.join(":").trim());
}
sending.end(values.data);
const [response] = (await once(sending, "response")) as [IncomingMessage];
if (values.include) {
  process.stdout.write(`HTTP/1.1 ${response.statusCode} ${response.statusMessage}\r\n`);
  const { rawHeaders } = response;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    process.stdout.write(`${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`);
  }
  process.stdout.write("\r\n");
}
for await (const chunk of response) process.stdout.write(chunk);
