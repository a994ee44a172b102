import { AwsError } from './service.js';
import { type ServiceModel, type Shape, shapeOf } from './service-model.js';

/** One rule of the model that a request breaks. */
interface Problem {
  /** As AWS writes it: `resourceConfig.instanceGroups.1.member.instanceType`. */
  readonly path: string;
  /** The value with its quotes, `null` when it is missing, undefined when it must not be shown. */
  readonly value: string | undefined;
  /** `Member must not be null` */
  readonly constraint: string;
}

/** How a service words broken rules. */
export type Wording = (problems: readonly Problem[]) => AwsError;

/** SageMaker's, and most services'. */
export const coralWording: Wording = (problems) =>
  new AwsError(
    'ValidationException',
    `${problems.length} validation error${problems.length === 1 ? '' : 's'} detected: ${problems
      .map(
        ({ path, value, constraint }) =>
          `Value ${value === undefined ? '' : `${value} `}at '${path}' failed to satisfy constraint: ${constraint}`,
      )
      .join('; ')}`,
  );

/** That of SageMaker's runtime. */
export const runtimeWording: Wording = (problems) =>
  new AwsError('ValidationError', coralWording(problems).message);

/** ECR names the first only, in words of its own. */
export const ecrWording: Wording = ([first]) => {
  const constraint = (first?.constraint ?? '')
    .replace(
      /^Member must satisfy regular expression pattern: (.*)$/s,
      "must satisfy regular expression '$1'",
    )
    .replace(/^Member must (?!satisfy constraint)/, 'must ');
  return new AwsError(
    'InvalidParameterException',
    `Invalid parameter at '${first?.path}' failed to satisfy constraint: '${constraint}'`,
  );
};

/**
 * A request's JSON, checked against AWS's published model: types, required members, lengths, ranges, patterns and
 * enums. Timestamps become Dates, blobs Buffers; members that the model lacks are dropped, as AWS drops them.
 *
 * @param unknownMember is told the path of each member that was dropped
 * @throws AwsError UnknownOperationException, SerializationException (a wrong type), or as `wording` says
 */
export function readInput(
  model: ServiceModel,
  operation: string,
  json: unknown,
  wording: Wording,
  unknownMember: (path: string) => void,
): unknown {
  const known = model.operations[operation];
  if (known === undefined) throw new AwsError('UnknownOperationException', '');
  if (known.input === undefined) return {};
  const reader = new Reader(model, unknownMember);
  const input = reader.read(known.input.shape, json ?? {}, '');
  if (reader.problems.length > 0) throw wording(reader.problems);
  return input;
}

class Reader {
  readonly problems: Problem[] = [];
  private readonly model: ServiceModel;
  private readonly unknownMember: (path: string) => void;

  constructor(model: ServiceModel, unknownMember: (path: string) => void) {
    this.model = model;
    this.unknownMember = unknownMember;
  }

  read(name: string, value: unknown, path: string): unknown {
    const shape = shapeOf(this.model, name);
    switch (shape.type) {
      case 'structure':
        return this.structure(shape, asObject(value), path);
      case 'list':
        return this.list(shape, asList(value), path);
      case 'map':
        return this.map(shape, asObject(value), path);
      default: {
        const read = asScalar(shape.type, value);
        for (const constraint of brokenRules(shape, read)) this.add(path, shape, read, constraint);
        return read;
      }
    }
  }

  private add(path: string, shape: Shape, value: unknown, constraint: string): void {
    this.problems.push({
      path,
      value: shape.sensitive === true ? undefined : `'${show(value)}'`,
      constraint,
    });
  }

