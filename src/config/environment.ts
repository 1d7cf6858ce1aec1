/** The variables of a process. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** An empty variable is an unset one: deployment tools cannot always leave one out. */
export function read(env: Environment, name: string): string | undefined {
  return env[name]?.trim() || undefined;
}

/**
 * Reads variables one by one. It never throws: each fault names the variable and no value, so that all faults are reported
 * together.
 */
export class EnvironmentReader {
  readonly faults: string[] = [];
  readonly #env: Environment;

  constructor(env: Environment) {
    this.#env = env;
  }

  optional(name: string): string | null {
    return read(this.#env, name) ?? null;
  }

  required(name: string): string {
    const value = this.optional(name);
    if (value === null) this.faults.push(`${name} is not set`);
    return value ?? "";
  }

  integer(name: string, fallback: number, { min, max }: { min: number; max: number }): number {
    return this.parsed(name, fallback, (value) => {
      const number = /^\d{1,9}$/.test(value) ? Number(value) : Number.NaN;
      if (number >= min && number <= max) return number;
      throw new Error(`must be a whole number from ${min} to ${max}`);
    });
  }

  oneOf<T extends string>(name: string, fallback: T, allowed: readonly T[]): T {
    return this.parsed(name, fallback, (value) => {
      const found = allowed.find((candidate) => candidate.toLowerCase() === value.toLowerCase());
      if (found) return found;
      throw new Error(`must be one of ${allowed.join(", ")}`);
    });
  }

  /** The parts between commas, trimmed; an empty list when there are none. */
  list(name: string): string[] {
    const parts = (this.optional(name) ?? "").split(",").map((part) => part.trim());
    return parts.filter((part) => part !== "");
  }

  /** @param parse Throws an Error whose message says what is wrong, without the value. */
  parsed<T>(name: string, fallback: T, parse: (value: string) => T): T {
    const value = this.optional(name);
    if (value === null) return fallback;
    try {
      return parse(value);
    } catch (error) {
      this.faults.push(`${name} ${(error as Error).message}`);
      return fallback;
    }
  }
}
