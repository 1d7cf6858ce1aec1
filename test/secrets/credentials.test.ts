import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LookupError } from "../../src/contract/errors.ts";
import { createCredentials } from "../../src/secrets/credentials.ts";
import { StoreOutage } from "../../src/secrets/outage.ts";
import type { Lease } from "../../src/workspace/credentials.ts";
import { type Profile, refOf } from "../../src/workspace/profile.ts";
import { aCall } from "../support/call.ts";

const WALL = Date.parse("2026-11-24T08:00:00Z");
const TTL_MS = 300_000;
const HOUR_MS = 3_600_000;

function secretWith(key: string, more: object = {}): string {
  return JSON.stringify({
    access_key: `HPUAEXAMPLE${key}`,
    secret_key: `ExampleSecretKey${key}`,
    project_id: "0123456789abcdef0123456789abcdef",
    region: "cn-north-4",
    ...more,
  });
}

const outage = () =>
  new LookupError("SECRET_UNAVAILABLE", { cause: new StoreOutage("InternalServiceError") });
const denial = () => new LookupError("SECRET_UNAVAILABLE", { cause: new Error("AccessDeniedException") });

/** A store that answers what it is told to, and a clock that is moved by hand. */
function setUp(first: string | Error = secretWith("A")) {
  let time = 0;
  let stored: string | Error = first;
  const fetches: ("cached" | "fresh")[] = [];
  const warnings: string[] = [];
  const told: object[] = [];
  const credentials = createCredentials({
    fetchSecret: async (_, { fresh }) => {
      fetches.push(fresh ? "fresh" : "cached");
      await Promise.resolve();
      if (stored instanceof Error) throw stored;
      return stored;
    },
    secretId: "workspace",
    ttlMs: TTL_MS,
    endpointOverride: null,
    warn: (event, fields) => {
      warnings.push(event);
      told.push({ event, ...fields });
    },
    now: () => time,
    wallNow: () => WALL + time,
  });
  const leases = new Map<Profile, Lease>();
  /** The profile, whose key has been out with one request. */
  async function current(name: string | null = null): Promise<Profile> {
    const profile = await credentials.current(name, aCall());
    const lease = await credentials.lease(refOf(profile), aCall());
    lease.end("unclear");
    leases.set(profile, lease);
    return profile;
  }
  return {
    credentials,
    fetches,
    warnings,
    told,
    store: (next: string | Error) => {
      stored = next;
    },
    pass: (ms: number) => {
      time += ms;
    },
    current,
    /** What the upstream's refusal leads to: the newer profile, or `null`. */
    async refused(profile: Profile, call = aCall()): Promise<Profile | null> {
      const hasNewer = await leases.get(profile)?.refused(call);
      return hasNewer ? await current(profile.name) : null;
    },
  };
}

describe("getting at the profiles", () => {
  it("fetches the secret once and keeps it for its time", async () => {
    const { current, fetches, pass } = setUp();
    expect((await current()).accessKey).toBe("HPUAEXAMPLEA");
    pass(TTL_MS - 1);
    await current();
    expect(fetches).toEqual(["cached"]);
    pass(1);
    await current();
    expect(fetches).toEqual(["cached", "cached"]);
  });

  it("fetches it once for all who miss it at the same time", async () => {
    const { current, fetches } = setUp();
    await Promise.all(Array.from({ length: 50 }, () => current()));
    expect(fetches).toHaveLength(1);
  });

  it("keeps no failure: the next call asks the store again", async () => {
    const { current, fetches, store } = setUp(outage());
    await expect(current()).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
    await expect(current()).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
    store(secretWith("A"));
    await current();
    expect(fetches).toHaveLength(3);
  });

  it("keeps no secret that is not valid", async () => {
    const { current, store } = setUp("{}");
    await expect(current()).rejects.toMatchObject({ code: "SECRET_INVALID" });
    store(secretWith("A"));
    expect((await current()).accessKey).toBe("HPUAEXAMPLEA");
  });

  it("gives the profile that is asked for, else the default one", async () => {
    const profiles = { prod: JSON.parse(secretWith("P")), lab: JSON.parse(secretWith("L")) };
    const { current } = setUp(JSON.stringify({ default: "prod", profiles }));
    expect((await current()).accessKey).toBe("HPUAEXAMPLEP");
    expect((await current("lab")).accessKey).toBe("HPUAEXAMPLEL");
    await expect(current("nowhere")).rejects.toMatchObject({ code: "NOT_FOUND", detail: "No such profile." });
  });

  it("tells the call's trace how old the secret is", async () => {
    const { credentials, pass } = setUp();
    await credentials.current(null, aCall());
    pass(7000);
    const call = aCall();
    await credentials.current(null, call);
    expect(call.trace.secretAgeMs).toBe(7000);
  });
});

