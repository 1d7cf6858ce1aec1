/**
 * Metric math as far as it is used: numbers, references to other metrics, arithmetic, comparisons, IF and FILL. Where one
 * operand has no value for a period, the result has none.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export type Lookup = (id: string) => number | null;

const TOKEN = /\s*(?:(\d+(?:\.\d+)?)|([a-zA-Z]\w*)|(>=|<=|==|!=|[-+*/()<>,]))/y;

export function evaluate(expression: string, lookup: Lookup): number | null {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < expression.trimEnd().length) {
    const found = TOKEN.exec(expression);
    if (!found) throw new Error(`cannot be read: ${expression}`);
    tokens.push((found[1] ?? found[2] ?? found[3]) as string);
  }
  let next = 0;
  const take = () => tokens[next++] as string;
  const expect = (wanted: string) => {
    const token = take();
    if (token !== wanted) throw new Error(`expected ${wanted}, found ${token}`);
  };

  function binary(operators: readonly string[], operand: () => number | null): () => number | null {
    return () => {
      let left = operand();
      while (operators.includes(tokens[next] as string)) left = apply(take(), left, operand());
      return left;
    };
  }
  const product = binary(["*", "/"], factor);
  const sum = binary(["+", "-"], product);
  const comparison = binary([">=", "<=", "==", "!=", "<", ">"], sum);

  function factor(): number | null {
    const token = take();
    if (token === "(") {
      const inner = comparison();
      expect(")");
      return inner;
    }
    if (/^\d/.test(token)) return Number(token);
    if (tokens[next] !== "(") return lookup(token);
    expect("(");
    const values = [comparison()];
    while (tokens[next] === ",") {
      take();
      values.push(comparison());
    }
    expect(")");
    const [first = null, second = null, third = null] = values;
    if (token === "FILL") return first ?? second;
    if (token === "IF") return first === null ? null : first !== 0 ? second : third;
    throw new Error(`no function ${token}`);
  }

  const value = comparison();
  if (next !== tokens.length) throw new Error(`more than an expression: ${expression}`);
  return value;
}

function apply(operator: string, left: number | null, right: number | null): number | null {
  if (left === null || right === null) return null;
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    case "/":
      // A division by zero gives no value.
      return right === 0 ? null : left / right;
    case ">=":
      return Number(left >= right);
    case "<=":
      return Number(left <= right);
    case "<":
      return Number(left < right);
    case ">":
      return Number(left > right);
    case "==":
      return Number(left === right);
    default:
      return Number(left !== right);
  }
}
