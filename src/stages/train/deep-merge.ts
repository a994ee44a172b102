export type Json = Readonly<Record<string, unknown>>;

/**
 * The changes over the base: objects are merged field by field, anything else (lists too) is replaced, and null
 * takes a field away.
 */
export function deepMerge(base: Json, changes: Json): Json {
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    const before = Object.hasOwn(base, key) ? base[key] : undefined;
    if (value === null) delete merged[key];
    else set(merged, key, isObject(value) ? deepMerge(isObject(before) ? before : {}, value) : value);
  }
  return merged;
}

/** Dotted paths of the fields that the changes set or take away: `ResourceConfig.InstanceCount`. */
export function changedPaths(changes: Json, prefix = ''): readonly string[] {
  return Object.entries(changes).flatMap(([key, value]) =>
    isObject(value) && Object.keys(value).length > 0
      ? changedPaths(value, `${prefix}${key}.`)
      : [`${prefix}${key}`],
  );
}

/** Whether every field of the part is in the whole, with the same value. Lists must be alike item by item. */
export function isPartOf(part: unknown, whole: unknown): boolean {
  if (Array.isArray(part)) {
    return (
      Array.isArray(whole) &&
      part.length === whole.length &&
      part.every((item, index) => isPartOf(item, whole[index]))
    );
  }
  if (isObject(part)) {
    return isObject(whole) && Object.keys(part).every((key) => isPartOf(part[key], whole[key]));
  }
  return part === undefined || part === whole;
}

/** Dotted paths of the fields of the part that the whole has otherwise, or not at all; a list is one field. */
export function differingPaths(part: Json, whole: unknown, prefix = ''): readonly string[] {
  return Object.entries(part).flatMap(([key, value]) => {
    const other: unknown = isObject(whole) && Object.hasOwn(whole, key) ? whole[key] : undefined;
    if (isPartOf(value, other)) return [];
    return isObject(value) && isObject(other)
      ? differingPaths(value, other, `${prefix}${key}.`)
      : [`${prefix}${key}`];
  });
}

/** The JSON text with its keys sorted: the same for the same content. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    isObject(item) ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1))) : item,
  );
}

/** As data, also when the key is `__proto__`. */
function set(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date);