describe("a store in trouble", () => {
  it("is bridged by the last good value for an hour, and not a moment longer", async () => {
    const { current, store, pass, warnings } = setUp();
    await current();
    store(outage());
    pass(HOUR_MS);
    expect((await current()).accessKey).toBe("HPUAEXAMPLEA");
    expect(warnings).toEqual(["secret_store_unavailable_using_last_good_value"]);
    pass(5001);
    await expect(current()).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
  });

  it("is left alone for five seconds while it is bridged, so that not every call waits for it", async () => {
    const { current, store, pass, fetches } = setUp();
    await current();
    store(outage());
    pass(TTL_MS);
    await current();
    pass(4999);
    await current();
    expect(fetches).toHaveLength(2);
    pass(1);
    store(secretWith("B"));
    expect((await current()).accessKey).toBe("HPUAEXAMPLEB");
  });

  it("is not bridged when it says no: access may have been taken away on purpose", async () => {
    const { current, store, pass } = setUp();
    await current();
    store(denial());
    pass(TTL_MS);
    await expect(current()).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
  });

  it("is not bridged when what it gives is not valid", async () => {
    const { current, store, pass } = setUp();
    await current();
    store("{}");
    pass(TTL_MS);
    await expect(current()).rejects.toMatchObject({ code: "SECRET_INVALID" });
  });
});

