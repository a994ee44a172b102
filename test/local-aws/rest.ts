import type { IncomingHttpHeaders } from 'node:http';
import { readInput, type Wording } from './read-input.js';
import { type ServiceModel, shapeOf } from './service-model.js';

/** An operation as a path asks for it. */
export interface RestCall {
  readonly operation: string;
  /** The parts of the path, by the name in the model: `EndpointName`. */
  readonly parts: Readonly<Record<string, string>>;
  /** The same as JSON. */
  readonly text: string;
}

/** The operation of a method and a path, as the model's `requestUri` has it; undefined when it is none's. */
export function matchRest(model: ServiceModel, method: string, pathname: string): RestCall | undefined {
  for (const [operation, { http }] of Object.entries(model.operations)) {
    if (http === undefined || http.method !== method) continue;
    const source = http.requestUri.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)');
    const groups = new RegExp(`^${source}$`).exec(pathname)?.groups;
    if (groups === undefined) continue;
    const parts = Object.fromEntries(
      Object.entries(groups).map(([name, value]) => [name, decodeURIComponent(value)]),
    );
    return { operation, parts, text: JSON.stringify(parts) };
  }
  return undefined;
}

/**
 * A request's path, headers and body as the operation's input, checked against the model.
 *
 * @throws AwsError as {@link readInput}
 */
export function readRestInput(
  model: ServiceModel,
  { operation, parts }: RestCall,
  headers: IncomingHttpHeaders,
  body: Buffer,
  wording: Wording,
): unknown {
  const shape = shapeOf(model, model.operations[operation]?.input?.shape ?? '');
  const input: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(shape.members ?? {})) {
    const { location, locationName = name } = member;
    if (location === 'uri') {
      input[name] = parts[locationName];
    } else if (location === 'header') {
      const text = headers[locationName.toLowerCase()];
      const { type } = shapeOf(model, member.shape);
      if (typeof text === 'string' && text !== '') input[name] = type === 'integer' ? Number(text) : text;
    } else if (name === shape.payload && (body.length > 0 || shape.required?.includes(name))) {
      input[name] = body;
    }
  }
  return readInput(model, operation, input, wording, () => {});
}
