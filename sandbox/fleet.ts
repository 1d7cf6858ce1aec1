import type { AccessKey } from "./signature.ts";

/**
 * A small, made-up fleet: two Huawei Cloud projects with a key each. Everything that can happen to a lookup
 * happens to one of its desktops.
 */

/** A row of detach-info, as the service writes it; every field may be missing. */
export interface DetachInfo {
  desktop_id?: string;
  desktop_name?: string;
  user_id?: string;
  user_name?: string;
  user_group?: string;
  detach_time?: string | number | null;
  type?: string;
}

/** An answer that the service gives in place of the rows. */
export interface CannedAnswer {
  status: number;
  headers?: Record<string, string>;
  body: string | Record<string, unknown>;
}

export interface Desktop {
  desktopId: string;
  computerName: string;
  /** What there is to see, for whoever picks one to try. */
  about: string;
  unbindings: readonly DetachInfo[];
  /** Who is bound to it now. */
  holders: readonly User[];
  /** How long the service takes to answer; the head of the answer is there after half of it. */
  delayMs?: number;
  instead?: CannedAnswer;
}

export interface Project extends AccessKey {
  /** The name that the Workspace secret gives it. */
  profile: string;
  projectId: string;
  desktops: readonly Desktop[];
}

export interface User {
  id: string;
  name: string;
  group: string;
}

const ALICE: User = { id: "0a1f5c7be0d24f7d9b1c3e5a7f901122", name: "alice", group: "administrators" };
const BOB: User = { id: "1b2e6d8cf1e35a8eac2d4f6b8a012233", name: "bob", group: "users" };
const CARLA: User = { id: "2c3d7e9da2f46b9fbd3e5a7c9b123344", name: "carla", group: "sudo" };
const DESIGN: User = { id: "5d0c1b2a39485766a5b4c3d2e1f00718", name: "Design team", group: "users" };

function unbinding(
  of: User,
  detachTime: string | number | null,
  type = "USER",
): Omit<DetachInfo, "desktop_id"> {
  return { user_id: of.id, user_name: of.name, user_group: of.group, detach_time: detachTime, type };
}

function desktop(
  desktopId: string,
  computerName: string,
  about: string,
  unbindings: readonly DetachInfo[] = [],
  more: Partial<Pick<Desktop, "delayMs" | "instead" | "holders">> = {},
): Desktop {
  const rows = unbindings.map((row) => ({ desktop_id: desktopId, desktop_name: computerName, ...row }));
  return { desktopId, computerName, about, unbindings: rows, holders: [], ...more };
}

/** Every form in which this service is known to write a time, and some that nobody can read. */
const TIMES_AS_WRITTEN = [
  "2022-05-11T11:45:42.000Z",
  "2022-05-11T11:45:42Z",
  "2016-08-20T21:11Z",
  "2020-01-08T02:56:19.587000Z",
  "2020-01-08T03:16:01:599000Z",
  "2022-01-25 09:24:27",
  "2022-01-25T09:24:27",
  "1700000000000",
  1_700_000_000_000,
  "2024-03-01T09:00:00+08:00",
  "last Tuesday",
  "",
  null,
];

const MANY = 250;
const A_DAY_MS = 86_400_000;
const MANY_SINCE = Date.parse("2026-06-30T18:00:00Z");

const HOSTILE_NAMES = [
  '=HYPERLINK("https://evil.example","free")',
  "+1+1",
  "-2+3",
  "@SUM(A1:A9)",
  "<script>alert(1)</script>",
  "<!channel> *bold* [link](https://evil.example)",
  'says "hello", twice',
  "line\nbreak",
  "\u202Eecila",
  "O'Brien \u5F20\u4F1F \u{1F980}",
];

