import { cpus, totalmem } from "node:os";
import type { Sizes } from "../tools/sizes.ts";
import { type Figures, figuresOf } from "./figures.ts";
import type { ColdStart } from "./lambda/container.ts";
import type { Cost } from "./lambda/warm.ts";

/** Everything that one run measured. */
export interface Measured {
  cold: Record<string, ColdStart[]>;
  warm: Record<string, Cost[]>;
  records: { rows: number; costs: Record<string, Cost[]> }[];
  batches: { desktops: number; delayMs: number; wallMs: Figures }[];
  /** How many processes wanted a CPU in the minute before the run: its own are not among them. */
  load: number;
  sizes: ({ name: string } & Sizes)[];
}

/** Lookups that a batch has under way at once. */
const BATCH_CONCURRENCY = 5;

const PARTS = ["own", "middy", "zod", "sdk", "builtin", "other"] as const;

type Row = readonly (string | number)[];

/** What of a cold start is measured in time. */
type ColdPart = Exclude<keyof ColdStart, "body">;

export function describe(measured: Measured): string {
  const [cpu] = cpus();
  return [
    "# Benchmark",
    "",
    `\`npm run bench\`, ${new Date().toISOString().slice(0, 10)}: Node ${process.version.slice(1)}, ${cpus().length} × ${cpu?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB, a load of ${measured.load.toFixed(1)} at the start.`,
    "",
    "Every section is one interleaved run (A B C A B C …). Each cell is the ratio of the medians, and after the",
    "slash that of the 20th percentiles. Absolute times say more of the machine than of the code, so none is here.",
    "",
    ...shortSection(measured),
    ...goalSection(measured),
    ...coldSection(measured),
    ...warmSection(measured),
    ...recordSection(measured),
    ...batchSection(measured),
    ...sizeSection(measured),
    "",
  ].join("\n");
}

function coldOf({ cold }: Measured, variant: string, part: ColdPart): Figures {
  return figuresOf((cold[variant] as ColdStart[]).map((sample) => sample[part]));
}

function cpuOf(costs: Record<string, Cost[]>, variant: string): Figures {
  return figuresOf((costs[variant] as Cost[]).map(({ cpuUs }) => cpuUs));
}

/** What the README tells: its table is this one, and a test holds it to that. */
function shortSection(measured: Measured): string[] {
  const { warm, sizes } = measured;
  const cold = (part: ColdPart, base: string) =>
    ["ours", "ours, extension", "peer"].map((variant) =>
      of(coldOf(measured, variant, part), coldOf(measured, base, part)).toFixed(2),
    );
  const cpu = (variant: string) => of(cpuOf(warm, variant), cpuOf(warm, "floor")).toFixed(2);
  const size = (wanted: string) => sizes.find(({ name }) => name === wanted) as Sizes;
  const whole = (bytes = 0) => Math.round(bytes / 1000);
  const { total, parts } = size("ours");
  return [
    "## In short",
    "",
    ...table(
      ["", "ours", "ours, secrets extension", "official SDK"],
      [
        ["cold start ÷ floor with secret", ...cold("total", "floor + secret")],
        ["cold start ÷ official SDK", ...cold("total", "peer")],
        ["first call after init ÷ floor", ...cold("firstCall", "floor")],
        [
          "CPU per warm call ÷ floor",
          `${cpu("ours, miss")} (${cpu("ours, hit")} from the cache)`,
          "",
          cpu("peer"),
        ],
        [
          "bundle",
          `${whole(total)} kB, of which ${whole(parts.sdk)} the AWS SDK, loaded lazily`,
          "",
          `${whole(size("peer").total)} kB`,
        ],
      ],
    ),
  ];
}

function coldSection(measured: Measured): string[] {
  const rows = Object.keys(measured.cold).map((variant) => [
    variant,
    ratio(coldOf(measured, variant, "total"), coldOf(measured, "floor", "total")),
    ratio(coldOf(measured, variant, "total"), coldOf(measured, "floor + secret", "total")),
    ratio(coldOf(measured, variant, "total"), coldOf(measured, "peer", "total")),
    ratio(coldOf(measured, variant, "init"), coldOf(measured, "floor", "init")),
    ratio(coldOf(measured, variant, "firstCall"), coldOf(measured, "floor", "firstCall")),
  ]);
  return [
    "## Cold start",
    "",
    "From the process's start to the first answer, in AWS's own runtime client.",
    "",
    ...table(
      ["variant", "÷ floor", "÷ floor + secret", "÷ peer", "init ÷ floor's", "first call ÷ floor's"],
      rows,
    ),
  ];
}

function warmSection({ warm }: Measured): string[] {
  const rows = Object.keys(warm).map((variant) => [
    variant,
    ratio(cpuOf(warm, variant), cpuOf(warm, "floor")),
    ratio(cpuOf(warm, variant), cpuOf(warm, "peer")),
  ]);
  return ["## CPU per warm call, 3 records", "", ...table(["variant", "÷ floor", "÷ peer"], rows)];
}

