/** The same value at every call, made at the first: what a container never needs costs its cold start nothing. */
export function lazily<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}
