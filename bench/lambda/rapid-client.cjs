const { Agent, request } = require("node:http");

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

function exchange(method, path, body, headers) {
  return new Promise((resolve, reject) => {
    const options = {
      hostname,
      port,
      agent,
      method,
      headers,
      path: `/2018-06-01/runtime/invocation/${path}`,
    };
    const sent = request(options, (response) => {
      let bodyJson = "";
      response.setEncoding("utf8");
      response.on("data", (chunk) => {
        bodyJson += chunk;
      });
      response.on("end", () => resolve({ bodyJson, headers: response.headers }));
    });
    sent.on("error", reject);
    sent.end(body);
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
