/**
 * What a table says of a name that comes from elsewhere; undefined when it says nothing: `toString` is no name of
 * a table, though every object answers to it.
 */
export const ownValue = <Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;