/** @param now Milliseconds since the epoch; some unbindings happened a moment ago. */
export function createFleet(now: number): Project[] {
  const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();
  return [
    {
      profile: "prod",
      projectId: "5a9db0c0ffee4e0fb0a7000000000001",
      accessKey: "SANDBOXPRODACCESSKEY",
      secretKey: "made-up-secret-key-of-the-sandbox-prod",
      securityToken: null,
      desktops: [
        desktop(
          "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55",
          "WIN-ALICE",
          "three unbindings, users and a group",
          [
            unbinding(BOB, "2025-11-03T16:40:00.000Z"),
            unbinding(ALICE, "2026-02-10T08:15:30.000Z"),
            unbinding(DESIGN, "2025-12-19T11:05:12.000Z", "GROUP"),
          ],
          { holders: [ALICE, BOB] },
        ),
        desktop(
          "b7f0c3d2-5a1e-4c39-8e7b-90d1a2f4c601",
          "WIN-TODAY",
          "unbound a moment ago: try since=1h",
          [unbinding(CARLA, ago(3)), unbinding(BOB, ago(50)), unbinding(ALICE, ago(3 * 24 * 60))],
          { holders: [BOB] },
        ),
        desktop("0f6d2a91-7c44-4b0a-b5f3-1e8c9d7a2b10", "WIN-NEVER", "nobody was ever unbound from it", [], {
          holders: [CARLA],
        }),
        desktop("c1d9e8f7-3b2a-4d5c-8f60-7a1b2c3d4e5f", "LINUX-BUILD", "bears the same name as the next", [
          unbinding(CARLA, "2026-03-02T07:00:00Z"),
        ]),
        desktop("d2e0f1a8-4c3b-4e6d-9071-8b2c3d4e5f60", "linux-build", "bears the same name as the last", [
          unbinding(CARLA, "2026-04-12T19:30:00Z"),
        ]),
        desktop(
          "e3f1a2b9-5d4c-4f7e-a182-9c3d4e5f6071",
          "WIN-TIMES",
          "a time in every form that the service writes",
          TIMES_AS_WRITTEN.map((time) => unbinding(BOB, time)),
        ),
        desktop(
          "f4a2b3c0-6e5d-4a8f-b293-ad4e5f607182",
          "WIN-POOL",
          `${MANY} unbindings`,
          Array.from({ length: MANY }, (_, day) =>
            unbinding([ALICE, BOB, CARLA][day % 3] as User, MANY_SINCE - day * A_DAY_MS),
          ),
        ),
        desktop(
          "a5b3c4d1-7f6e-4b90-83a4-be5f60718293",
          "WIN-NAMES",
          "names that spreadsheets, browsers and chats would act on",
          HOSTILE_NAMES.map((name, day) =>
            unbinding({ ...BOB, name }, `2026-01-${String(28 - day).padStart(2, "0")}T12:00:00Z`),
          ),
        ),
        desktop(
          "b6c4d5e2-8a7f-4ca1-94b5-cf6071829304",
          "WIN-SLOW",
          "answers after a second",
          [unbinding(ALICE, "2026-05-05T05:05:05Z")],
          { delayMs: 1000 },
        ),
        desktop(
          "1b2a3948-5766-4758-8493-a2b1c0dfeefd",
          "WIN-LATE",
          "answers after two seconds, for which some chats do not wait",
          [unbinding(CARLA, "2026-06-06T06:06:06Z")],
          { delayMs: 2100 },
        ),
        desktop("c7d5e6f3-9b80-4db2-a5c6-d07182930415", "WIN-DOWN", "the service is down", [], {
          instead: {
            status: 503,
            body: { error_code: "APIGW.0613", error_msg: "The IAM service is unavailable." },
          },
        }),
        desktop(
          "d8e6f704-ac91-4ec3-b6d7-e18293041526",
          "WIN-GARBLED",
          "the service answers with a web page",
          [],
          {
            instead: {
              status: 200,
              headers: { "content-type": "text/html" },
              body: "<!doctype html><title>Maintenance</title><h1>Back soon</h1>",
            },
          },
        ),
        desktop("e9f70815-bda2-4fd4-87e8-f29304152637", "WIN-DENIED", "our user lacks the permission", [], {
          instead: {
            status: 403,
            body: {
              error_code: "PAP5.0001",
              error_msg: "access denied: no identity-based policy allows workspace:desktops:listDetachInfo",
              encoded_authorization_message: "bWFkZSB1cCBmb3IgdGhlIHNhbmRib3g=",
            },
          },
        }),
      ],
    },
    {
      profile: "lab",
      projectId: "5a9db0c0ffee4e0fb0a7000000000002",
      accessKey: "SANDBOXLABACCESSKEY0",
      secretKey: "made-up-secret-key-of-the-sandbox-lab",
      // A temporary key, so that this kind is signed and checked as well.
      securityToken: "made-up-security-token-of-the-sandbox+/==",
      desktops: [
        desktop("1a2b3c4d-5e6f-4708-9192-a3b4c5d6e7f8", "LAB-ALICE", "one unbinding, in the other project", [
          unbinding(ALICE, "2026-01-15T10:00:00.000Z"),
        ]),
        desktop(
          "2b3c4d5e-6f70-4819-a2a3-b4c5d6e7f809",
          "LAB-THROTTLED",
          "too many calls; the whole project is left alone for 30 seconds",
          [],
          {
            instead: {
              status: 429,
              headers: { "retry-after": "30" },
              body: {
                error_code: "APIGW.0308",
                error_msg:
                  "The throttling threshold has been reached: policy user over ratelimit,limit:200,time:1 minute",
              },
            },
          },
        ),
      ],
    },
  ];
}

/** A desktop by its name, for tests and for the words that `npm start` prints. */
export function desktopNamed(fleet: readonly Project[], name: string): Desktop {
  const found = fleet.flatMap(({ desktops }) => desktops).find(({ computerName }) => computerName === name);
  if (!found) throw new Error(`the fleet has no desktop ${name}`);
  return found;
}

/** The Workspace secret that opens this fleet. */
export function workspaceSecretOf(fleet: readonly Project[], endpoint: string): string {
  const profiles = fleet.map(({ profile, accessKey, secretKey, securityToken, projectId }) => [
    profile,
    {
      access_key: accessKey,
      secret_key: secretKey,
      ...(securityToken !== null && { security_token: securityToken }),
      project_id: projectId,
      endpoint,
    },
  ]);
  return JSON.stringify({ default: fleet[0]?.profile, profiles: Object.fromEntries(profiles) });
}

/**
 * Unbinds somebody, as an administrator would: the list shows it, and detach-info as well.
 *
 * @returns Whether there is such a desktop with such a user.
 */
export function unbindFrom(
  fleet: readonly Project[],
  desktopName: string,
  userName: string,
  now: number,
): boolean {
  const wanted = desktopName.toLowerCase();
  const desktops = fleet.flatMap(({ desktops }) => desktops);
  const found = desktops.find(({ computerName }) => computerName.toLowerCase() === wanted);
  const user = found?.holders.find(({ name }) => name.toLowerCase() === userName.toLowerCase());
  if (!found || !user) return false;
  const { desktopId, computerName } = found;
  const row = {
    desktop_id: desktopId,
    desktop_name: computerName,
    ...unbinding(user, new Date(now).toISOString()),
  };
  found.holders = found.holders.filter((holder) => holder !== user);
  found.unbindings = [row, ...found.unbindings];
  return true;
}