  private structure(shape: Shape, value: Readonly<Record<string, unknown>>, path: string): unknown {
    const result: Record<string, unknown> = {};
    const below = (name: string) => (path === '' ? lowerFirst(name) : `${path}.${lowerFirst(name)}`);
    for (const name of shape.required ?? []) {
      if (value[name] === undefined || value[name] === null) {
        this.problems.push({ path: below(name), value: 'null', constraint: 'Member must not be null' });
      }
    }
    for (const [name, item] of Object.entries(value)) {
      const member = Object.hasOwn(shape.members ?? {}, name) ? shape.members?.[name] : undefined;
      if (member === undefined) this.unknownMember(below(name));
      else if (item !== undefined && item !== null) {
        result[name] = this.read(member.shape, item, below(name));
      }
    }
    return result;
  }

  private list(shape: Shape, value: readonly unknown[], path: string): unknown {
    for (const constraint of brokenLength(shape, value.length)) this.add(path, shape, value, constraint);
    const name = shape.member?.shape ?? '';
    const member = shapeOf(this.model, name);
    if (isDeep(member))
      return value.map((item, index) => this.read(name, item, `${path}.${index + 1}.member`));
    const items = value.map((item) => asScalar(member.type, item));
    const broken = new Set(items.flatMap((item) => brokenRules(member, item)));
    if (broken.size > 0) {
      this.add(path, shape, value, `Member must satisfy constraint: [${allRules(member).join(', ')}]`);
    }
    return items;
  }

  private map(shape: Shape, value: Readonly<Record<string, unknown>>, path: string): unknown {
    const entries = Object.entries(value);
    for (const constraint of brokenLength(shape, entries.length)) this.add(path, shape, value, constraint);
    const key = shapeOf(this.model, shape.key?.shape ?? '');
    const name = shape.value?.shape ?? '';
    const member = shapeOf(this.model, name);
    if (entries.some(([item]) => brokenRules(key, item).length > 0)) {
      this.add(path, shape, value, `Map keys must satisfy constraint: [${allRules(key).join(', ')}]`);
    }
    if (isDeep(member)) {
      return Object.fromEntries(
        entries.map(([at, item]) => [at, this.read(name, item, `${path}.${at}.member`)]),
      );
    }
    const items = entries.map(([at, item]) => [at, asScalar(member.type, item)] as const);
    if (items.some(([, item]) => brokenRules(member, item).length > 0)) {
      this.add(path, shape, value, `Map value must satisfy constraint: [${allRules(member).join(', ')}]`);
    }
    return Object.fromEntries(items);
  }
}

