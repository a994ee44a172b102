import type { AwsPlan } from '../plan.js';
import { type LogStream, type LogStreams, openLogGroup } from './log-streams.js';

/** Where the containers of an endpoint log. It outlives the endpoint. [doc] */
export const endpointLogGroup = (endpointName: string): string => `/aws/sagemaker/Endpoints/${endpointName}`;

/**
 * The log streams of the containers that an endpoint has started since a moment: `<variant>/<instance>`, or
 * `<variant>/<instance>/<container>` in a pipeline. Those of the instances before are left out, and so are the
 * records of captured data. The moment is taken as it is: a new container starts a minute or so after it, so clocks
 * that differ by seconds lose none, while allowing for them would take in an old one.
 *
 * @param attempts of one call
 * @param since milliseconds since 1970
 */
export async function connectEndpointLogs(
  plan: AwsPlan,
  attempts: number,
  endpointName: string,
  since: number,
): Promise<LogStreams> {
  const group = await openLogGroup(plan, attempts, endpointLogGroup(endpointName));
  return {
    async streams(_endpointName, signal) {
      const names: string[] = [];
      // The one that was written to last comes first: past the last new one there are only old ones.
      for await (const some of group.list(undefined, signal)) {
        names.push(...some.filter((stream) => isNew(stream, since)).map(({ name }) => name));
        if (some.some(({ lastEventAt }) => lastEventAt !== undefined && lastEventAt < since)) break;
      }
      return names.filter((name) => !name.endsWith('/data-log'));
    },
    page: group.page,
  };
}

const isNew = ({ createdAt }: LogStream, since: number): boolean =>
  createdAt === undefined || createdAt >= since;

/** `AllTraffic/i-0a1b2c` → `AllTraffic`, `AllTraffic/i-0a1b2c/tokenizer` → `AllTraffic/tokenizer`. */
export function variantOfStream(stream: string): string {
  const [variant = '', , container] = stream.replace(/[^\w./-]/g, '_').split('/');
  return container === undefined ? variant : `${variant}/${container}`;
}
