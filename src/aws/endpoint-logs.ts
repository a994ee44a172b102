import type { AwsPlan } from '../plan.js';
import { type LogStream, type LogStreams, openLogGroup } from './log-streams.js';

/** Where the containers of an endpoint log. It outlives the endpoint. [doc] */
export const endpointLogGroup = (endpointName: string): string => `/aws/sagemaker/Endpoints/${endpointName}`;

/** Clocks of CloudWatch and of the runner may differ by so much. */
const CLOCK_SKEW_MS = 5_000;

/**
 * The log streams of the containers that an endpoint has started since a moment: `<variant>/<instance>`, or
 * `<variant>/<instance>/<container>` in a pipeline. Those of the instances before are left out, and so are the
 * records of captured data.
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
  const from = since - CLOCK_SKEW_MS;
  return {
    async streams(_endpointName, signal) {
      const names: string[] = [];
      // The one that was written to last comes first: past the last new one there are only old ones.
      for await (const some of group.list(undefined, signal)) {
        names.push(...some.filter((stream) => isNew(stream, from)).map(({ name }) => name));
        if (some.some(({ lastEventAt }) => lastEventAt !== undefined && lastEventAt < from)) break;
      }
      return names.filter((name) => !name.endsWith('/data-log'));
    },
    page: group.page,
  };
}

const isNew = ({ createdAt }: LogStream, from: number): boolean =>
  createdAt === undefined || createdAt >= from;

/** `AllTraffic/i-0a1b2c` → `AllTraffic`, `AllTraffic/i-0a1b2c/tokenizer` → `AllTraffic/tokenizer`. */
export function variantOfStream(stream: string): string {
  const [variant = '', , container] = stream.replace(/[^\w./-]/g, '_').split('/');
  return container === undefined ? variant : `${variant}/${container}`;
}
