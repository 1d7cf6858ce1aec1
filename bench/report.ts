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
  /** Once each, by ours: a second and a heap are promised, so these are no ratios. */
  worst: { name: string; cpuSeconds: number; peakMb: number }[];
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
    "slash that of the 20th percentiles. Absolute times say more of the machine than of the code, so there are none, but for",
    "the worst answers, of which a second is promised.",
    "",
    ...shortSection(measured),
    ...goalSection(measured),
    ...coldSection(measured),
    ...warmSection(measured),
    ...recordSection(measured),
    ...worstSection(measured),
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
  const cpu = (variant: string, base: string) => of(cpuOf(warm, variant), cpuOf(warm, base)).toFixed(2);
  const cpuRow = (base: string) => [
    `${cpu("ours, miss", base)} (${cpu("ours, hit", base)} from the cache)`,
    "",
    cpu("peer", base),
  ];
  const size = (wanted: string) => sizes.find(({ name }) => name === wanted) as Sizes;
  const whole = (bytes = 0) => Math.round(bytes / 1000);
  const { total } = size("ours");
  return [
    "## In short",
    "",
    ...table(
      ["", "ours", "ours, secrets extension", "official SDK"],
      [
        ["cold start ÷ floor with secret", ...cold("total", "floor + secret")],
        ["cold start ÷ a plain handler", ...cold("total", "plain")],
        ["cold start ÷ official SDK", ...cold("total", "peer")],
        ["first call after init ÷ floor", ...cold("firstCall", "floor")],
        ["CPU per warm call ÷ floor", ...cpuRow("floor")],
        ["CPU per warm call ÷ a plain handler", ...cpuRow("plain")],
        ["bundle", `${whole(total)} kB`, "", `${whole(size("peer").total)} kB`],
      ],
    ),
  ];
}

function coldSection(measured: Measured): string[] {
  const rows = Object.keys(measured.cold).map((variant) => [
    variant,
    ratio(coldOf(measured, variant, "total"), coldOf(measured, "floor", "total")),
    ratio(coldOf(measured, variant, "total"), coldOf(measured, "floor + secret", "total")),
    ratio(coldOf(measured, variant, "total"), coldOf(measured, "plain", "total")),
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
      [
        "variant",
        "÷ floor",
        "÷ floor + secret",
        "÷ plain",
        "÷ peer",
        "init ÷ floor's",
        "first call ÷ floor's",
      ],
      rows,
    ),
  ];
}

function warmSection({ warm }: Measured): string[] {
  const rows = Object.keys(warm).map((variant) => [
    variant,
    ...["floor", "plain", "peer"].map((base) => ratio(cpuOf(warm, variant), cpuOf(warm, base))),
  ]);
  return ["## CPU per warm call, 3 records", "", ...table(["variant", "÷ floor", "÷ plain", "÷ peer"], rows)];
}

function recordSection({ records }: Measured): string[] {
  const rows = records.map(({ rows, costs }) => [
    rows,
    ...["floor", "plain", "peer"].map((base) => ratio(cpuOf(costs, "ours, miss"), cpuOf(costs, base))),
    memory(costs).toFixed(2),
  ]);
  return [
    "## Records",
    "",
    "CPU per call, cache missed; what is sent back is cut at 1000 rows by all. Memory is the container's peak.",
    "",
    ...table(["records", "ours ÷ floor", "ours ÷ plain", "ours ÷ peer", "memory ÷ floor"], rows),
  ];
}

function worstSection({ worst }: Measured): string[] {
  const rows = worst.map(({ name, cpuSeconds, peakMb }) => [name, cpuSeconds.toFixed(2), peakMb.toFixed(0)]);
  return [
    "## The worst answers within 8 MiB",
    "",
    "One call each in a container with 200 MB of heap, this machine's seconds. The peak is the whole process, body included.",
    "",
    ...table(["answer", "CPU, s", "peak, MB"], rows),
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
  const recordsOf = (wanted: number) =>
    records.find(({ rows }) => rows === wanted)?.costs as Record<string, Cost[]>;
  const many = recordsOf(10_000);
  const hundred = recordsOf(100);
  const perRecord = cpuPerRecord(many, 10_000) / cpuPerRecord(hundred, 100);
  const batch = batches.find(({ desktops }) => desktops === 100);
  const ours = sizes.find(({ name }) => name === "ours") as Sizes;
  const thousand = recordsOf(1000);
  const miss = (costs: Record<string, Cost[]>, base: string) =>
    of(cpuOf(costs, "ours, miss"), cpuOf(costs, base));
  const goals: [string, number, number][] = [
    ["cold total ÷ (floor + secret)", of(total("ours"), total("floor + secret")), 1.25],
    ["cold total ÷ plain", of(total("ours"), total("plain")), 0.6],
    ["cold total ÷ peer", of(total("ours"), total("peer")), 0.42],
    ["cold total, extension ÷ (floor + secret)", of(total("ours, extension"), total("floor + secret")), 1.2],
    [
      "first call after init ÷ floor's",
      of(coldOf(measured, "ours", "firstCall"), coldOf(measured, "floor", "firstCall")),
      0.25,
    ],
    ["warm CPU, miss ÷ plain", miss(warm, "plain"), 1],
    ["warm CPU, hit ÷ floor", of(cpuOf(warm, "ours, hit"), cpuOf(warm, "floor")), 0.27],
    ["1,000 records ÷ floor", miss(thousand, "floor"), 2],
    ["10,000 records ÷ floor", miss(many, "floor"), 1.8],
    ["10,000 records ÷ peer", miss(many, "peer"), 0.6],
    ["10,000 records, memory ÷ floor", memory(many), 2],
    ["cost per record, 10,000 ÷ 100", perRecord, 1.2],
    ["worst answer, CPU in s", Math.max(...measured.worst.map(({ cpuSeconds }) => cpuSeconds)), 1],
  ];
  if (batch) goals.push(["batch of 100 ÷ ideal", batch.wallMs.median / ideal(100, batch.delayMs), 1.12]);
  goals.push(["bundle, kB", ours.total / 1000, 130]);
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
