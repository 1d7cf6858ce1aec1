/** One value of a metric, at a time in milliseconds since the epoch. */
export interface Sample {
  at: number;
  value: number;
}

export type Dimensions = Readonly<Record<string, string>>;

/** What CloudWatch has been told: values by namespace, name and exactly these dimensions. */
export interface Metrics {
  put(namespace: string, name: string, dimensions: Dimensions, sample: Sample): void;
  samples(namespace: string, name: string, dimensions: Dimensions): readonly Sample[];
  /** How many metrics there are, each of which is billed. */
  names(): string[];
}

export function createMetrics(): Metrics {
  const all = new Map<string, Sample[]>();
  const keyOf = (namespace: string, name: string, dimensions: Dimensions) =>
    JSON.stringify([namespace, name, Object.entries(dimensions).sort()]);
  return {
    put(namespace, name, dimensions, sample) {
      const key = keyOf(namespace, name, dimensions);
      const samples = all.get(key);
      if (samples) samples.push(sample);
      else all.set(key, [sample]);
    },
    samples: (namespace, name, dimensions) => all.get(keyOf(namespace, name, dimensions)) ?? [],
    names: () => [...all.keys()],
  };
}

/**
 * A statistic over the samples of one period; `null` when there are none.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
 */
export function statisticOf(samples: readonly Sample[], statistic: string): number | null {
  if (samples.length === 0) return null;
  const values = samples.map(({ value }) => value).sort((a, b) => a - b);
  const sum = values.reduce((total, value) => total + value, 0);
  switch (statistic) {
    case "Sum":
      return sum;
    case "SampleCount":
      return values.length;
    case "Average":
      return sum / values.length;
    case "Minimum":
      return values[0] as number;
    case "Maximum":
      return values.at(-1) as number;
    default: {
      const percent = /^p(\d+(?:\.\d+)?)$/.exec(statistic)?.[1];
      if (percent === undefined) throw new Error(`no statistic ${statistic}`);
      const rank = Math.ceil((Number(percent) / 100) * values.length);
      return values[Math.max(rank, 1) - 1] as number;
    }
  }
}
