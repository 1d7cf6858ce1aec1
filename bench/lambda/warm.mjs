// One container: imports a bundle, and runs it as often as it is told, reporting what that cost.
const { handler } = await import(process.env.BENCH_BUNDLE);
const context = { awsRequestId: "bench-request", getRemainingTimeInMillis: () => 30_000 };

process.on("message", async ({ events, concurrency }) => {
  const cpu = process.cpuUsage();
  const startedAt = performance.now();
  let next = 0;
  let bytes = 0;
  let failures = 0;
  async function work() {
    while (next < events.length) {
      // As the runtime client does: an event is there when its turn comes, and garbage afterwards.
      const event = JSON.parse(events[next++]);
      const { statusCode, body } = await handler(event, context);
      bytes += body.length;
      if (statusCode !== 200) failures += 1;
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work));
  const { user, system } = process.cpuUsage(cpu);
  process.send({
    calls: events.length,
    cpuUs: user + system,
    wallMs: performance.now() - startedAt,
    peakKb: process.resourceUsage().maxRSS,
    bytes,
    failures,
  });
});
process.on("disconnect", () => process.exit());
process.send("ready");
