// Stands in for the runtime client's native part, which speaks HTTP in C++. By a bare socket, so that neither part of a
// cold start contains, nor prepares for the function, what `node:http` does at its first request.
const { connect } = require("node:net");

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const socket = connect({ host, port: Number(port), noDelay: true });
socket.setEncoding("latin1");

let received = "";
let onAnswer;

socket.on("data", (text) => {
  received += text;
  const head = received.indexOf("\r\n\r\n");
  if (head === -1) return;
  const headers = {};
  for (const line of received.slice(0, head).split("\r\n").slice(1)) {
    const colon = line.indexOf(":");
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  const end = head + 4 + Number(headers["content-length"] ?? 0);
  if (received.length < end) return;
  const bodyJson = Buffer.from(received.slice(head + 4, end), "latin1").toString();
  received = received.slice(end);
  onAnswer({ bodyJson, headers });
});

function exchange(method, path, body = "") {
  return new Promise((resolve) => {
    onAnswer = resolve;
    const length = Buffer.byteLength(body);
    socket.write(
      `${method} /2018-06-01/runtime/invocation/${path} HTTP/1.1\r\nhost: ${host}\r\ncontent-length: ${length}\r\n\r\n${body}`,
    );
  });
}

// The native client posts synchronously; here the next poll waits for the post instead, on the same connection.
let posted = Promise.resolve();

module.exports = {
  next: async () => {
    await posted;
    return await exchange("GET", "next");
  },
  done: (id, body) => {
    posted = exchange("POST", `${id}/response`, body);
  },
  error: (id, body) => {
    posted = exchange("POST", `${id}/error`, body);
  },
};