function recordSection({ records }: Measured): string[] {
  const rows = records.map(({ rows, costs }) => [
    rows,
    ratio(cpuOf(costs, "ours, miss"), cpuOf(costs, "floor")),
    ratio(cpuOf(costs, "ours, miss"), cpuOf(costs, "peer")),
    memory(costs).toFixed(2),
  ]);
  return [
    "## Records",
    "",
    "CPU per call, cache missed; what is sent back is cut at 1000 rows by all. Memory is the container's peak.",
    "",
    ...table(["records", "ours ÷ floor", "ours ÷ peer", "memory ÷ floor"], rows),
  ];
}

function memory(costs: Record<string, Cost[]>): number {
  const peakOf = (variant: string) => ((costs[variant] as Cost[]).at(-1) as Cost).peakKb;
  return peakOf("ours, miss") / peakOf("floor");
}

function ideal(desktops: number, delayMs: number): number {
  return Math.ceil(desktops / BATCH_CONCURRENCY) * delayMs;
}

function batchSection({ batches }: Measured): string[] {
  const rows = batches.map(({ desktops, delayMs, wallMs }) => [
    desktops,
    `${delayMs} ms`,
    ratio(wallMs, { median: ideal(desktops, delayMs), p20: ideal(desktops, delayMs) }),
  ]);
  return [
    "## Batch",
    "",
    `Wall time against the ideal: the upstream's own time, ${BATCH_CONCURRENCY} lookups at once.`,
    "",
    ...table(["desktops", "upstream's time", "÷ ideal"], rows),
  ];
}

function sizeSection({ sizes }: Measured): string[] {
  const rows = sizes.map(({ name, total, parts }) => [
    name,
    kB(total),
    ...PARTS.map((part) => kB(parts[part] ?? 0)),
  ]);
  return [
    "## Bundles",
    "",
    "kB, chunks included, same settings for all; of the lean ones, parts of the AWS SDK are replaced, as of ours.",
    "",
    ...table(["variant", "total", ...PARTS], rows),
  ];
}

function goalSection(measured: Measured): string[] {
  const { warm, records, batches, sizes } = measured;
  const total = (variant: string) => coldOf(measured, variant, "total");
  const cpu = (variant: string) => cpuOf(warm, variant);
  const recordsOf = (wanted: number) =>
    records.find(({ rows }) => rows === wanted)?.costs as Record<string, Cost[]>;
  const many = recordsOf(10_000);
  const hundred = recordsOf(100);
  const perRecord = cpuPerRecord(many, 10_000) / cpuPerRecord(hundred, 100);
  const batch = batches.find(({ desktops }) => desktops === 100);
  const ours = sizes.find(({ name }) => name === "ours") as Sizes;
  const { own = 0, middy = 0, zod = 0 } = ours.parts;
  const goals: [string, number, number][] = [
    ["cold total ÷ (floor + secret)", of(total("ours"), total("floor + secret")), 1.4],
    ["cold total ÷ peer", of(total("ours"), total("peer")), 0.5],
    ["cold total, extension ÷ (floor + secret)", of(total("ours, extension"), total("floor + secret")), 1.2],
    ["cold total, extension ÷ peer", of(total("ours, extension"), total("peer")), 0.43],
    [
      "first call after init ÷ floor's",
      of(coldOf(measured, "ours", "firstCall"), coldOf(measured, "floor", "firstCall")),
      0.25,
    ],
    ["warm CPU, miss ÷ floor", of(cpu("ours, miss"), cpu("floor")), 1.45],
    ["warm CPU, miss ÷ peer", of(cpu("ours, miss"), cpu("peer")), 0.28],
    ["warm CPU, hit ÷ floor", of(cpu("ours, hit"), cpu("floor")), 0.35],
    ["10,000 records ÷ floor", of(cpuOf(many, "ours, miss"), cpuOf(many, "floor")), 2],
    ["10,000 records, memory ÷ floor", memory(many), 2],
    ["cost per record, 10,000 ÷ 100", perRecord, 1.2],
  ];
  if (batch) goals.push(["batch of 100 ÷ ideal", batch.wallMs.median / ideal(100, batch.delayMs), 1.12]);
  goals.push(
    ["bundle, kB", ours.total / 1000, 260],
    ["own code, middy and zod, kB", (own + middy + zod) / 1000, 60],
  );
  const rows = goals.map(([name, value, goal]) => [
    name,
    value.toFixed(2),
    `≤ ${goal}`,
    value <= goal ? "yes" : `no, by ${Math.round((value / goal - 1) * 100)} %`,
  ]);
  return ["## Goals", "", ...table(["figure", "measured", "goal", "holds"], rows)];
}

function cpuPerRecord(costs: Record<string, Cost[]>, rows: number): number {
  const samples = costs["ours, miss"] as Cost[];
  return figuresOf(samples.map(({ cpuUs, calls }) => cpuUs / calls / rows)).median;
}

const of = (a: Figures, b: Figures) => a.median / b.median;

const ratio = (a: Figures, b: Figures) =>
  `${(a.median / b.median).toFixed(2)} / ${(a.p20 / b.p20).toFixed(2)}`;

const kB = (bytes: number) => (bytes / 1000).toFixed(1);

function table(head: Row, rows: readonly Row[]): string[] {
  const line = (cells: Row) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line), ""];
}