describe("a store that takes its time", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function slow() {
    const signals: AbortSignal[] = [];
    const credentials = createCredentials({
      fetchSecret: (_, { signal }) => {
        signals.push(signal);
        return new Promise(() => {});
      },
      secretId: "workspace",
      ttlMs: TTL_MS,
      endpointOverride: null,
      warn: () => {},
      now: () => Date.now(),
      wallNow: () => WALL,
    });
    return { credentials, signals };
  }

  it("is given up after a second and a half, and told to stop", async () => {
    const { credentials, signals } = slow();
    const asked = expect(credentials.current(null, aCall())).rejects.toMatchObject({
      code: "SECRET_UNAVAILABLE",
      cause: new StoreOutage("no answer in 1500 ms"),
    });
    await vi.advanceTimersByTimeAsync(1499);
    expect(signals[0]?.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await asked;
    expect(signals[0]?.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("is given up with the call's own deadline when that comes first, and told to stop", async () => {
    const { credentials, signals } = slow();
    const deadline = { remaining: () => 200 };
    const asked = expect(credentials.current(null, aCall({ deadline }))).rejects.toMatchObject({
      code: "DEADLINE_EXCEEDED",
    });
    await vi.advanceTimersByTimeAsync(200);
    await asked;
    expect(signals[0]?.aborted).toBe(true);
    await vi.advanceTimersByTimeAsync(0);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("a refused key", () => {
  it("is looked up in the store once, past every cache, and replaced when the store has another", async () => {
    const { current, refused, fetches, store } = setUp();
    const old = await current();
    store(secretWith("B"));
    expect((await refused(old))?.accessKey).toBe("HPUAEXAMPLEB");
    expect(fetches).toEqual(["cached", "fresh"]);
    expect((await current()).accessKey).toBe("HPUAEXAMPLEB");
    expect(fetches).toHaveLength(2);
  });

  it.each(["access_key", "secret_key", "security_token"])(
    "is another key when its %s is another",
    async (field) => {
      const { current, refused, store } = setUp();
      const old = await current();
      store(secretWith("A", { [field]: "Changed1" }));
      expect(await refused(old)).not.toBeNull();
    },
  );

  it("has no replacement when the store has not changed, and is not looked for again for thirty seconds", async () => {
    const { current, refused, fetches, store, pass } = setUp();
    const old = await current();
    expect(await refused(old)).toBeNull();
    expect(await refused(old)).toBeNull();
    pass(29_999);
    store(secretWith("B"));
    expect(await refused(old)).toBeNull();
    expect(fetches).toHaveLength(2);
    pass(1);
    expect((await refused(old))?.accessKey).toBe("HPUAEXAMPLEB");
  });

  it("is looked for once for all whose calls were refused at the same time", async () => {
    const { current, refused, fetches, store } = setUp();
    const old = await current();
    store(secretWith("B"));
    const newer = await Promise.all(Array.from({ length: 20 }, () => refused(old)));
    expect(new Set(newer.map((profile) => profile?.accessKey))).toEqual(new Set(["HPUAEXAMPLEB"]));
    expect(fetches).toEqual(["cached", "fresh"]);
  });

  it("needs no look when another call has found the newer key already", async () => {
    const { current, refused, fetches, store } = setUp();
    const old = await current();
    store(secretWith("B"));
    await refused(old);
    expect((await refused(old))?.accessKey).toBe("HPUAEXAMPLEB");
    expect(fetches).toHaveLength(2);
  });

  it("of one profile does not keep another profile's from being looked for", async () => {
    const both = (prod: string, lab: string) =>
      JSON.stringify({
        default: "prod",
        profiles: { prod: JSON.parse(secretWith(prod)), lab: JSON.parse(secretWith(lab)) },
      });
    const { current, refused, store } = setUp(both("P", "L"));
    const [prod, lab] = [await current("prod"), await current("lab")];
    expect(await refused(prod)).toBeNull();
    store(both("P", "M"));
    expect((await refused(lab))?.accessKey).toBe("HPUAEXAMPLEM");
    store(JSON.stringify({ profiles: { prod: JSON.parse(secretWith("P")) } }));
  });

  it("has no replacement when its profile is gone from the store", async () => {
    const { current, refused, store } = setUp();
    const old = await current();
    store(JSON.stringify({ profiles: { other: JSON.parse(secretWith("B")) } }));
    expect(await refused(old)).toBeNull();
  });

  it("stays refused when the store does not answer either", async () => {
    const { current, refused, store, warnings } = setUp();
    const old = await current();
    store(outage());
    expect(await refused(old)).toBeNull();
    expect(warnings).toEqual(["credentials_refused", "secret_refresh_failed"]);
  });

  it("is left alone for five minutes after three refusals in a row", async () => {
    const { current, refused, pass } = setUp();
    const key = await current();
    await refused(key);
    await refused(key);
    expect((await current()).accessKey).toBe(key.accessKey);
    await refused(key);
    await expect(current()).rejects.toMatchObject({ code: "CREDENTIALS_REFUSED", detail: /left alone/ });
    pass(5 * 60_000 - 1);
    await expect(current()).rejects.toMatchObject({ code: "CREDENTIALS_REFUSED" });
    pass(1);
    expect((await current()).accessKey).toBe(key.accessKey);
    await refused(key);
    await expect(current()).rejects.toMatchObject({ code: "CREDENTIALS_REFUSED" });
  });

  it("counts from nothing again once the key was accepted", async () => {
    const { current, refused, credentials } = setUp();
    const key = await current();
    await refused(key);
    await refused(key);
    (await credentials.lease(refOf(key), aCall())).end("accepted");
    await refused(key);
    await refused(key);
    expect((await current()).accessKey).toBe(key.accessKey);
  });

  it("gives way at once to a newer one in the store, even while it is left alone", async () => {
    const { current, refused, store, pass } = setUp();
    const key = await current();
    for (let refusals = 0; refusals < 3; refusals++) await refused(key);
    pass(30_000);
    store(secretWith("B"));
    expect((await current()).accessKey).toBe("HPUAEXAMPLEB");
  });

  it("is not resurrected by a store that goes back to another key that is left alone", async () => {
    const { current, refused, store, pass } = setUp();
    const first = await current();
    for (let refusals = 0; refusals < 3; refusals++) await refused(first);
    pass(30_000);
    store(secretWith("B"));
    const second = await current();
    for (let refusals = 0; refusals < 3; refusals++) await refused(second);
    pass(30_000);
    store(secretWith("A"));
    await expect(current()).rejects.toMatchObject({ code: "CREDENTIALS_REFUSED" });
  });
});

describe("temporary credentials", () => {
  const endingIn = (key: string, ms: number) =>
    secretWith(key, { security_token: "token", expires_at: new Date(WALL + ms).toISOString() });

  it("serve until a minute before their end, then the store is asked for newer ones", async () => {
    const { current, fetches, store, pass } = setUp(endingIn("A", 120_000));
    await current();
    pass(59_999);
    await current();
    expect(fetches).toHaveLength(1);
    pass(1);
    store(endingIn("B", HOUR_MS));
    expect((await current()).accessKey).toBe("HPUAEXAMPLEB");
    expect(fetches).toEqual(["cached", "fresh"]);
  });

  it("serve to their last second when the store has nothing newer, or is down", async () => {
    const { current, fetches, store, pass } = setUp(endingIn("A", 30_000));
    expect((await current()).accessKey).toBe("HPUAEXAMPLEA");
    store(outage());
    pass(29_999);
    expect((await current()).accessKey).toBe("HPUAEXAMPLEA");
    expect(fetches).toEqual(["cached", "fresh"]);
    pass(1);
    await expect(current()).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
    expect(fetches).toHaveLength(2);
  });

  it("do not serve when the store says no: access may have been taken away on purpose", async () => {
    const { current, store, pass } = setUp(endingIn("A", 30_000));
    await current();
    store(denial());
    pass(5000);
    await expect(current()).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
  });

  it("that have ended are no use, and lead to one look into the store in five seconds", async () => {
    const { current, fetches, pass } = setUp(endingIn("A", 0));
    for (let call = 0; call < 10; call++) {
      await expect(current()).rejects.toMatchObject({ code: "SECRET_INVALID", detail: /expires_at/ });
    }
    expect(fetches).toHaveLength(1);
    pass(4999);
    await expect(current()).rejects.toMatchObject({ code: "SECRET_INVALID" });
    expect(fetches).toHaveLength(1);
    pass(1);
    await Promise.allSettled(Array.from({ length: 20 }, () => current()));
    expect(fetches).toEqual(["cached", "fresh"]);
  });
});

describe("a fetch that took its time", () => {
  it("does not undo a newer one", async () => {
    const pending: ((text: string) => void)[] = [];
    let time = 0;
    const credentials = createCredentials({
      fetchSecret: () => new Promise((resolve) => pending.push(resolve)),
      secretId: "workspace",
      ttlMs: TTL_MS,
      endpointOverride: null,
      warn: () => {},
      now: () => time,
      wallNow: () => WALL,
    });
    const first = credentials.current(null, aCall());
    await vi.waitFor(() => expect(pending).toHaveLength(1));
    pending[0]?.(secretWith("A"));
    const lease = await credentials.lease(refOf(await first), aCall());
    time = TTL_MS;
    const slow = credentials.current(null, aCall());
    await vi.waitFor(() => expect(pending).toHaveLength(2));
    time += 10;
    const fresh = lease.refused(aCall());
    await vi.waitFor(() => expect(pending).toHaveLength(3));
    pending[2]?.(secretWith("C"));
    expect(await fresh).toBe(true);
    pending[1]?.(secretWith("B"));
    await slow;
    expect((await credentials.current(null, aCall())).accessKey).toBe("HPUAEXAMPLEC");
  });
});

describe("what the log and the trace hear of it", () => {
  it("is how long a call waited for the secret, and how old that is", async () => {
    let time = 1000;
    const credentials = createCredentials({
      fetchSecret: async () => {
        time += 40;
        return secretWith("A");
      },
      secretId: "workspace",
      ttlMs: TTL_MS,
      endpointOverride: null,
      warn: () => undefined,
      now: () => time,
      wallNow: () => WALL + time,
    });
    const first = aCall();
    await credentials.current(null, first);
    expect([first.trace.secretMs, first.trace.secretAgeMs]).toEqual([40, 40]);
    time += 5000;
    const second = aCall();
    await credentials.current(null, second);
    expect([second.trace.secretMs, second.trace.secretAgeMs]).toEqual([0, 5040]);
  });

  it("is which call's key of which profile was refused, and why there is no other", async () => {
    const { refused, current, store, told } = setUp();
    const profile = await current();
    const call = aCall();
    call.trace.upstreamCode = "APIGW.0301";
    store(denial());
    await refused(profile, call);
    store(new Error("no error of ours"));
    await refused(profile, call);
    const refusal = {
      event: "credentials_refused",
      request_id: "request-0001",
      profile: "default",
      code: "APIGW.0301",
    };
    expect(told).toEqual([
      refusal,
      { event: "secret_refresh_failed", request_id: "request-0001", code: "SECRET_UNAVAILABLE" },
      refusal,
      { event: "secret_refresh_failed", request_id: "request-0001", code: "INTERNAL" },
    ]);
  });

  it("is how old the last good value is that serves while the store is down", async () => {
    const { current, store, pass, told } = setUp();
    pass(7000);
    await current();
    store(outage());
    pass(TTL_MS + 2000);
    await current();
    expect(told).toEqual([{ event: "secret_store_unavailable_using_last_good_value", age_seconds: 302 }]);
  });
});

describe("a key that is replaced again and again", () => {
  it("is looked for each time, since the last look was not in vain", async () => {
    const { current, refused, store, fetches } = setUp();
    const first = await current();
    store(secretWith("B"));
    const second = await refused(first);
    store(secretWith("C"));
    expect((await refused(second as Profile))?.accessKey).toBe("HPUAEXAMPLEC");
    expect(fetches).toEqual(["cached", "fresh", "fresh"]);
  });
});

describe("what a caller hears", () => {
  it("is that there is no such profile, that the credentials have ended, or that the key is left alone", async () => {
    const { current, refused } = setUp();
    await expect(current("lab")).rejects.toMatchObject({ code: "NOT_FOUND", detail: "No such profile." });
    const profile = await current();
    for (let strike = 0; strike < 3; strike++) await refused(profile);
    await expect(current()).rejects.toMatchObject({
      code: "CREDENTIALS_REFUSED",
      detail:
        "Huawei Cloud refused our access key several times; it is left alone until the secret is renewed.",
    });
    const ended = setUp(
      secretWith("B", { security_token: "made-up", expires_at: new Date(WALL).toISOString() }),
    );
    await expect(ended.current()).rejects.toMatchObject({
      code: "SECRET_INVALID",
      detail: "The secret is not valid: expires_at has passed, and the store has nothing newer.",
    });
  });
});

describe("a store that is down long after the start", () => {
  it("is covered for by the last good value for an hour, and no longer", async () => {
    const { current, store, pass } = setUp();
    pass(10 * HOUR_MS);
    await current();
    store(outage());
    pass(HOUR_MS);
    expect((await current()).accessKey).toBe("HPUAEXAMPLEA");
    pass(5001);
    await expect(current()).rejects.toMatchObject({ code: "SECRET_UNAVAILABLE" });
  });

  it("is not taken for down by a fault of our own, even one that an outage caused", async () => {
    const { current, store, pass } = setUp();
    await current();
    store(new Error("a bug", { cause: new StoreOutage("x") }));
    pass(TTL_MS);
    await expect(current()).rejects.toThrow("a bug");
  });
});

describe("a profile", () => {
  const severally = (secrets: Record<string, string>, defaultName = "prod") =>
    JSON.stringify({
      default: defaultName,
      profiles: Object.fromEntries(Object.entries(secrets).map(([name, text]) => [name, JSON.parse(text)])),
    });

  it("that is faulty is so alone, and is looked for in the store once in five seconds", async () => {
    const secrets = { prod: secretWith("A"), lab: secretWith("B", { secret_key: "" }) };
    const { current, fetches, store, pass, told } = setUp(severally(secrets));
    expect((await current()).accessKey).toBe("HPUAEXAMPLEA");
    for (let call = 0; call < 3; call++) {
      await expect(current("lab")).rejects.toMatchObject({
        code: "SECRET_INVALID",
        detail: "The secret is not valid: profiles.lab.secret_key is empty.",
      });
    }
    expect(fetches).toHaveLength(1);
    pass(5000);
    await expect(current("lab")).rejects.toMatchObject({ code: "SECRET_INVALID" });
    expect(told).toEqual([{ event: "secret_profiles_invalid", faults: "profiles.lab.secret_key is empty" }]);
    store(severally({ ...secrets, lab: secretWith("B") }));
    pass(5000);
    expect((await current("lab")).accessKey).toBe("HPUAEXAMPLEB");
    expect(fetches).toHaveLength(3);
  });

  it.each([
    { project_id: "other" },
    { region: "ap-southeast-1" },
    { secret_key: "x" },
    { security_token: "t" },
  ])("that was corrected by %j is another key, whose lock starts from nothing", async (correction) => {
    const { current, refused, store, pass } = setUp();
    const key = await current();
    for (let refusals = 0; refusals < 3; refusals++) await refused(key);
    pass(30_000);
    await expect(current()).rejects.toMatchObject({ code: "CREDENTIALS_REFUSED" });
    store(secretWith("A", correction));
    pass(30_000);
    expect((await current()).accessKey).toBe("HPUAEXAMPLEA");
  });

  it("that shares its key with five others leads to no more looks into the store than one alone", async () => {
    const names = ["a", "b", "c", "d", "e", "f"];
    const { current, refused, fetches } = setUp(
      severally(
        Object.fromEntries(names.map((name) => [name, secretWith("S", { project_id: `project-${name}` })])),
        "a",
      ),
    );
    const profiles = await Promise.all(names.map((name) => current(name)));
    for (const profile of profiles.slice(0, 3)) expect(await refused(profile)).toBeNull();
    for (const name of names) {
      await expect(current(name)).rejects.toMatchObject({ code: "CREDENTIALS_REFUSED" });
    }
    expect(fetches).toEqual(["cached", "fresh"]);
  });

  it("that stands for another project than when it was resolved says so, and for which", async () => {
    const { credentials, current, store, pass } = setUp();
    const ref = refOf(await current());
    store(secretWith("A", { project_id: "other" }));
    pass(TTL_MS);
    await expect(credentials.lease(ref, aCall())).rejects.toMatchObject({
      code: "SECRET_UNAVAILABLE",
      profile: { name: "default", identity: expect.stringContaining("other") },
    });
  });

  it("that has gone from the store has no newer key, which is no failure to look for one", async () => {
    const both = { prod: JSON.parse(secretWith("A")), lab: JSON.parse(secretWith("B")) };
    const { current, refused, store, warnings } = setUp(JSON.stringify({ default: "prod", profiles: both }));
    const lab = await current("lab");
    store(JSON.stringify({ default: "prod", profiles: { prod: both.prod } }));
    expect(await refused(lab)).toBeNull();
    expect(warnings).toEqual(["credentials_refused"]);
  });

  it("goes by a name, and one of them is the default one", async () => {
    const both = { prod: JSON.parse(secretWith("A")), lab: JSON.parse(secretWith("B")) };
    const { credentials } = setUp(JSON.stringify({ default: "lab", profiles: both }));
    const profiles = await credentials.readProfiles(aCall());
    expect(profiles.defaultName).toBe("lab");
    expect(["prod", "lab", "toString"].map(profiles.has)).toEqual([true, true, false]);
    expect(await profiles.find("prod")).toMatchObject({ name: "prod" });
    await expect(profiles.find("toString")).rejects.toMatchObject({ code: "NOT_FOUND" });
  });
});
