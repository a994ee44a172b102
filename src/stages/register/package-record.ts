import { modelCardPage } from '../../aws/console-links.js';
import type { DescribeModelPackageOutput, ModelCard } from '../../aws/model-registry.js';
import type { ModelPackageRecord, ModelVersion } from '../../plan.js';
import { artifactsOf } from './versions.js';

/** What is known of a version at some moment. */
export interface PackageKnowledge {
  readonly arn: string;
  readonly group: string;
  readonly region: string;
  readonly created: boolean;
  readonly groupCreated: boolean;
  /** Absent: it could not be asked yet. */
  readonly described?: DescribeModelPackageOutput;
  /** What it was made with, before it is described. */
  readonly wanted?: Pick<
    ModelPackageRecord,
    'approvalStatus' | 'image' | 'modelArtifacts' | 'metricsReport' | 'metadata'
  >;
  readonly card?: Pick<ModelCard, 'name' | 'version' | 'arn'>;
  readonly versions: readonly ModelVersion[];
}

/** The report's view of it. */
export function packageRecord(known: PackageKnowledge): ModelPackageRecord {
  const { arn, group, region, created, groupCreated, described, wanted, card, versions } = known;
  const version = described?.ModelPackageVersion ?? versionOf(arn);
  const image = described?.InferenceSpecification?.Containers?.[0]?.Image ?? wanted?.image;
  const modelArtifacts = (described && artifactsOf(described)) ?? wanted?.modelArtifacts;
  const metricsReport = described?.ModelMetrics?.ModelQuality?.Statistics?.S3Uri ?? wanted?.metricsReport;
  const cardPage = card && modelCardPage(region, card.name);
  return {
    arn,
    group,
    ...(version !== undefined && { version }),
    region,
    status: described?.ModelPackageStatus ?? 'Unknown',
    approvalStatus: described?.ModelApprovalStatus ?? wanted?.approvalStatus ?? 'PendingManualApproval',
    ...(described?.ApprovalDescription && { approvalDescription: described.ApprovalDescription }),
    created,
    groupCreated,
    ...(image !== undefined && { image }),
    ...(modelArtifacts !== undefined && { modelArtifacts }),
    ...(metricsReport !== undefined && { metricsReport }),
    metadata: described?.CustomerMetadataProperties ?? wanted?.metadata ?? {},
    ...(card && {
      card: {
        name: card.name,
        version: card.version,
        arn: card.arn,
        ...(cardPage !== undefined && { consoleUrl: cardPage }),
      },
    }),
    versions,
  };
}

/** Of `arn:…:model-package/<group>/<version>`. */
export const versionOf = (arn: string): number | undefined => {
  const digits = /:model-package\/[^/]+\/(\d+)$/.exec(arn)?.[1];
  return digits === undefined ? undefined : Number(digits);
};

/** Of `arn:…:model-package/<group>/<version>`. */
export const groupOf = (arn: string): string => /:model-package\/([^/]+)/.exec(arn)?.[1] ?? '';

export const regionOf = (arn: string): string => arn.split(':')[3] ?? '';
