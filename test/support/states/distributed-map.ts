import { randomUUID } from "node:crypto";
import { StatesError, Unsupported } from "./error.ts";
import { evaluate } from "./expression.ts";
import { type Machine, run, type State, type Surroundings, type Work } from "./machine.ts";

interface MapState extends State {
  MaxConcurrency: number;
  ToleratedFailureCount: number;
  ItemReader: { Resource: string; ReaderConfig: object; Arguments: unknown };
  ItemSelector: unknown;
  ItemBatcher: { MaxItemsPerBatch: unknown; BatchInput: unknown };
  ItemProcessor: Machine & { ProcessorConfig: { Mode: string; ExecutionType: string } };
  ResultWriter: { Resource: string; Arguments: unknown; WriterConfig: object };
}

/** The forms that are known; another one stops the test. */
const KNOWN = {
  reader: ["arn:aws:states:::s3:getObject", { InputType: "CSV", CSVHeaderLocation: "FIRST_ROW" }],
  writer: ["arn:aws:states:::s3:putObject", { Transformation: "FLATTEN", OutputType: "JSONL" }],
  processor: { Mode: "DISTRIBUTED", ExecutionType: "STANDARD" },
};

/** A Distributed Map: items out of a CSV object, a child execution per batch, what they give as lines of one object. */
export function distributedMap(works: Readonly<Record<string, Work>>): Work {
  return async (state, scope, surroundings) => {
    const { ItemReader, ItemSelector, ItemBatcher, ItemProcessor, ResultWriter, ...map } = state as MapState;
    expectSame([ItemReader.Resource, ItemReader.ReaderConfig], KNOWN.reader);
    expectSame([ResultWriter.Resource, ResultWriter.WriterConfig], KNOWN.writer);
    expectSame(ItemProcessor.ProcessorConfig, KNOWN.processor);

    const from = (await evaluate(ItemReader.Arguments, scope)) as { Bucket: string; Key: string };
    const rows = readCsv(surroundings, `${from.Bucket}/${from.Key}`);
    const items = await Promise.all(
      rows.map((Value, Index) => {
        const context = { ...(scope.states.context as object), Map: { Item: { Index, Value } } };
        return evaluate(ItemSelector, { ...scope, states: { ...scope.states, context } });
      }),
    );
    const size = (await evaluate(ItemBatcher.MaxItemsPerBatch, scope)) as number;
    if (!Number.isInteger(size) || size < 1) {
      throw new StatesError("States.QueryEvaluationError", `MaxItemsPerBatch is ${size}`);
    }
    const BatchInput = await evaluate(ItemBatcher.BatchInput, scope);
    const batches = Array.from({ length: Math.ceil(items.length / size) }, (_, index) => ({
      Items: items.slice(index * size, (index + 1) * size),
      BatchInput,
    }));

    const succeeded: unknown[] = [];
    const failed: object[] = [];
    const queue = batches.entries();
    const worker = async () => {
      for (const [, Input] of queue) {
        try {
          succeeded.push(await run(ItemProcessor, Input, { Name: randomUUID() }, works, surroundings));
        } catch (error) {
          if (!(error instanceof StatesError)) throw error;
          failed.push({ Input, Error: error.name, Cause: error.message });
        }
        if (failed.length > map.ToleratedFailureCount) return;
      }
    };
    await Promise.all(Array.from({ length: map.MaxConcurrency || batches.length }, worker));

    const to = (await evaluate(ResultWriter.Arguments, scope)) as { Bucket: string; Prefix: string };
    const folder = `${to.Prefix}/${randomUUID()}`;
    const write = (name: string, lines: readonly unknown[]) =>
      surroundings.objects.set(
        `${to.Bucket}/${folder}/${name}`,
        lines.map((line) => `${JSON.stringify(line)}\n`).join(""),
      );
    write("SUCCEEDED_0.jsonl", succeeded.flat());
    write("FAILED_0.jsonl", failed);
    write(
      "PENDING_0.jsonl",
      [...queue].map(([, Input]) => ({ Input })),
    );
    if (failed.length > map.ToleratedFailureCount) {
      throw new StatesError("States.ExceedToleratedFailureThreshold", `${failed.length} failed`);
    }
    return { ResultWriterDetails: { Bucket: to.Bucket, Key: `${folder}/manifest.json` } };
  };
}

function readCsv({ objects }: Surroundings, path: string): Record<string, string>[] {
  const text = objects.get(path);
  if (text === undefined) throw new StatesError("States.ItemReaderFailed", `no object ${path}`);
  if (text.includes('"')) throw new Unsupported("quotes in a CSV");
  const [header = [], ...rows] = text
    .split(/\r?\n/)
    .filter(Boolean)
    .map((line) => line.split(","));
  return rows.map((cells) => Object.fromEntries(header.map((name, index) => [name, cells[index] ?? ""])));
}

function expectSame(found: unknown, known: unknown): void {
  if (JSON.stringify(found) !== JSON.stringify(known)) throw new Unsupported(JSON.stringify(found));
}
