import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Claims, createClaims, createMemoryClaims } from "../../src/chat/claims.ts";
import { createTenantTokens } from "../../src/chat/platforms/feishu-token.ts";
import type { Post } from "../../src/chat/post.ts";

const RUNS = { numRuns: 300 };

describe("the claims on a message, whatever the interleaving", () => {
  const delivery = fc.record({ container: fc.nat({ max: 1 }), fails: fc.boolean() });
  const deliveries = fc.array(delivery, { minLength: 2, maxLength: 6 });

  it("let one do the work at a time, nobody again who has done it, and another when it was not done", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), deliveries, async (scheduler, delivered) => {
        const shared = createMemoryClaims(() => 0);
        const table: Claims = {
          claim: (id) =>
            scheduler.schedule(Promise.resolve(), "the table is asked").then(() => shared.claim(id)),
          release: (id) =>
            scheduler.schedule(Promise.resolve(), "the table lets go").then(() => shared.release(id)),
        };
        const containers = [0, 1].map(() => createClaims({ now: () => 0, table, warn: () => undefined }));
        const claimsOf = (container: number) => containers[container] as Claims;
        let atWork = 0;
        let isDone = false;
        const receive = async ({ container, fails }: (typeof delivered)[number]) => {
          await scheduler.schedule(Promise.resolve(), `delivered to ${container}`);
          if (!(await claimsOf(container).claim("m"))) return;
          expect([atWork, isDone]).toEqual([0, false]);
          atWork += 1;
          await scheduler.schedule(Promise.resolve(), "the work");
          atWork -= 1;
          if (fails) await claimsOf(container).release("m");
          else isDone = true;
        };
        await scheduler.waitFor(Promise.all(delivered.map(receive)));
        for (const container of [0, 1]) {
          const again = claimsOf(container).claim("m");
          await scheduler.waitFor(again);
          expect(await again).toBe(!isDone);
          if (await again) await scheduler.waitFor(claimsOf(container).release("m"));
        }
      }),
      RUNS,
    );
  });
});

describe("an app's token, whatever the interleaving", () => {
  it("is the one that was asked for last", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        // Who has no time left goes away, and the request that was made for them goes on.
        fc.array(fc.boolean(), { minLength: 2, maxLength: 6 }),
        async (scheduler, patience) => {
          let asked = 0;
          const post: Post = async () => {
            asked += 1;
            const token = `t${asked}`;
            await scheduler.schedule(Promise.resolve(), `gives ${token}`);
            return {
              kind: "sent",
              body: JSON.stringify({ code: 0, tenant_access_token: token, expire: 7200 }),
            };
          };
          const app = { base: "https://feishu.invalid", appId: "cli_1", appSecret: "made-up" };
          const tokens = createTenantTokens(app, { post, now: () => 0 }, () => ({ kind: "sent", body: "" }));
          const want = async (isPatient: boolean) => {
            await scheduler.schedule(Promise.resolve(), "wants one");
            await tokens.get({ remaining: () => (isPatient ? 8000 : 0) });
          };
          const wanted = Promise.all(patience.map(want));
          while (scheduler.count() > 0) {
            await scheduler.waitOne();
            // Time-outs of those without patience.
            await new Promise((resolve) => setTimeout(resolve, 0));
          }
          await wanted;
          const before = asked;
          expect([await tokens.get({ remaining: () => 8000 }), asked]).toEqual([`t${before}`, before]);
        },
      ),
      RUNS,
    );
  });
});
