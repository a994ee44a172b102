import type { ContainerFailure } from '../failure.js';
import { type CatalogueRow, isTraining } from '../row.js';
import { named } from '../text.js';

/** A program that cannot reach itself or a peer on loopback has a problem of its own, not of the network. */
const UNREACHABLE =
  /^(?!.*(?:localhost|127\.0\.0\.1|\[::1\])).*(?:NewConnectionError|Connection(?: to \S{1,200})? timed out|Could not resolve host|Temporary failure in name resolution|Name or service not known|Max retries exceeded|Network is unreachable|EAI_AGAIN|getaddrinfo ENOTFOUND|Could not connect to the endpoint URL|EndpointConnectionError|We couldn't connect to|outgoing traffic has been disabled)/i;

/** The host that could not be reached, in the words of urllib3, curl, node, botocore and pip. */
const HOST =
  /(?:host=['"]|resolve host:? ['"]?|resolve ['"]|EAI_AGAIN |ENOTFOUND |connect to ['"]?|endpoint URL: ["'])(?:https?:\/\/)?([A-Za-z0-9.-]{3,100})/;

function host(groups: readonly (string | undefined)[]): string {
  const match = HOST.exec(groups[0] ?? '');
  return match === null ? 'the network' : `\`${named(match[1])}\``;
}

const isolated = (failure: ContainerFailure): boolean => failure.networkIsolated === true;

export const NETWORK_ROWS: readonly CatalogueRow[] = [
  {
    id: 'T40',
    class: 'peer-not-resolved',
    where: 'training log',
    pattern:
      /(?:Name or service not known|getaddrinfo|name resolution|could not (?:be )?resolved?).{0,200}\balgo-\d|\balgo-\d{1,3}\b.{0,200}(?:Name or service not known|name resolution|getaddrinfo|could not (?:be )?resolved?)/i,
    applies: isTraining,
    cause:
      'Another host of the job could not be found by its name. Names of peers may not resolve yet when a container starts.',
    fix: 'Repeat the look-up with back-off at start, and take the names from `hosts` in /opt/ml/input/config/resourceconfig.json.',
    source: '[doc] your-algorithms-training-algo-running-container.md',
  },
  {
    id: 'T38',
    class: 'no-aws-credentials-in-isolation',
    where: 'training log',
    pattern: /Unable to locate credentials|NoCredentialsError|Could not load credentials from any providers/,
    applies: isolated,
    cause: 'The program calls AWS. With network isolation a container gets no AWS credentials.',
    fix: 'Pass data through channels and results through /opt/ml/model, or turn `network-isolation` off.',
    source: '[doc] mkt-algo-model-internet-free.md',
  },
  {
    id: 'P18',
    class: 'no-aws-credentials-in-smoke-test',
    where: 'container log',
    pattern: /Unable to locate credentials|NoCredentialsError|Could not load credentials from any providers/,
    applies: (failure) => !isolated(failure),
    cause:
      'The program calls AWS. The smoke test gives a container no AWS credentials; on SageMaker it would have those of the execution role.',
    fix: 'Read the input from channels (`smoke-channels`) and write results to /opt/ml/model and /opt/ml/output/data, which SageMaker moves from and to S3; or let the program go on without AWS.',
    source: '[obs] AWS_CONTAINER_CREDENTIALS_RELATIVE_URI on SageMaker',
  },
  {
    id: 'P19',
    class: 'aws-region-missing',
    where: 'container log',
    pattern: /NoRegionError|You must specify a region/,
    cause:
      'boto3 has no Region: it reads `AWS_DEFAULT_REGION` and its configuration file, and not `AWS_REGION`, which is what SageMaker has been seen to set.',
    fix: 'Pass the Region in the program (`boto3.client("s3", region_name=os.environ["AWS_REGION"])`), or set `AWS_DEFAULT_REGION` in `environment`.',
    source: '[obs] environment dumps; [code] botocore configuration',
  },
  {
    id: 'T37',
    class: 'network-isolated',
    where: 'training log',
    pattern: UNREACHABLE,
    applies: isolated,
    cause: 'The program needs the network, and network isolation cuts the container off from it.',
    fix: 'Install packages and download weights when the image is built, pass data as a channel, or turn `network-isolation` off.',
    specific: (groups) => ({
      cause: `The program needs ${host(groups)}, and network isolation cuts the container off from the network.`,
    }),
    source: '[obs] sdk#1142, sdk#2199; [doc] EnableNetworkIsolation',
  },
  {
    id: 'P20',
    class: 'network-unreachable',
    where: 'container log',
    pattern: UNREACHABLE,
    applies: (failure) => !isolated(failure),
    cause: 'The network, or a host on it, could not be reached from the runner.',
    fix: 'Run again when the host was down. Better is a container that needs no network: install packages and download weights when the image is built; on SageMaker a job in a VPC without NAT has no internet either.',
    specific: (groups) => {
      const name = host(groups);
      return name === 'the network' ? {} : { cause: `${name} could not be reached from the runner.` };
    },
    source: '[obs] sdk#1142, sdk#2199',
  },
];