const isDeep = (shape: Shape): boolean => ['structure', 'list', 'map'].includes(shape.type);
const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** As Java writes lists and maps in a message. */
function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(show).join(', ')}]`;
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${key}=${show(item)}`)
      .join(', ')}}`;
  }
  return String(value);
}

function kindOf(value: unknown): string {
  if (typeof value === 'string') return 'STRING_VALUE';
  if (typeof value === 'number') return Number.isInteger(value) ? 'NUMBER_VALUE' : 'DECIMAL_VALUE';
  if (typeof value === 'boolean') return value ? 'TRUE_VALUE' : 'FALSE_VALUE';
  return 'START_OBJECT';
}

const wrongType = (message: string): AwsError => new AwsError('SerializationException', message);

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    return value as Readonly<Record<string, unknown>>;
  }
  throw wrongType(Array.isArray(value) ? 'Unexpected list' : 'Unexpected field type');
}

function asList(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw wrongType(
    typeof value === 'object'
      ? 'Start of structure or map found where not expected'
      : 'Expected list or null',
  );
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'String',
  integer: 'Integer',
  long: 'Long',
  float: 'Float',
  double: 'Double',
  boolean: 'Boolean',
  timestamp: 'Timestamp',
  blob: 'Blob',
};

function asScalar(type: string, value: unknown): unknown {
  if (type === 'blob' && Buffer.isBuffer(value)) return value;
  if (typeof value === 'object') throw wrongType('Start of structure or map found where not expected.');
  switch (type) {
    case 'string':
      if (typeof value === 'string') return value;
      break;
    case 'boolean':
      if (typeof value === 'boolean') return value;
      break;
    case 'integer':
    case 'long':
      if (typeof value === 'number' && Number.isInteger(value)) return value;
      break;
    case 'float':
    case 'double':
      if (typeof value === 'number') return value;
      break;
    case 'timestamp': {
      const date = typeof value === 'number' ? new Date(value * 1000) : new Date(String(value));
      if (typeof value !== 'boolean' && !Number.isNaN(date.getTime())) return date;
      break;
    }
    case 'blob':
      if (typeof value === 'string') return Buffer.from(value, 'base64');
      break;
  }
  throw wrongType(
    `${kindOf(value)} can not be converted to ${type === 'integer' ? 'an' : 'a'} ${TYPE_NAMES[type] ?? type}`,
  );
}

function brokenLength(shape: Shape, length: number): readonly string[] {
  return lengthRules(shape)
    .filter(({ holds }) => !holds(length))
    .map(({ text }) => text);
}

const lengthRules = (shape: Shape) => [
  ...(shape.max === undefined
    ? []
    : [
        {
          text: `Member must have length less than or equal to ${shape.max}`,
          holds: (length: number) => length <= (shape.max ?? 0),
        },
      ]),
  ...(shape.min === undefined
    ? []
    : [
        {
          text: `Member must have length greater than or equal to ${shape.min}`,
          holds: (length: number) => length >= (shape.min ?? 0),
        },
      ]),
];

function rulesOf(
  shape: Shape,
): readonly { readonly text: string; readonly holds: (value: unknown) => boolean }[] {
  if (shape.type === 'string' || shape.type === 'blob') {
    const { pattern, enum: names } = shape;
    return [
      ...lengthRules(shape).map(({ text, holds }) => ({
        text,
        holds: (value: unknown) => holds((value as string | Buffer).length),
      })),
      ...(pattern === undefined
        ? []
        : [
            {
              text: `Member must satisfy regular expression pattern: ${pattern}`,
              holds: (value: unknown) => compile(pattern).test(String(value)),
            },
          ]),
      ...(names === undefined
        ? []
        : [
            {
              text: `Member must satisfy enum value set: [${names.join(', ')}]`,
              holds: (value: unknown) => names.includes(String(value)),
            },
          ]),
    ];
  }
  const { min, max } = shape;
  return [
    ...(max === undefined
      ? []
      : [
          {
            text: `Member must have value less than or equal to ${max}`,
            holds: (value: unknown) => Number(value) <= max,
          },
        ]),
    ...(min === undefined
      ? []
      : [
          {
            text: `Member must have value greater than or equal to ${min}`,
            holds: (value: unknown) => Number(value) >= min,
          },
        ]),
  ];
}

const allRules = (shape: Shape): readonly string[] => rulesOf(shape).map(({ text }) => text);
const brokenRules = (shape: Shape, value: unknown): readonly string[] =>
  rulesOf(shape)
    .filter(({ holds }) => !holds(value))
    .map(({ text }) => text);

const compiled = new Map<string, RegExp>();

/** The models' patterns are Java's, and match the whole value. */
export function compile(pattern: string): RegExp {
  let found = compiled.get(pattern);
  if (found === undefined) {
    // `$` before a count is a slip in the published model, which Java forgives.
    const javaScripts = pattern
      .replaceAll('\\p{Alnum}', 'a-zA-Z0-9')
      .replaceAll(/\[\\p\{Print\}\]|\\p\{Print\}/g, '[\\x20-\\x7E]')
      .replaceAll(/\\[Az]/g, '')
      .replaceAll('${', '{');
    const whole = `^(?:${javaScripts})$`;
    try {
      found = new RegExp(whole, 'u');
    } catch {
      // Java allows escapes that JavaScript's Unicode mode does not.
      found = new RegExp(whole);
    }
    compiled.set(pattern, found);
  }
  return found;
}
