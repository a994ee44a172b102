import { type CollectionTag, parse, type ScalarTag, type Tags, YAMLMap } from 'yaml';

/** A template, as far as {@link instantiate} reads it. */
interface Template {
  readonly Parameters?: Readonly<
    Record<string, { readonly Default?: unknown; readonly AllowedPattern?: string }>
  >;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<
    Record<string, { readonly Type: string; readonly Condition?: string; readonly Properties: unknown }>
  >;
  readonly Outputs?: Readonly<Record<string, { readonly Value: unknown }>>;
}

/** What a stack of a template would be made of. */
export interface Stack {
  /** By logical name; those whose condition does not hold are left out. */
  readonly resources: ReadonlyMap<string, { readonly type: string; readonly properties: unknown }>;
  readonly outputs: ReadonlyMap<string, unknown>;
}

const ABSENT = Symbol('AWS::NoValue');
const FUNCTIONS = ['Ref', 'Sub', 'Equals', 'Not', 'If', 'GetAtt'] as const;

/**
 * Works out a template of CloudFormation, which moto has no alarms in: `!Ref`, `!Sub`, `!If`, `!Not`, `!Equals` and
 * `!GetAtt <resource>.Arn`, of resources that are alarms.
 *
 * @param reference what `!Ref` of a resource is, and what its ARN is
 * @throws Error for a parameter that has no value or breaks its pattern, and for what is not known here
 */
export function instantiate(
  text: string,
  parameters: Readonly<Record<string, string>>,
  reference: (properties: Readonly<Record<string, unknown>>) => {
    readonly ref: string;
    readonly arn: string;
  },
): Stack {
  const template = parse(text, { customTags: tags() }) as Template;
  const values = Object.fromEntries(
    Object.entries(template.Parameters ?? {}).map(([name, { Default, AllowedPattern }]) => {
      const value = parameters[name] ?? Default;
      if (value === undefined) throw new Error(`the parameter ${name} has no value`);
      if (AllowedPattern !== undefined && !new RegExp(`^(?:${AllowedPattern})$`).test(String(value))) {
        throw new Error(`${name}=${value} does not match ${AllowedPattern}`);
      }
      return [name, value];
    }),
  );

  const refer = (name: string): unknown => {
    if (name === 'AWS::NoValue') return ABSENT;
    if (Object.hasOwn(values, name)) return values[name];
    return identity(name).ref;
  };
  const identity = (name: string) => {
    const resource = template.Resources[name];
    if (resource === undefined) throw new Error(`the template has no ${name}`);
    return reference(resolve(resource.Properties) as Record<string, unknown>);
  };
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve).filter((item) => item !== ABSENT);
    if (typeof value !== 'object' || value === null) return value;
    const [[key, argument] = ['', undefined], ...others] = Object.entries(value);
    if (others.length === 0 && key.startsWith('Fn::')) return apply(key.slice('Fn::'.length), argument);
    return Object.fromEntries(
      Object.entries(value)
        .map(([name, item]) => [name, resolve(item)] as const)
        .filter(([, item]) => item !== ABSENT),
    );
  };
  const apply = (name: string, argument: unknown): unknown => {
    const list = argument as readonly unknown[];
    switch (name) {
      case 'Ref':
        return refer(String(argument));
      case 'Sub':
        return String(argument).replace(/\$\{([^}]+)\}/g, (_, found: string) => String(refer(found)));
      case 'Equals':
        return resolve(list[0]) === resolve(list[1]);
      case 'Not':
        return resolve(list[0]) !== true;
      case 'If':
        return resolve(holds(String(list[0])) ? list[1] : list[2]);
      case 'GetAtt': {
        const [resource = '', attribute] = String(argument).split('.');
        if (attribute === 'Arn') return identity(resource).arn;
      }
    }
    throw new Error(`!${name} ${JSON.stringify(argument)} is not known here`);
  };
  const holds = (condition: string): boolean => {
    if (template.Conditions?.[condition] === undefined) {
      throw new Error(`the template has no condition ${condition}`);
    }
    return resolve(template.Conditions[condition]) === true;
  };

  return {
    resources: new Map(
      Object.entries(template.Resources)
        .filter(([, { Condition }]) => Condition === undefined || holds(Condition))
        .map(([name, { Type, Properties }]) => [name, { type: Type, properties: resolve(Properties) }]),
    ),
    outputs: new Map(
      Object.entries(template.Outputs ?? {}).map(([name, { Value }]) => [name, resolve(Value)]),
    ),
  };
}

/** `!Sub x` is read as `{"Fn::Sub": x}`. */
function tags(): Tags {
  return FUNCTIONS.flatMap((name): (CollectionTag | ScalarTag)[] => [
    { tag: `!${name}`, resolve: (text) => ({ [`Fn::${name}`]: text }) },
    {
      tag: `!${name}`,
      collection: 'seq',
      // Its items are nodes still: only the whole document makes them plain.
      resolve: (list) => {
        const map = new YAMLMap();
        map.set(`Fn::${name}`, list);
        return map;
      },
    },
  ]);
}
