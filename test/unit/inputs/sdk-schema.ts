import type { Shape } from '../../../src/inputs/request-shape.js';

/**
 * The SDK's own model of the request. A structure is [3, namespace, name, traits, members, their schemas, …]; a
 * member is such an array, a function that gives one, or a number for a simple type.
 */
type Resolved = number | readonly [kind: number, ...rest: unknown[]];
export type Schema = Resolved | (() => Resolved);

const KINDS: Readonly<Record<number, string>> = { 1: 'list', 2: 'map', 3: 'structure' };

/** Names and kinds of all fields, as dotted paths, of the SDK's model. */
export function pathsOfSdk(schema: Schema, path: string): string[] {
  const resolved = typeof schema === 'function' ? schema() : schema;
  if (typeof resolved === 'number') {
    if (resolved >= 128) return [`${path}: map`];
    if (resolved >= 64) return [`${path}: list`, `${path}[]: simple`];
    return [`${path}: ${resolved === 2 ? 'boolean' : 'simple'}`];
  }
  const kind = KINDS[resolved[0]] ?? 'simple';
  if (kind === 'list') return [`${path}: list`, ...pathsOfSdk(resolved[4] as Schema, `${path}[]`)];
  if (kind === 'structure') {
    const [, , , , names, members] = resolved as unknown as [0, 0, 0, 0, string[], Schema[]];
    return [
      `${path}: structure`,
      ...names.flatMap((name, index) => pathsOfSdk(members[index] ?? 0, `${path}.${name}`)),
    ];
  }
  return [`${path}: ${kind}`];
}

/** The same of a request as the inputs know it. */
export function pathsOfOurs(shape: Shape, path: string): string[] {
  switch (shape.kind) {
    case 'list':
      return [`${path}: list`, ...pathsOfOurs(shape.of, `${path}[]`)];
    case 'structure':
      return [
        `${path}: structure`,
        ...Object.entries(shape.fields).flatMap(([name, field]) => pathsOfOurs(field, `${path}.${name}`)),
      ];
    case 'map':
    case 'boolean':
      return [`${path}: ${shape.kind}`];
    default:
      return [`${path}: simple`];
  }
}
