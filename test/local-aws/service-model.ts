import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { AwsError } from './service.js';

/** A shape of AWS's published model of a service, as botocore carries it (`service-2.json`). */
export interface Shape {
  readonly type: string;
  readonly members?: Readonly<
    Record<string, { readonly shape: string; readonly location?: string; readonly locationName?: string }>
  >;
  /** REST: the member that is the body itself. */
  readonly payload?: string;
  readonly required?: readonly string[];
  readonly member?: { readonly shape: string };
  readonly key?: { readonly shape: string };
  readonly value?: { readonly shape: string };
  readonly min?: number;
  readonly max?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly sensitive?: boolean;
}

export interface ServiceModel {
  readonly operations: Readonly<
    Record<
      string,
      {
        readonly input?: { readonly shape: string };
        readonly output?: { readonly shape: string };
        readonly http?: { readonly method: string; readonly requestUri: string };
      }
    >
  >;
  readonly shapes: Readonly<Record<string, Shape>>;
}

/**
 * The newest model of a service that the Python environment's botocore has.
 *
 * @param environment the folder of the environment, `.tools/moto`
 * @throws when botocore is not there, saying how to install it
 */
export function readServiceModel(environment: string, service: string): ServiceModel {
  for (const python of entries(join(environment, 'lib'))) {
    const folder = join(environment, 'lib', python, 'site-packages', 'botocore', 'data', service);
    const version = entries(folder)
      .filter((name) => /^\d{4}-\d\d-\d\d$/.test(name))
      .sort()
      .at(-1);
    if (version === undefined) continue;
    const file = entries(join(folder, version)).find((name) => /^service-2\.json(\.gz)?$/.test(name));
    if (file === undefined) continue;
    const content = readFileSync(join(folder, version, file));
    return JSON.parse(
      (file.endsWith('.gz') ? gunzipSync(content) : content).toString('utf8'),
    ) as ServiceModel;
  }
  throw new Error(
    `AWS's model of the service ${service} is not in ${environment}. Run script/bootstrap --local-aws.`,
  );
}

function entries(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export function shapeOf(model: ServiceModel, name: string): Shape {
  const shape = model.shapes[name];
  if (shape === undefined) throw new Error(`the service model has no shape ${name}`);
  return shape;
}

/**
 * An operation's output as JSON 1.1 carries it: Dates become seconds since 1970, Buffers base64; what is
 * undefined is left out.
 * @throws AwsError when it has a member that the model lacks: a bug in the service that made it
 */
export function writeOutput(model: ServiceModel, operation: string, output: unknown): unknown {
  const name = model.operations[operation]?.output?.shape;
  return name === undefined ? {} : write(model, name, output ?? {}, operation);
}

function write(model: ServiceModel, name: string, value: unknown, path: string): unknown {
  const shape = shapeOf(model, name);
  if (value === undefined || value === null) return undefined;
  if (value instanceof Date) return value.getTime() / 1000;
  if (Buffer.isBuffer(value)) return value.toString('base64');
  if (shape.type === 'list') {
    const member = shape.member?.shape ?? '';
    return (value as readonly unknown[]).map((item, index) =>
      write(model, member, item, `${path}[${index}]`),
    );
  }
  if (shape.type === 'map') {
    const member = shape.value?.shape ?? '';
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, write(model, member, item, `${path}.${key}`)]),
    );
  }
  if (shape.type === 'structure') {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, item]) => item !== undefined && item !== null)
        .map(([key, item]) => {
          const member = shape.members?.[key];
          if (member === undefined) {
            throw new AwsError(
              'InternalFailure',
              `local AWS made ${path}.${key}, which the model lacks`,
              500,
            );
          }
          return [key, write(model, member.shape, item, `${path}.${key}`)];
        }),
    );
  }
  return value;
}
