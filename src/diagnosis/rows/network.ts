import type { ContainerFailure } from '../failure.js';
import { type CatalogueRow, isTraining } from '../row.js';
import { named } from '../text.js';

/** A program that cannot reach itself or a peer on loopback has a problem of its own, not of the network. */
const UNREACHABLE =
  /^(?!.*(?:localhost|127\.0\.0\.1|\[::1\])).*(?:NewConnectionError|Connection(?: to \S{1,200})? timed out|urlopen error timed out|Could not resolve host|Temporary failure in name resolution|Name or service not known|Max retries exceeded|Network is unreachable|EAI_AGAIN|getaddrinfo ENOTFOUND|Could not connect to the endpoint URL|EndpointConnectionError|We couldn't connect to|outgoing traffic has been disabled)/i;

/** A peer is named as the platform names hosts; a rendezvous that nobody joined names none. */
const UNREACHED =
  'Name or service not known|getaddrinfo|name resolution|could not (?:be )?resolved?|No address associated|failed to connect|connection refused|timed out|timeout|No route to host|Host is unreachable|ECONNREFUSED|ENOTFOUND|EAI_AGAIN';
const PEER = new RegExp(
  `(?:${UNREACHED}).{0,200}\\balgo-\\d|\\balgo-\\d{1,3}\\b.{0,200}(?:${UNREACHED})|DistStoreError|DistNetworkError|waiting for clients\\. \\d+\\/\\d+ clients joined|connectFullMesh failed`,
  'i',
);

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
    class: 'peer-unreachable',
    where: 'training log',
    pattern: PEER,
    applies: isTraining,
    cause:
      'A host of the job could not find or reach another one. The containers start at different times: a peer’s name may not resolve yet, or nothing may listen there yet.',
    fix: 'Repeat the look-up and the connection with back-off for a minute or more, take the names from `hosts` in /opt/ml/input/config/resourceconfig.json, and let the first of them listen on all interfaces.',
    specific: (groups) => {
      const peer = /\balgo-\d{1,3}\b/.exec(groups[0] ?? '')?.[0];
      return peer === undefined
        ? {}
        : {
            cause: `The host \`${peer}\` of the job could not be found or reached by another one. The containers start at different times: a peer’s name may not resolve yet, or nothing may listen there yet.`,
          };
    },
    source: '[doc] your-algorithms-training-algo-running-container.md; messages of c10d, gloo, ssh',
  },
  {
    id: 'T38',
    class: 'credentials-missing',
    where: 'training log',
    pattern: /Unable to locate credentials|NoCredentialsError|Could not load credentials from any providers/,
    cause:
      'The program calls AWS. The smoke test gives a container no AWS credentials; on SageMaker it would have those of the execution role, unless network isolation is on.',
    fix: 'Read the input from channels (`smoke-channels`) and write results to /opt/ml/model and /opt/ml/output/data, which SageMaker moves from and to S3; or let the program go on without AWS.',
    onPlatform: {
      cause:
        'The program calls AWS and found no credentials, which SageMaker offers by an address in the container’s environment.',
      fix: 'Leave `AWS_CONTAINER_CREDENTIALS_RELATIVE_URI` in the environment of the process that calls AWS, use a recent SDK, and remove profiles and keys from the image.',
    },
    specific: (_groups, failure) =>
      isolated(failure)
        ? {
            cause: 'The program calls AWS. With network isolation a container gets no AWS credentials.',
            fix: 'Pass data through channels and results through /opt/ml/model, or turn `network-isolation` off.',
          }
        : {},
    source:
      '[doc] mkt-algo-model-internet-free.md; [obs] AWS_CONTAINER_CREDENTIALS_RELATIVE_URI on SageMaker',
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
    class: 'network-unreachable',
    where: 'training log',
    pattern: UNREACHABLE,
    cause: 'The network, or a host on it, could not be reached from the runner.',
    fix: 'Run again when the host was down. Better is a container that needs no network: install packages and download weights when the image is built; on SageMaker a job in a VPC without NAT has no internet either.',
    onPlatform: {
      cause: 'The network, or a host on it, could not be reached from the job.',
      fix: 'A job in a VPC (`subnets`) reaches the internet only through a NAT gateway, and AWS through it or VPC endpoints. Better is a container that needs no network: install packages and download weights when the image is built.',
    },
    specific: (groups, failure) => {
      const name = host(groups);
      if (isolated(failure))
        return {
          cause: `The program needs ${name}, and network isolation cuts the container off from the network.`,
          fix: 'Install packages and download weights when the image is built, pass data as a channel, or turn `network-isolation` off.',
        };
      const from = failure.onPlatform === true ? 'job' : 'runner';
      return name === 'the network' ? {} : { cause: `${name} could not be reached from the ${from}.` };
    },
    source: '[obs] sdk#1142, sdk#2199; [doc] EnableNetworkIsolation',
  },
];
