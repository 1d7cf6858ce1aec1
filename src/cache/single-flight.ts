import { LookupError } from "../contract/errors.ts";
import type { Deadline } from "../time/deadline.ts";

/** What shared work is given: as much time as the most patient of those who wait for it, and a stop signal. */
export interface FlightTime {
  deadline: Deadline;
  /** Aborted when nobody waits any more. */
  signal: AbortSignal;
}

interface Flight<V> {
  result: Promise<V>;
  waiters: Set<Deadline>;
  controller: AbortController;
  isDone: boolean;
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

/**
 * One piece of work for all who ask for the same thing at once. Each waits no longer than its own deadline; the
 * work is stopped when the last of them has gone, so that nothing outlives the calls it was done for. A failure
 * is shared by those who wait for it and then forgotten.
 */
export function createSingleFlight<V>(): SingleFlight<V> {
  const flights = new Map<string, Flight<V>>();

  function takeOff(key: string, work: Work<V>): Flight<V> {
    const waiters = new Set<Deadline>();
    const controller = new AbortController();
    const deadline: Deadline = {
      remaining() {
        let longest = 0;
        for (const waiter of waiters) longest = Math.max(longest, waiter.remaining());
        return longest;
      },
    };
    const flight: Flight<V> = {
      waiters,
      controller,
      isDone: false,
      result: run(),
    };

    async function run(): Promise<V> {
      // The work starts a microtask later, when its first waiter has been counted.
      await null;
      try {
        return await work({ deadline, signal: controller.signal });
      } finally {
        flight.isDone = true;
        if (flights.get(key) === flight) flights.delete(key);
      }
    }

    flights.set(key, flight);
    return flight;
  }

  function waitFor(key: string, flight: Flight<V>, deadline: Deadline): Promise<V> {
    const forget = () => {
      // Another flight for the same key may have taken off since this one did.
      if (flights.get(key) === flight) flights.delete(key);
    };
    return wait(flight, deadline, forget);
  }

  return {
    join(key, deadline, work) {
      const running = flights.get(key);
      const flight = running ?? takeOff(key, work);
      return { joined: running !== undefined, result: waitFor(key, flight, deadline) };
    },
    start: (key, deadline, work) => ({ joined: false, result: waitFor(key, takeOff(key, work), deadline) }),
  };
}

async function wait<V>(flight: Flight<V>, deadline: Deadline, forget: () => void): Promise<V> {
  flight.waiters.add(deadline);
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<V>((resolve, reject) => {
      const outOfTime = () => reject(new LookupError("DEADLINE_EXCEEDED"));
      timer = setTimeout(outOfTime, Math.max(0, deadline.remaining()));
      flight.result.then(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    flight.waiters.delete(deadline);
    // Work that is done needs no stopping: an abort that nobody hears costs a fifth of a call in memory, for the
    // stack trace of its DOMException.
    if (flight.waiters.size === 0 && !flight.isDone) {
      forget();
      flight.controller.abort();
    }
  }
}
