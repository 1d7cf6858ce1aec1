/** What a cache holds: the value, and how old it is in milliseconds. */
export interface Cached<V> {
  value: V;
  ageMs: number;
}

export interface CacheLimits {
  maxEntries: number;
  /** The weights of all entries together stay at or below this. */
  maxWeight: number;
  /** Monotonic milliseconds: a wall clock that jumps neither prolongs nor cuts an entry's life. */
  now: () => number;
}

interface Entry<V> {
  value: V;
  weight: number;
  storedAt: number;
  expiresAt: number;
}

export interface LruCache<V> {
  get(key: string): Cached<V> | undefined;
  set(key: string, value: V, ttlMs: number, weight?: number): void;
}

/** A bounded cache with a time to live per entry; the least recently used go first. */
export function createCache<V>({ maxEntries, maxWeight, now }: CacheLimits): LruCache<V> {
  // A Map iterates in insertion order: re-inserting on use keeps the least recently used in front.
  const entries = new Map<string, Entry<V>>();
  let totalWeight = 0;

  function remove(key: string, entry: Entry<V>): void {
    entries.delete(key);
    totalWeight -= entry.weight;
  }

  return {
    get(key) {
      const entry = entries.get(key);
      if (!entry) return undefined;
      const at = now();
      if (at >= entry.expiresAt) {
        remove(key, entry);
        return undefined;
      }
      entries.delete(key);
      entries.set(key, entry);
      return { value: entry.value, ageMs: at - entry.storedAt };
    },
    set(key, value, ttlMs, weight = 1) {
      const old = entries.get(key);
      if (old) remove(key, old);
      if (ttlMs <= 0 || weight > maxWeight) return;
      const storedAt = now();
      entries.set(key, { value, weight, storedAt, expiresAt: storedAt + ttlMs });
      totalWeight += weight;
      for (const [oldest, entry] of entries) {
        if (entries.size <= maxEntries && totalWeight <= maxWeight) break;
        remove(oldest, entry);
      }
    },
  };
}
