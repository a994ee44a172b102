/** What the registry's lists are asked for. Times are exclusive. */
interface Wanted {
  readonly NameContains?: string | undefined;
  readonly CreationTimeAfter?: Date | undefined;
  readonly CreationTimeBefore?: Date | undefined;
  /** Default: the time of creation. */
  readonly SortBy?: 'Name' | 'CreationTime' | 'Version' | undefined;
  /** Default: Ascending. */
  readonly SortOrder?: 'Ascending' | 'Descending' | undefined;
}

/** The items that a list of the registry shows, in its order; items of one time in the order they came. */
export function listed<Item>(
  items: readonly Item[],
  keyOf: (item: Item) => { readonly name: string; readonly created: Date },
  { NameContains = '', CreationTimeAfter, CreationTimeBefore, SortBy, SortOrder }: Wanted,
): readonly Item[] {
  const found = items.filter((item) => {
    const { name, created } = keyOf(item);
    return (
      name.toLowerCase().includes(NameContains.toLowerCase()) &&
      (CreationTimeAfter === undefined || created > CreationTimeAfter) &&
      (CreationTimeBefore === undefined || created < CreationTimeBefore)
    );
  });
  const sorted = found.toSorted((a, b) => {
    const [first, second] = [keyOf(a), keyOf(b)];
    if (SortBy === 'Name') return first.name < second.name ? -1 : first.name > second.name ? 1 : 0;
    return first.created.getTime() - second.created.getTime();
  });
  return SortOrder === 'Descending' ? sorted.reverse() : sorted;
}
