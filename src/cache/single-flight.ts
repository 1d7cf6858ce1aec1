import { LookupError } from "../contract/errors.ts";
import type { Deadline } from "../time/deadline.ts";

/** What shared work is given: as much time as the most patient of those who wait for it, and a stop signal. */
export interface FlightTime {
  deadline: Deadline;
  /** Aborted when nobody waits any more. Made when it is asked for: not all work listens to it. */
  readonly signal: AbortSignal;
}

export interface SingleFlight<V> {
  /** Joins the work under way for `key`, or starts it. `joined` tells which. */
  join(key: string, deadline: Deadline, work: Work<V>): Flown<V>;
  /** Starts it anew. Who comes later joins this one; who waits for another one goes on waiting. */
  start(key: string, deadline: Deadline, work: Work<V>): Flown<V>;
}

type Work<V> = (time: FlightTime) => Promise<V>;

export interface Flown<V> {
  joined: boolean;
  result: Promise<V>;
}

export interface SingleFlightOptions {
  /** Whether the work ends with its deadline of itself. Who waits alone then needs no timer. */
  endsInTime?: boolean;
}

interface Waiter<V> {
  deadline: Deadline;
  resolve: (value: V) => void;
  reject: (error: unknown) => void;
  timer: NodeJS.Timeout | undefined;
}

interface Flight<V> {
  waiters: Set<Waiter<V>>;
  /** Nobody waits any more. */
  abandon(): void;
}

/**
 * One piece of work for all who ask for the same thing at once. Each waits no longer than its own deadline; the
 * work is stopped when the last of them has gone, so that nothing outlives the calls it was done for. A failure
 * is shared by those who wait for it and then forgotten.
 */
export function createSingleFlight<V>({ endsInTime = false }: SingleFlightOptions = {}): SingleFlight<V> {
  const flights = new Map<string, Flight<V>>();

  function wait(flight: Flight<V>, deadline: Deadline): Promise<V> {
    const { waiters } = flight;
    return new Promise((resolve, reject) => {
      waiters.add({ deadline, resolve, reject, timer: undefined });
      if (endsInTime && waiters.size === 1) return;
      for (const waiter of waiters) waiter.timer ??= leaveInTime(waiter, flight);
    });
  }

  function takeOff(key: string, deadline: Deadline, work: Work<V>): Promise<V> {
    const waiters = new Set<Waiter<V>>();
    let controller: AbortController | undefined;
    const flight: Flight<V> = {
      waiters,
      abandon() {
        controller?.abort();
        end();
      },
    };
    const end = () => {
      // Another flight for the same key may have taken off since this one did.
      if (flights.get(key) === flight) flights.delete(key);
    };
    flights.set(key, flight);
    const result = wait(flight, deadline);
    const time: FlightTime = {
      deadline: { remaining: () => longestOf(waiters) },
      get signal() {
        controller ??= new AbortController();
        if (waiters.size === 0) controller.abort();
        return controller.signal;
      },
    };
    work(time).then(
      (value) => {
        end();
        for (const waiter of landed(waiters)) waiter.resolve(value);
      },
      (error) => {
        end();
        for (const waiter of landed(waiters)) waiter.reject(error);
      },
    );
    return result;
  }

  return {
    join(key, deadline, work) {
      const flight = flights.get(key);
      return flight
        ? { joined: true, result: wait(flight, deadline) }
        : { joined: false, result: takeOff(key, deadline, work) };
    },
    start: (key, deadline, work) => ({ joined: false, result: takeOff(key, deadline, work) }),
  };
}

function longestOf(waiters: Iterable<Pick<Waiter<never>, "deadline">>): number {
  let longest = 0;
  for (const { deadline } of waiters) longest = Math.max(longest, deadline.remaining());
  return longest;
}

function leaveInTime<V>(waiter: Waiter<V>, { waiters, abandon }: Flight<V>): NodeJS.Timeout {
  const leave = () => {
    waiters.delete(waiter);
    waiter.reject(new LookupError("DEADLINE_EXCEEDED"));
    if (waiters.size === 0) abandon();
  };
  return setTimeout(leave, Math.max(0, waiter.deadline.remaining()));
}

/** Those who have waited to the end; nobody's time runs out any more. */
function landed<V>(waiters: Set<Waiter<V>>): Iterable<Waiter<V>> {
  for (const { timer } of waiters) clearTimeout(timer);
  return waiters;
}
