/**
 * Variables of the environment, read one by one. A reader never throws: what is wrong goes to `faults`, in words that name
 * the variable and no value, so that all faults come together.
 */
export type Environment = Readonly<Record<string, string | undefined>>;

/** An empty variable is an unset one: deployment tools cannot always leave one out. */
export function read(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}

export function required(env: Environment, name: string, faults: string[]): string {
  const value = read(env, name);
  if (value === undefined) faults.push(`${name} is not set`);
  return value ?? "";
}

export function integer(
  env: Environment,
  name: string,
  fallback: number,
  min: number,
  max: number,
  faults: string[],
): number {
  const value = read(env, name);
  if (value === undefined) return fallback;
  const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  faults.push(`${name} must be a whole number from ${min} to ${max}`);
  return fallback;
}

export function oneOf<T extends string>(
  env: Environment,
  name: string,
  allowed: readonly T[],
  fallback: T,
  faults: string[],
): T {
  const value = read(env, name)?.toLowerCase();
  if (value === undefined) return fallback;
  const found = allowed.find((candidate) => candidate.toLowerCase() === value);
  if (!found) faults.push(`${name} must be one of ${allowed.join(", ")}`);
  return found ?? fallback;
}
