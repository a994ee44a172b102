import type { ApiFailure } from '../../failure.js';
import type { MessageRow } from '../../row.js';
import { named } from '../../text.js';

/** ECR, by its API and by what docker repeats of it. */
export const REGISTRY_ROWS: readonly MessageRow<ApiFailure>[] = [
  {
    id: 'C05',
    class: 'repository-missing',
    where: 'CI / ECR / OIDC',
    pattern:
      /The repository with name '([^']{1,260})' does not exist in the registry|^RepositoryNotFoundException\b/,
    cause: 'The ECR repository does not exist in this Region and account.',
    fix: 'Set `create-repository: true`, or create it; check `repository`, `aws-region` and the account of the credentials.',
    specific: ([, name]) =>
      name === undefined
        ? {}
        : { cause: `The ECR repository \`${named(name, 260)}\` does not exist in this Region and account.` },
    source: '[doc] ecr model: RepositoryNotFoundException',
  },
  {
    id: 'C06',
    class: 'image-tag-immutable',
    where: 'CI / ECR / OIDC',
    pattern:
      /image tag '([^']{1,130})' already exists|ImageTagAlreadyExists|cannot be overwritten because the (?:repository|tag) is immutable/,
    cause: 'The repository’s tags are immutable, and the tag belongs to another image already.',
    fix: 'Leave moving tags such as `latest` out of `image-tags`: the content tag and the commit’s tag identify the image.',
    specific: ([, tag]) =>
      tag === undefined
        ? {}
        : {
            cause: `The repository’s tags are immutable, and the tag \`${named(tag, 130)}\` belongs to another image already.`,
          },
    source: '[doc] ecr model: ImageTagAlreadyExistsException',
  },
  {
    id: 'C07',
    class: 'registry-login-missing',
    where: 'CI / ECR / OIDC',
    pattern: /no basic auth credentials|authorization token has expired|^denied: Your authorization token/i,
    cause:
      'Docker is not logged in to this registry, or no longer: an ECR login lasts 12 hours and is for one host.',
    fix: 'Log in to exactly the host of the image’s URI (its account and Region), for example with aws-actions/amazon-ecr-login.',
    source: '[inf] message of docker',
  },
];
