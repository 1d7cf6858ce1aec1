import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Claims, createClaims, createMemoryClaims } from "../../src/chat/claims.ts";
import { createTenantTokens } from "../../src/chat/feishu-token.ts";

const RUNS = { numRuns: 300 };

describe("the claims on a message, whatever the interleaving", () => {
  const delivery = fc.record({ container: fc.nat({ max: 1 }), fails: fc.boolean() });
  const deliveries = fc.array(delivery, { minLength: 2, maxLength: 6 });

  it("let one do the work at a time, nobody again who has done it, and another when it was not done", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), deliveries, async (scheduler, delivered) => {
        const shared = createMemoryClaims(() => 0);
        const table: Claims = {
          take: (id) =>
            scheduler.schedule(Promise.resolve(), "the table is asked").then(() => shared.take(id)),
          release: (id) =>
            scheduler.schedule(Promise.resolve(), "the table lets go").then(() => shared.release(id)),
        };
        const containers = [0, 1].map(() =>
          createClaims(
            () => 0,
            table,
            () => undefined,
          ),
        );
        const claimsOf = (container: number) => containers[container] as Claims;
        let atWork = 0;
        let isDone = false;
        const receive = async ({ container, fails }: (typeof delivered)[number]) => {
          await scheduler.schedule(Promise.resolve(), `delivered to ${container}`);
          if (!(await claimsOf(container).take("m"))) return;
          expect([atWork, isDone]).toEqual([0, false]);
          atWork += 1;
          await scheduler.schedule(Promise.resolve(), "the work");
          atWork -= 1;
          if (fails) await claimsOf(container).release("m");
          else isDone = true;
        };
        await scheduler.waitFor(Promise.all(delivered.map(receive)));
        for (const container of [0, 1]) {
          const again = claimsOf(container).take("m");
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
        fc.array(fc.constantFrom("old", "new"), { minLength: 2, maxLength: 6 }),
        async (scheduler, secrets) => {
          const tokens = createTenantTokens();
          let asked = 0;
          let lastSecret = "";
          const post = async (_url: string, body: object) => {
            asked += 1;
            const token = `t${asked}`;
            lastSecret = (body as { app_secret: string }).app_secret;
            await scheduler.schedule(Promise.resolve(), `gives ${token}`);
            return {
              status: 200,
              body: JSON.stringify({ code: 0, tenant_access_token: token, expire: 7200 }),
            };
          };
          const get = (appSecret: string) =>
            tokens.get({ base: "https://feishu.invalid", appId: "cli_1", appSecret }, post, () => 0, {
              remaining: () => 8000,
            });
          const put = async (secret: string) => {
            await scheduler.schedule(Promise.resolve(), `wants with ${secret}`);
            await get(secret);
          };
          await scheduler.waitFor(Promise.all(secrets.map(put)));
          const before = asked;
          const kept = get(lastSecret);
          await scheduler.waitFor(kept);
          expect([await kept, asked]).toEqual([`t${before}`, before]);
        },
      ),
      RUNS,
    );
  });
});
