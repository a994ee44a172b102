/**
 * The known name that a mistyped one most likely stands for, or `undefined`. Close means: the same but for case
 * and separators, a few slips of the finger (counted as insertions, deletions, replacements and swaps), or the
 * end or start of a longer name (`channels` for `smoke-channels`).
 */
export function didYouMean(given: string, known: Iterable<string>): string | undefined {
  const wanted = plain(given);
  if (wanted === '') return undefined;
  const names = [...known];
  const same = names.find((name) => plain(name) === wanted);
  if (same !== undefined) return same;

  // One slip in four characters: "trian" is close to "train", "run" is not close to "sum".
  const allowed = Math.max(1, Math.floor(wanted.length / 4));
  let best: { name: string; distance: number } | undefined;
  for (const name of names) {
    const other = plain(name);
    if (Math.abs(other.length - wanted.length) > allowed) continue;
    const distance = editDistance(wanted, other);
    if (
      distance <= allowed &&
      distance < Math.min(other.length, best?.distance ?? Number.POSITIVE_INFINITY)
    ) {
      best = { name, distance };
    }
  }
  if (best) return best.name;
  if (wanted.length < 3) return undefined;
  return (
    names.find((name) => name.length > given.length && plain(name).endsWith(wanted)) ??
    names.find((name) => name.length > given.length && plain(name).startsWith(wanted))
  );
}

/** "Did you mean `x`? " or nothing, to put in front of a fix. */
export function suggestion(given: string, known: Iterable<string>): string {
  const name = didYouMean(given, known);
  return name === undefined ? '' : `Did you mean \`${name}\`? `;
}

const plain = (name: string): string => name.toLowerCase().replace(/[\s_-]+/g, '-');

/** Optimal string alignment distance. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(at(row, j - 1) + 1, at(last, j) + 1, at(last, j - 1) + cost);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, at(beforeLast, j - 2) + 1);
      }
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return at(last, b.length);
}

const at = (row: readonly number[], index: number): number => row[index] ?? Number.POSITIVE_INFINITY;
