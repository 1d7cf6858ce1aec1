/**
 * Filter patterns of CloudWatch Logs for JSON log events, as documented: selectors, numbers, text with wildcards,
 * `IS NULL`, `IS TRUE`, `NOT EXISTS`, `&&` before `||`, parentheses.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
 */
export type Matches = (event: Readonly<Record<string, unknown>>) => boolean;

const TOKEN = /\s*(?:(&&|\|\||[(){}])|(\$(?:\.\w+)+)|(!=|<=|>=|=|<|>)|"((?:[^"\\]|\\.)*)"|([\w.*-]+))/y;

interface Token {
  kind: "punctuation" | "selector" | "operator" | "text" | "word";
  value: string;
}

/** @throws Error for what is no pattern, or of a kind that is not known here. */
export function parsePattern(pattern: string): Matches {
  const tokens = tokensOf(pattern);
  let next = 0;
  const peek = () => tokens[next]?.value;
  const take = (): Token => {
    const token = tokens[next++];
    if (!token) throw new Error(`the pattern ends too early: ${pattern}`);
    return token;
  };
  const expect = (value: string) => {
    const token = take();
    if (token.value !== value) throw new Error(`expected ${value}, found ${token.value}`);
  };

  function either(): Matches {
    const cases = [both()];
    while (peek() === "||") {
      take();
      cases.push(both());
    }
    return (event) => cases.some((matches) => matches(event));
  }

  function both(): Matches {
    const parts = [term()];
    while (peek() === "&&") {
      take();
      parts.push(term());
    }
    return (event) => parts.every((matches) => matches(event));
  }

  function term(): Matches {
    if (peek() === "(") {
      take();
      const inner = either();
      expect(")");
      return inner;
    }
    return comparison();
  }

  function comparison(): Matches {
    const selector = take();
    if (selector.kind !== "selector") throw new Error(`${selector.value} is no selector`);
    const read = (event: unknown) => valueAt(event, selector.value);
    const operator = take();
    if (operator.value === "NOT") {
      expect("EXISTS");
      return (event) => read(event) === undefined;
    }
    if (operator.value === "IS") {
      const { value: what } = take();
      if (!["NULL", "TRUE", "FALSE"].includes(what)) throw new Error(`nothing IS ${what}`);
      return (event) => read(event) === JSON.parse(what.toLowerCase());
    }
    const wanted = take();
    if (operator.kind !== "operator") throw new Error(`${operator.value} is no operator`);
    return (event) => compare(read(event), operator.value, wanted);
  }

  expect("{");
  const matches = either();
  expect("}");
  if (next !== tokens.length) throw new Error(`more than a pattern: ${pattern}`);
  return matches;
}

function tokensOf(pattern: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < pattern.trimEnd().length) {
    const at = TOKEN.lastIndex;
    const found = TOKEN.exec(pattern);
    if (!found) throw new Error(`cannot be read from character ${at}: ${pattern}`);
    const kinds = ["punctuation", "selector", "operator", "text", "word"] as const;
    const index = found.slice(1).findIndex((value) => value !== undefined);
    tokens.push({ kind: kinds[index] as Token["kind"], value: found[index + 1] as string });
  }
  return tokens;
}

function valueAt(event: unknown, selector: string): unknown {
  let value = event;
  for (const name of selector.split(".").slice(1)) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** Numbers are compared with numbers alone, and a value that is not there meets no condition. */
function compare(value: unknown, operator: string, { kind, value: wanted }: Token): boolean {
  if (value === undefined || value === null) return false;
  if (kind === "word" && /^-?\d+(?:\.\d+)?$/.test(wanted)) {
    if (typeof value !== "number") return operator === "!=";
    const number = Number(wanted);
    if (operator === "=") return value === number;
    if (operator === "!=") return value !== number;
    if (operator === "<") return value < number;
    if (operator === "<=") return value <= number;
    return operator === ">" ? value > number : value >= number;
  }
  if (operator !== "=" && operator !== "!=") throw new Error(`text cannot be compared by ${operator}`);
  const text = wanted.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  const isEqual = typeof value === "string" && new RegExp(`^${text.join(".*")}$`, "s").test(value);
  return (operator === "=") === isEqual;
}
