/** @throws Error when there are no values */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('There is no median of nothing.');
  const sorted = values.toSorted((a, b) => a - b);
  const [low = 0, high = 0] = [
    sorted[Math.floor((sorted.length - 1) / 2)],
    sorted[Math.ceil((sorted.length - 1) / 2)],
  ];
  return (low + high) / 2;
}

/** The most moments within any window of time. @param width of the window, in the moments' unit */
export function mostWithin(moments: readonly number[], width: number): number {
  const sorted = moments.toSorted((a, b) => a - b);
  let from = 0;
  let most = 0;
  for (const [to, moment] of sorted.entries()) {
    while (moment - (sorted[from] ?? moment) >= width) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

/** Numbers from 0 up to 1, without 1, the same ones each time. (Park and Miller's generator.) */
export function seededRandom(seed: number): () => number {
  let state = (seed % 2_147_483_646) + 1;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return (state - 1) / 2_147_483_646;
  };
}
