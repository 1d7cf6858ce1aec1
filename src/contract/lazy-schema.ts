import type * as z from "zod/mini";

/** The same value at every call, made at the first: what a container never needs costs its cold start nothing. */
export function lazily<T extends object>(make: () => T): () => T {
  let made: T | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

type Parts = Readonly<Record<string, () => z.ZodMiniType>>;
type ShapeOf<P extends Parts> = { [N in keyof P]: ReturnType<P[N]> };

/**
 * The schema of an object: with all of its parts, or without the optional ones that an input does not name. Each part that
 * is made costs a cold start a tenth of a millisecond or more, and few inputs name more than one or two.
 *
 * @param make Makes the schema; once for each choice of parts.
 */
export function partly<R extends Parts, O extends Parts, S>(
  required: R,
  optional: O,
  make: (shape: ShapeOf<R & O>) => S,
): (input?: unknown) => S {
  const made = new Map<string, S>();
  return (input) => {
    const isNamed = (name: string) =>
      input === undefined || (typeof input === "object" && input !== null && name in input);
    const named = Object.keys(optional).filter(isNamed);
    const key = named.join();
    let schema = made.get(key);
    if (!schema) {
      const shape: Record<string, z.ZodMiniType> = {};
      for (const name of Object.keys(required)) shape[name] = (required[name] as Parts[string])();
      for (const name of named) shape[name] = (optional[name] as Parts[string])();
      schema = make(shape as ShapeOf<R & O>);
      made.set(key, schema);
    }
    return schema;
  };
}
