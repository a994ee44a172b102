import type { BuildPlan, BuildSecret, SourceRecord } from '../../plan.js';
import { StageFailure } from '../stage-failure.js';
import type { Builder } from './builder.js';
import { csvField } from './csv-field.js';
import { ociLabels } from './oci-labels.js';
import { commandLine, list } from './words.js';

/** One build as a command. */
export interface BuildCommand {
  /** Arguments of `docker`. Build arguments stand here with their values, secrets never do. */
  readonly args: readonly string[];
  /** Variables for the command alone: the secrets' values. */
  readonly env: Readonly<Record<string, string>>;
  /** The command as one could repeat it. Values of build arguments and secrets are left to the environment. */
  readonly shown: string;
}

const USE_BUILDX = 'Add `- uses: docker/setup-buildx-action@v3` before this step.';

/**
 * The command for a build.
 *
 * Build arguments go onto the command line whole, as `NAME=value`: by way of the environment, one that is named
 * PATH, HOME or DOCKER_HOST would change docker itself. They are no secrets: the image's history shows them.
 *
 * @throws StageFailure when the builder at hand cannot do what the plan asks for
 */
export function buildCommand(
  builder: Builder,
  plan: BuildPlan,
  source: SourceRecord,
  tag: string,
): BuildCommand {
  if (builder.kind === 'plain') {
    requirePlain(plan);
  }
  const env: Record<string, string> = {};
  const secrets = [...plan.secrets].flatMap(([id, secret], index) => [
    '--secret',
    secretOption(id, secret, `BYOC_BUILD_SECRET_${index}`, env),
  ]);
  const buildArgs = [...plan.buildArgs];
  const words = (withValues: boolean): readonly string[] => [
    ...(builder.kind === 'buildx' ? ['buildx', 'build'] : ['build']),
    ...['--file', plan.dockerfile],
    ...['--tag', tag],
    ...['--platform', plan.platform],
    ...(plan.target === undefined ? [] : ['--target', plan.target]),
    ...buildArgs.flatMap(([name, value]) => ['--build-arg', withValues ? `${name}=${value}` : name]),
    ...secrets,
    ...[...ociLabels(source, plan.labels)].flatMap(([name, value]) => ['--label', `${name}=${value}`]),
    ...plan.cacheFrom.flatMap((cache) => ['--cache-from', cache]),
    ...plan.cacheTo.flatMap((cache) => ['--cache-to', cache]),
    ...(plan.pull ? ['--pull'] : []),
    ...(builder.kind === 'buildx'
      ? ['--load', '--progress', 'plain', ...(builder.attests ? ['--provenance=false', '--sbom=false'] : [])]
      : // The container of a failed instruction would be left behind.
        ['--force-rm']),
    plan.context,
  ];
  return {
    args: words(true),
    // Should the user have set it to 1: without buildx, the client then refuses to build at all.
    env: builder.kind === 'plain' ? { DOCKER_BUILDKIT: '0' } : env,
    shown: commandLine(['docker', ...words(false)]),
  };
}

function secretOption(
  id: string,
  secret: BuildSecret,
  variable: string,
  env: Record<string, string>,
): string {
  if (secret.kind === 'file') {
    return [`id=${id}`, `src=${secret.path}`].map(csvField).join(',');
  }
  env[variable] = secret.value;
  return [`id=${id}`, `env=${variable}`].map(csvField).join(',');
}

/** What only BuildKit can do is refused before the build starts, not ignored. */
function requirePlain(plan: BuildPlan): void {
  const needs = [
    ...(plan.secrets.size > 0 ? ['build-secrets'] : []),
    ...(plan.cacheTo.length > 0 ? ['cache-to'] : []),
    ...(plan.cacheFrom.some((cache) => /(?:^|,)type=/.test(cache)) ? ['cache-from'] : []),
  ];
  if (needs.length > 0) {
    throw new StageFailure({
      message: `${list(needs)} cannot be used here: ${needs.length > 1 ? 'they need' : 'it needs'} BuildKit, and this Docker has no buildx.`,
      fix: `${USE_BUILDX} On a runner of your own, install the docker-buildx plugin. Or leave ${needs.length > 1 ? 'these inputs' : 'this input'} out.`,
    });
  }
}
