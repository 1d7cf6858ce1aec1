import { expect, it } from "vitest";
import { createClient } from "../../src/client/index.ts";

const answer = (body: object) => new Response(JSON.stringify(body), { status: 200 });

/** The client, with what it asked and the answers that it gets, in turn. */
function aClient(...answers: object[]) {
  const asked: string[] = [];
  const client = createClient({
    baseUrl: "https://api.example.com",
    fetch: async (url) => {
      asked.push(String(url).replace("https://api.example.com", ""));
      return answer(answers.shift() ?? {});
    },
  });
  return { client, asked };
}

it("asks by person, and who held a desktop, by ID or name", async () => {
  const { client, asked } = aClient({ count: 0 }, {}, {});
  expect(await client.lookupUser("alice & bob", { limit: 5, cursor: "c" })).toEqual({ count: 0 });
  await client.holders({ desktop_id: "d/1", at: "1h" });
  await client.holders({ desktop_name: "WIN-1", at: "1h" });
  expect(asked).toEqual([
    "/v1/unbindings?limit=5&cursor=c&user=alice+%26+bob",
    "/v1/desktops/d%2F1/holders?at=1h",
    "/v1/holders?desktop_name=WIN-1&at=1h",
  ]);
});

it("goes on with the changes from cursor to cursor, waits where nothing is new, and ends with the signal", async () => {
  const page = (cursor: string, ...changes: object[]) => ({ cursor, changes });
  const { client, asked } = aClient(page("1", { n: 1 }), page("1"), page("2", { n: 2 }), page("2"));
  const controller = new AbortController();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const { cursor } of client.changes({ waitSeconds: 0.01, signal: controller.signal })) {
      seen.push(cursor);
      if (cursor === "2") controller.abort(new Error("enough"));
    }
  })();
  await expect(reading).rejects.toThrow("enough");
  expect(seen).toEqual(["1", "2"]);
  expect(asked.slice(0, 3)).toEqual(["/v1/changes", "/v1/changes?cursor=1", "/v1/changes?cursor=1"]);
});
