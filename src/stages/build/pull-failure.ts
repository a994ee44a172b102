import { code } from './words.js';

/** Why an image could not be pulled, as a clause that can follow "X cannot be pulled: ", and what to do. */
export interface PullFailure {
  readonly reason: string;
  readonly fix: string;
}

interface Row {
  readonly pattern: RegExp;
  readonly explain: (image: string, platform: string) => PullFailure;
}

/**
 * What engines, BuildKit and registries answer, the special before the general: a registry that will not say
 * whether a private image exists answers with words for both.
 */
const ROWS: readonly Row[] = [
  {
    pattern: /toomanyrequests|429 Too Many Requests|pull rate limit/i,
    explain: (image) => ({
      reason: `the registry ${code(registryOf(image))} answers no more requests for now (rate limit)`,
      fix:
        registryOf(image) === 'docker.io'
          ? 'Log in to Docker Hub before this step (docker/login-action), which raises the limit, use a mirror such as `public.ecr.aws/docker/library/…`, or run it again later.'
          : 'Log in to the registry before this step (docker/login-action), or run it again later.',
    }),
  },
  {
    pattern:
      /no matching manifest|no match for platform|does not match the specified platform|platform .{0,40}not (?:found|supported)/i,
    explain: (image, platform) => ({
      reason: `its registry does not have it for ${platform}`,
      fix: `Use an image that exists for ${platform} (\`docker buildx imagetools inspect ${image}\` lists its platforms), or another instance type or \`platform\`.`,
    }),
  },
  {
    pattern:
      /pull access denied|insufficient_scope|authorization failed|authorization token has expired|unauthorized|authentication required|no basic auth credentials|40[13] (?:Unauthorized|Forbidden)|\bdenied\b/i,
    explain: (image) => ({
      reason: 'the name is wrong, or the image is private and this job is not logged in',
      fix: `Check the name. ${loginAdvice(image)}`,
    }),
  },
  {
    pattern:
      /manifest unknown|manifest for .* not found|name unknown|: not found|404 Not Found|NAME_UNKNOWN|does not exist|no such manifest/i,
    explain: () => ({
      reason: 'its registry does not have it',
      fix: 'Check the name and the tag or digest, and whether the image was pushed before this step.',
    }),
  },
  {
    pattern: /x509:|certificate/i,
    explain: (image) => ({
      reason: `the certificate of the registry ${code(registryOf(image))} is not trusted here`,
      fix: 'Give the Docker engine (or the BuildKit builder) the certificate of the registry’s authority.',
    }),
  },
  {
    pattern: /server gave HTTP response to HTTPS client/i,
    explain: (image) => ({
      reason: `the registry ${code(registryOf(image))} does not speak HTTPS`,
      fix: 'Give the registry a certificate, or name it among the engine’s `insecure-registries`.',
    }),
  },
  {
    pattern:
      /no such host|i\/o timeout|connection refused|network is unreachable|no route to host|TLS handshake timeout|connection reset|server misbehaving|Client\.Timeout|context deadline exceeded|unexpected EOF|\b50[0234] |Temporary failure in name resolution|proxyconnect/i,
    explain: (image) => ({
      reason: `the registry ${code(registryOf(image))} could not be reached`,
      fix: 'Check the registry’s name and the runner’s network (proxy, firewall), or run it again: registries fail for minutes now and then.',
    }),
  },
];

/** @param text what the engine or the builder said; untrusted */
export function explainPull(text: string, image: string, platform: string): PullFailure | undefined {
  return ROWS.find(({ pattern }) => pattern.test(text))?.explain(image, platform);
}

/** The host of a reference, as Docker reads it: the first part, when it looks like a host. */
export function registryOf(image: string): string {
  const [host = '', ...path] = image.split('/');
  return path.length > 0 && (/[.:]/.test(host) || host === 'localhost') ? host : 'docker.io';
}

function loginAdvice(image: string): string {
  const registry = registryOf(image);
  const account = /^(\d{12})\.dkr\.ecr\./.exec(registry)?.[1];
  if (account !== undefined) {
    return `For ECR, log in before this step: \`aws-actions/configure-aws-credentials\`, then \`aws-actions/amazon-ecr-login\` with \`registries: ${account}\` (AWS’s own deep learning containers need it too).`;
  }
  if (registry === 'ghcr.io') {
    return 'When it is private, log in before this step: `docker/login-action` with `registry: ghcr.io` and the job’s token, with `permissions: packages: read`.';
  }
  return 'When it is private, log in before this step (`docker/login-action`). Pull requests from forks get no secrets to log in with. An image that another job built is not on this runner: push it there, or pass it on as a file with `docker save` and `docker load`.';
}
