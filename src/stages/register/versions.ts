import type { DescribeModelPackageOutput, ListedVersion, ModelRegistry } from '../../aws/model-registry.js';
import type { ModelVersion } from '../../plan.js';
import { PINNING_TAGS } from '../pinning-tags.js';
import { METADATA } from './metadata.js';
import type { SteadyConnection } from './steady-connection.js';

/** So many of the newest versions are looked at, and listed. */
export const MOST_VERSIONS = 20;
/** So many at a time. */
const AT_ONCE = 4;

/** A version with all that the registry has of it. */
export interface KnownVersion {
  readonly listed: ListedVersion;
  readonly described: DescribeModelPackageOutput;
}

/**
 * The newest versions of a group, the newest first; at most {@link MOST_VERSIONS}. One that somebody removes
 * meanwhile is left out.
 */
export async function knownVersions(
  aws: SteadyConnection<ModelRegistry>,
  group: string,
  signal: AbortSignal,
): Promise<readonly KnownVersion[]> {
  const list = await aws.call((registry) => registry.versions(group, { limit: MOST_VERSIONS }, signal));
  const known: KnownVersion[] = [];
  for (let index = 0; index < list.length; index += AT_ONCE) {
    const some = list.slice(index, index + AT_ONCE).map(async (listed) => {
      const described = await aws.call((registry) => registry.describe(listed.arn, signal));
      return described === undefined ? [] : [{ listed, described }];
    });
    known.push(...(await Promise.all(some)).flat());
  }
  return known;
}

export const shownVersion = ({ listed, described }: KnownVersion): ModelVersion => {
  const commit =
    described.CustomerMetadataProperties?.[PINNING_TAGS.commit] ?? described.MetadataProperties?.CommitId;
  return {
    version: listed.version,
    arn: listed.arn,
    approvalStatus: described.ModelApprovalStatus ?? listed.approvalStatus,
    createdAt: listed.createdAt.toISOString(),
    ...(commit !== undefined && { commit }),
  };
};

/** What makes two registrations the same model. */
export interface ModelIdentity {
  /** `sha256:…` */
  readonly imageDigest: string;
  readonly modelArtifacts: string;
  /** Of the model in S3: another one at the same address is another model. */
  readonly etag?: string;
}

/** The newest version that is this very model. One whose registration failed is none. */
export const findSame = (
  versions: readonly KnownVersion[],
  { imageDigest, modelArtifacts, etag }: ModelIdentity,
): KnownVersion | undefined =>
  versions.find(({ described }) => {
    if (/^(?:Failed|Deleting)$/.test(described.ModelPackageStatus ?? '')) return false;
    const [container, ...others] = described.InferenceSpecification?.Containers ?? [];
    const { Image = '', ImageDigest } = container ?? {};
    const knownEtag = described.CustomerMetadataProperties?.[METADATA.modelEtag];
    return (
      others.length === 0 &&
      (Image.endsWith(`@${imageDigest}`) || ImageDigest === imageDigest) &&
      withoutSlash(artifactsOf(described) ?? '') === withoutSlash(modelArtifacts) &&
      (etag === undefined || knownEtag === undefined || etag === knownEtag)
    );
  });

const withoutSlash = (uri: string): string => uri.replace(/\/+$/, '');

/** Address of the version's model in S3. */
export function artifactsOf({ InferenceSpecification }: DescribeModelPackageOutput): string | undefined {
  const [container] = InferenceSpecification?.Containers ?? [];
  return container?.ModelDataUrl ?? container?.ModelDataSource?.S3DataSource?.S3Uri;
}

/** What was just made, as the list would show it. */
export const listedOf = (
  arn: string,
  { ModelPackageVersion, ModelPackageStatus, ModelApprovalStatus, CreationTime }: DescribeModelPackageOutput,
): ListedVersion => ({
  arn,
  version: ModelPackageVersion ?? 0,
  status: ModelPackageStatus ?? '',
  approvalStatus: ModelApprovalStatus ?? 'PendingManualApproval',
  createdAt: CreationTime ?? new Date(0),
});
