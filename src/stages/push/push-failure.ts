import { AwsError } from '../../aws/aws-error.js';
import { code } from '../build/words.js';
import type { StageFailure } from '../stage-failure.js';
import { diagnosed } from './diagnosed.js';

/** Where the image was to go, in the words that the messages need. */
export interface Target {
  readonly host: string;
  readonly repository: string;
  readonly tag: string;
}

type Row = readonly [
  RegExp,
  (target: Target, ...groups: (string | undefined)[]) => { message: string; fix: string },
];

const ROWS: readonly Row[] = [
  [
    /not authorized to perform: (ecr:\w+)(?: on resource: (\S+))?/,
    ({ repository }, action, resource) => ({
      message: `AWS denies ${code(action ?? '')} on the repository ${code(repository)}.`,
      fix: `Allow ${action}${resource ? ` on ${resource}` : ' on the repository'} in the policy of the role that the job uses. docs/permissions.md has the whole policy. (AmazonSageMakerFullAccess reaches only repositories with \`sagemaker\` in their name.)`,
    }),
  ],
  [
    // The answer to a HEAD request has no body: Docker finds no reason in it.
    /error parsing HTTP 403 response body|from HEAD request to \S+: 403 Forbidden/,
    ({ repository }) => ({
      message: `ECR denied the push to ${code(repository)} when Docker asked whether a layer is there already, and gave no reason.`,
      fix: 'Allow ecr:BatchCheckLayerAvailability in the policy of the role that the job uses; docs/permissions.md has the whole policy. Is it allowed? Then the credentials have expired meanwhile: give the session more time (`role-duration-seconds` of aws-actions/configure-aws-credentials).',
    }),
  ],
  [
    /tag invalid|cannot be overwritten because/i,
    ({ repository, tag }) => ({
      message: `The tag ${code(tag)} of ${code(repository)} belongs to another image, and the repository’s tags are immutable.`,
      fix: `Something else than this action wrote it, or wrote it in a form that SageMaker refuses. Remove it: \`aws ecr batch-delete-image --repository-name ${repository} --image-ids imageTag=${tag}\`.`,
    }),
  ],
  [/name unknown|repository with name .* does not exist/i, ({ repository }) => missing(repository)],
  [
    /no basic auth credentials|authorization token has expired|401 Unauthorized|unauthorized: |authentication required/i,
    ({ host }) => ({
      message: `The registry ${code(host)} does not take the login that ECR gave.`,
      fix: 'A login is good for as long as the credentials are: give the session more time (`role-duration-seconds` of aws-actions/configure-aws-credentials). Should a proxy stand before the registry, it must pass on the `Authorization` header.',
    }),
  ],
  [
    /no space left on device/i,
    () => ({
      message: 'The disk of the Docker engine is full: it packs each layer before it sends it.',
      fix: 'Free some (`docker system prune --all` before this step; GitHub’s runners hold large tools that can be removed), make the image smaller, or use a runner with more disk.',
    }),
  ],
  [
    /limit ?exceeded|layer .* too large|exceeds? .*(?:quota|limit|maximum)|too many images/i,
    ({ repository }) => ({
      message: `A quota of ECR does not let ${code(repository)} take this image.`,
      fix: 'The lines below name it. A repository holds 100,000 images, a layer 52,000 MiB: remove old images (`keep-images`), split the layer into several instructions of the Dockerfile, or ask for more in Service Quotas.',
    }),
  ],
  [
    /toomanyrequests|429 Too Many|rate exceeded|throttl/i,
    () => ({
      message: 'ECR kept refusing the push for too many requests.',
      fix: 'Run it again later. When many workflows push at once, let them wait for each other with a `concurrency:` group.',
    }),
  ],
  [
    /x509|certificate|server gave HTTP response to HTTPS client/i,
    ({ host }) => ({
      message: `The Docker engine does not trust the registry ${code(host)}.`,
      fix: 'Should a proxy stand in between, the engine must know its certificate (/etc/docker/certs.d, or the system’s own). A registry without TLS must be among the engine’s `insecure-registries`.',
    }),
  ],
  [
    /denied:|403 Forbidden/i,
    ({ repository }) => ({
      message: `The push to ${code(repository)} was denied.`,
      fix: 'Allow the calls of docs/permissions.md to the role that the job uses; a repository of another account must allow them in its own policy too.',
    }),
  ],
  [
    /dial tcp|no such host|connection (?:refused|reset)|i\/o timeout|TLS handshake timeout|\bEOF\b|broken pipe|Client\.Timeout|context deadline exceeded|50[0234] /i,
    ({ host }) => ({
      message: `The Docker engine lost the registry ${code(host)}, or did not reach it.`,
      fix: 'Run it again: layers that were sent are not sent again. On a runner of your own, check that the engine reaches the registry and S3 (DNS, the engine’s own proxy settings, VPC endpoints ecr.dkr, ecr.api and s3).',
    }),
  ],
];

/** What docker said while it logged in or pushed, in words. */
export function dockerFailure(doing: string, target: Target, lines: readonly string[]): StageFailure {
  const text = lines.join('\n');
  const said = { operation: doing === 'log in' ? 'docker login' : 'docker push', code: '', lines };
  for (const [pattern, words] of ROWS) {
    const match = pattern.exec(text);
    if (match) return diagnosed({ ...words(target, ...match.slice(1)), lines }, said);
  }
  return diagnosed(
    {
      message: `Docker could not ${doing}: ${code(lines.at(-1) ?? 'it gave no reason')}.`,
      fix: 'Look at the lines that it printed, and run it again.',
      lines,
    },
    said,
  );
}

/** What ECR answered, in words: those of the error itself, and better ones where the repository is known. */
export function ecrFailure(error: unknown, repository: string): unknown {
  if (!(error instanceof AwsError)) return error;
  const { code: name, message, fix, action, cause } = error;
  const said = {
    operation: action.replace(/^\w+:/, ''),
    code: name,
    lines: [cause instanceof Error ? cause.message : message],
  };
  switch (name) {
    case 'RepositoryNotFoundException':
      return diagnosed(missing(repository), said);
    case 'LimitExceededException':
      return diagnosed(
        {
          message,
          fix: 'Ask for more in Service Quotas (Amazon ECR), or remove repositories or images that are no longer needed: `keep-images` does that for images.',
        },
        said,
      );
    case 'KmsException':
      return diagnosed(
        {
          message,
          fix: 'The repository is encrypted with a KMS key of the account. Enable the key, and allow kms:Decrypt, kms:GenerateDataKey and kms:CreateGrant on it to the role that the job uses.',
        },
        said,
      );
    default:
      return diagnosed({ message, fix }, said);
  }
}

function missing(repository: string): { message: string; fix: string } {
  return {
    message: `There is no repository ${code(repository)} in this account and Region.`,
    fix: 'Set `create-repository: true`, or create it. Is it there? Then check `aws-region`, and the account of the role that the job uses.',
  };
}
