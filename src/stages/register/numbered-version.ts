import type { ModelRegistry } from '../../aws/model-registry.js';
import { StageFailure } from '../stage-failure.js';

/** Of a group's versions, so many are looked through, the newest first: ten pages of ListModelPackages. */
const MOST_VERSIONS = 1_000;

/**
 * The ARN of a version by its number in the group.
 *
 * @throws StageFailure when the group has no such version; AwsError; CanceledError
 */
export async function numberedVersion(
  registry: Pick<ModelRegistry, 'versions' | 'region'>,
  { group, version }: { readonly group: string; readonly version: number },
  signal: AbortSignal,
): Promise<string> {
  const versions = await registry.versions(group, { limit: MOST_VERSIONS }, signal);
  const found = versions.find((one) => one.version === version);
  if (found !== undefined) return found.arn;
  throw new StageFailure({
    message: `The model package group ${group} has no version ${version} in ${registry.region}, or does not exist.`,
    fix: 'Check `model-package`, `model-package-group` and `aws-region`.',
  });
}
