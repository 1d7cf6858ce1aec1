import { fork } from "node:child_process";
import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { onClose } from "./opened.ts";

/**
 * An address where connecting neither succeeds nor fails: a listener that never accepts, its backlog full, so
 * that the kernel drops whatever knocks. It needs a process of its own, whose event loop stands still.
 */
export async function openBlackHole(): Promise<{ origin: string }> {
  const listener = fork(fileURLToPath(import.meta.url));
  const [port] = (await once(listener, "message")) as [number];
  const fillers: Socket[] = [];
  while (await isAccepted(port, fillers));
  onClose({
    unanswered: () => 0,
    close: async () => {
      for (const filler of fillers) filler.destroy();
      listener.kill("SIGKILL");
      await once(listener, "exit");
    },
  });
  return { origin: `http://127.0.0.1:${port}` };
}

async function isAccepted(port: number, fillers: Socket[]): Promise<boolean> {
  const filler = connect(port, "127.0.0.1").on("error", () => undefined);
  fillers.push(filler);
  return await Promise.race([
    once(filler, "connect").then(() => true),
    new Promise<false>((resolve) => setTimeout(() => resolve(false), 300)),
  ]);
}

function listenWithoutAccepting(): void {
  const server = createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
    process.send?.((server.address() as { port: number }).port, () => {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    });
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) listenWithoutAccepting();
