import { type ChangesOptions, changesBy } from "./changes.ts";
import { errorOf, FOREIGN_ANSWER, UnbindingsError } from "./error.ts";
import { abortable, pause, type RetryOptions, waitBefore, withRetries } from "./retry.ts";
import type {
  BatchAnswer,
  BatchItem,
  BatchQuestion,
  ChangesAnswer,
  ChangesQuestion,
  HoldersAnswer,
  HoldersQuestion,
  PersonAnswer,
  PersonQuestion,
  Question,
  Result,
} from "./types.ts";

type Distribute<Q, K extends PropertyKey> = Q extends unknown ? Omit<Q, K> : never;

export type Filters = Distribute<Question, "desktop_id" | "desktop_name">;
export type BatchFilters = Omit<BatchQuestion, "desktop_ids">;

export interface CallOptions {
  /** Ends the call, waits included, with its reason. */
  signal?: AbortSignal | undefined;
  /** 8 to 128 letters, digits, `-`, `_`: by which the call is found in the service's log. */
  requestId?: string | undefined;
}

/** What the service can be asked, whichever way it is reached. */
export interface Unbindings {
  /**
   * Who was unbound from a desktop, and when.
   *
   * @param desktop Its ID, or a whole question: by ID or by name, with filters.
   * @throws UnbindingsError, or the signal's reason.
   */
  lookup(desktop: string | Question, options?: Filters & CallOptions): Promise<Result>;
  /**
   * The same for any number of desktops: a hundred at a time, in the order given, each answered or with an error of its
   * own. A desktop that is given twice is asked about once.
   *
   * @throws the signal's reason, and what `headers` or `sign` throw; nothing else.
   */
  lookupMany(
    desktops: readonly string[] | BatchQuestion,
    options?: BatchFilters & CallOptions,
  ): Promise<BatchItem[]>;
  /**
   * Which desktops a person lost, and when: a page, and the `cursor` of the next. Needs the watch.
   *
   * @param user An ID or a name, or a whole question.
   * @throws UnbindingsError, or the signal's reason.
   */
  lookupUser(
    user: string | PersonQuestion,
    options?: Omit<PersonQuestion, "user"> & CallOptions,
  ): Promise<PersonAnswer>;
  /** Who held a desktop then. Needs the watch. @throws UnbindingsError, or the signal's reason. */
  holders(question: HoldersQuestion, options?: CallOptions): Promise<HoldersAnswer>;
  /**
   * What happens from the cursor on, for ever: where nothing is new it waits, and asks again. Ends with the signal, by throwing
   * its reason. Each page bears the cursor to begin with next time. Needs the watch.
   */
  changes(options?: ChangesQuestion & ChangesOptions & CallOptions): AsyncIterableIterator<ChangesAnswer>;
}

/** One way to put a question: throws UnbindingsError. */
export interface Transport {
  lookup(question: Question, call: Call): Promise<Result>;
  lookupBatch(question: BatchQuestion, call: Call): Promise<BatchAnswer>;
  person(question: PersonQuestion, call: Call): Promise<PersonAnswer>;
  holders(question: HoldersQuestion, call: Call): Promise<HoldersAnswer>;
  changes(question: ChangesQuestion, call: Call): Promise<ChangesAnswer>;
}

export interface Call {
  requestId: string;
  signal: AbortSignal | undefined;
}

const BATCH_MAX_DESKTOPS = 100;

export function unbindingsBy(transport: Transport, retry: RetryOptions): Unbindings {
  /** One batch; those of its desktops that another attempt may help are asked about again. */
  async function lookupBatch(question: BatchQuestion, call: Call): Promise<Map<string, BatchItem>> {
    const answers = new Map<string, BatchItem>();
    let left = question.desktop_ids;
    for (let attempt = 1; ; attempt++) {
      for (const item of await askBatch({ ...question, desktop_ids: left }, call)) {
        answers.set(item.desktop_id, item);
      }
      const failed = left.map((id) => answers.get(id)).filter((item) => item?.ok === false);
      const waits = failed.map((item) => (item.ok ? null : waitBefore(item, attempt, retry)));
      left = failed.filter((_, index) => waits[index] !== null).map(({ desktop_id }) => desktop_id);
      if (left.length === 0) return answers;
      await pause(Math.max(...waits.map((ms) => ms ?? 0)), call.signal);
    }
  }

  /** What stops a whole batch is the error of each of its desktops: the answers of other batches are not lost. */
  async function askBatch(question: BatchQuestion, call: Call): Promise<readonly BatchItem[]> {
    try {
      const { results } = await abortable(call.signal, transport.lookupBatch(question, call));
      const answers = new Map((results ?? []).map((item) => [item.desktop_id, item]));
      const none = errorOf(FOREIGN_ANSWER, call.requestId);
      return question.desktop_ids.map((id) => answers.get(id) ?? failed(id, none));
    } catch (error) {
      call.signal?.throwIfAborted();
      if (!(error instanceof UnbindingsError)) throw error;
      return question.desktop_ids.map((id) => failed(id, error));
    }
  }

  return {
    lookup(desktop, { signal, requestId = crypto.randomUUID(), ...filters } = {}) {
      const question = typeof desktop === "string" ? { desktop_id: desktop } : desktop;
      const ask = () =>
        abortable(signal, transport.lookup({ ...filters, ...question }, { requestId, signal }));
      return withRetries(ask, retry, signal);
    },
    async lookupMany(desktops, { signal, requestId = crypto.randomUUID(), ...filters } = {}) {
      const { desktop_ids, ...own } = isList(desktops) ? { desktop_ids: desktops } : desktops;
      const unique = [...new Set(desktop_ids)];
      const answers = new Map<string, BatchItem>();
      for (let at = 0; at < unique.length; at += BATCH_MAX_DESKTOPS) {
        signal?.throwIfAborted();
        const question = { ...filters, ...own, desktop_ids: unique.slice(at, at + BATCH_MAX_DESKTOPS) };
        for (const [id, item] of await lookupBatch(question, { requestId, signal })) answers.set(id, item);
      }
      return desktop_ids.map((id) => answers.get(id) as BatchItem);
    },
    lookupUser(user, { signal, requestId = crypto.randomUUID(), ...filters } = {}) {
      const question = typeof user === "string" ? { user } : user;
      const ask = () =>
        abortable(signal, transport.person({ ...filters, ...question }, { requestId, signal }));
      return withRetries(ask, retry, signal);
    },
    holders(question, { signal, requestId = crypto.randomUUID() } = {}) {
      const ask = () => abortable(signal, transport.holders(question, { requestId, signal }));
      return withRetries(ask, retry, signal);
    },
    changes: (options = {}) => changesBy(transport.changes, retry, options),
  };
}

function failed(desktop_id: string, error: UnbindingsError): BatchItem {
  const { name: _name, message: _message, stack: _stack, cause: _cause, ...problem } = error;
  return { ok: false, desktop_id, ...problem };
}

// Array.isArray does not narrow a readonly list.
function isList(desktops: readonly string[] | BatchQuestion): desktops is readonly string[] {
  return Array.isArray(desktops);
}
