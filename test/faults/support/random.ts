/** Chance that can be repeated: the same seed, the same course of events. */
export interface Chance {
  /** A whole number from 0 to `below` - 1. */
  below: (below: number) => number;
  /** True in so many of a hundred cases. */
  percent: (percent: number) => boolean;
  pick: <T>(choices: readonly T[]) => T;
}

/** @see https://en.wikipedia.org/wiki/Xorshift — the mixing steps are those of mulberry32. */
export function chanceOf(seed: number): Chance {
  let state = seed | 0;
  function next(): number {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    percent: (percent) => next() * 100 < percent,
    pick: (choices) => choices[below(choices.length)] as never,
  };
}
