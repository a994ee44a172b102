import type { ApiFailure } from '../../failure.js';
import type { MessageRow } from '../../row.js';
import { named } from '../../text.js';

/** Nobody's mistake: AWS or the way to it was down for longer than the retries last. */
export const WEATHER_ROWS: readonly MessageRow<ApiFailure>[] = [
  {
    id: 'P35',
    class: 'aws-unavailable',
    where: 'API error',
    pattern:
      /^(?:InternalFailure|InternalServer\w*|InternalError|InternalServiceError|ServiceUnavailable\w*|ServerException|ServiceException|Unavailable|50[0234])\b|\b50[0234] (?:Internal Server Error|Bad Gateway|Service Unavailable|Gateway Time-?out)/,
    cause: 'AWS answered with an error of its own on every try.',
    fix: 'Look at the AWS Health Dashboard, and run again: a job that was started is joined, not started twice.',
    specific: (_groups, failure) => ({
      cause: `AWS answered \`${named(failure.operation, 80)}\` with an error of its own on every try.`,
    }),
    source: '[doc] common errors of AWS APIs',
  },
  {
    id: 'P36',
    class: 'aws-unreachable',
    where: 'API error',
    pattern:
      /\b(?:ECONNRESET|ECONNREFUSED|ECONNABORTED|ETIMEDOUT|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_\w{1,40})\b|^(?:TimeoutError|NetworkingError|RequestTimeout\w*)\b|socket hang up|connection timed out|(?:i\/o|TLS handshake) timeout|connection reset by peer/i,
    cause: 'AWS could not be reached from the runner, or the connection broke on every try.',
    fix: 'Run again: a job that was started is joined, not started twice. A self-hosted runner needs a way to AWS’s endpoints (proxy, VPC endpoints, DNS).',
    source: '[code] error codes of Node.js and the AWS SDK',
  },
];
