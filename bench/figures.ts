/** Measurements of one variant, and what is told of them: the middle, and what a quiet machine comes close to. */
export interface Figures {
  median: number;
  p20: number;
}

export function figuresOf(samples: readonly number[]): Figures {
  const sorted = samples.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor((sorted.length - 1) * share)] as number;
  return { median: at(0.5), p20: at(0.2) };
}

/** Runs all variants once per round, A B C A B C …, so that what disturbs the machine disturbs all alike. */
export async function interleave<V extends string, S>(
  rounds: number,
  variants: readonly V[],
  measure: (variant: V) => Promise<S>,
): Promise<Record<V, S[]>> {
  const samples = Object.fromEntries(variants.map((variant) => [variant, [] as S[]])) as Record<V, S[]>;
  for (let round = 0; round < rounds; round++) {
    for (const variant of variants) samples[variant].push(await measure(variant));
  }
  return samples;
}
