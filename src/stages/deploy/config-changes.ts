import type { CreateEndpointConfigInput, DescribeEndpointConfigOutput } from '../../aws/endpoints.js';
import type { ConfigChange } from '../../plan.js';

type Config = CreateEndpointConfigInput | DescribeEndpointConfigOutput;

/** What names a configuration or was said by AWS of it, and so says nothing about what it does. */
const ASIDE = new Set([
  'EndpointConfigName',
  'EndpointConfigArn',
  'CreationTime',
  'Tags',
  '$metadata',
  'ResponseMetadata',
]);
/** Lists of things with names, which are compared by these. */
const NAMES = ['VariantName'];

/** What a configuration says differently from the one before, by dotted path: `AllTraffic.ModelName`. */
export function configChanges(before: Config, after: Config): readonly ConfigChange[] {
  const [was, is] = [leaves(before), leaves(after)];
  return [...new Set([...is.keys(), ...was.keys()])].flatMap((path) => {
    const [from, to] = [was.get(path), is.get(path)];
    // What AWS adds of itself when it describes a configuration: defaults that nobody has set.
    if (from === to || (to === undefined && isNothing(from))) return [];
    return [{ path, ...(from !== undefined && { before: from }), ...(to !== undefined && { after: to }) }];
  });
}

const isNothing = (value: string | undefined): boolean => /^(?:|false|0|\[\]|\{\}|null)$/.test(value ?? '');

function leaves(config: Config): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const visit = (value: unknown, path: readonly string[]): void => {
    if (Array.isArray(value) && value.some(nameOf)) {
      for (const item of value) visit(item, [...path.slice(0, -1), nameOf(item) ?? '']);
    } else if (
      typeof value === 'object' &&
      value !== null &&
      !Array.isArray(value) &&
      !(value instanceof Date)
    ) {
      for (const [key, inner] of Object.entries(value)) {
        if (!(path.length === 0 && ASIDE.has(key)) && !NAMES.includes(key)) visit(inner, [...path, key]);
      }
    } else if (value !== undefined) {
      found.set(path.join('.'), typeof value === 'string' ? value : JSON.stringify(value));
    }
  };
  visit(config, []);
  return found;
}

function nameOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const entry = Object.entries(value).find(([key]) => NAMES.includes(key));
  return typeof entry?.[1] === 'string' ? entry[1] : undefined;
}
