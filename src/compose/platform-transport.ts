import { MAX_ANSWER_BYTES, POST_LIMITS } from "../chat/post.ts";
import { createConnections } from "../net/connections.ts";
import { createTransport, type Transport } from "../net/transport.ts";

/** How messages reach the platforms where people read. */
export function createPlatformTransport(now: () => number): Transport {
  return createTransport({
    // Minutes pass between two messages, and a thawed container's sockets would be dead.
    connections: createConnections({ keepAlive: false }),
    limits: POST_LIMITS,
    maxBodyBytes: MAX_ANSWER_BYTES,
    now,
  });
}
