import { createHash } from 'node:crypto';
import type { CreateModelPackageInput } from '../../aws/model-registry.js';
import type { RegisterPlan, SourceRecord } from '../../plan.js';
import { isArchive } from './model-info.js';

export interface PackageFacts {
  readonly plan: RegisterPlan;
  readonly source: SourceRecord;
  /** `<registry>/<repository>@sha256:…` */
  readonly imageUri: string;
  readonly modelArtifacts: string;
  readonly report?: { readonly uri: string; readonly digest: string };
  readonly metadata: Readonly<Record<string, string>>;
  /** JSON by the schema of a model package's card. */
  readonly card?: string;
  /** Number of the group's newest version; 0 when it has none. */
  readonly newest: number;
}

const LONGEST_TEXT = 1024;

/**
 * The request that makes the version. Its `ClientToken` follows from all the rest and from the version before, so
 * that a call that is repeated makes one version, and one that AWS has found fault with can be made anew. It has no tags: a version has those of its group. [doc] Tags of CreateModelPackage. Nor has it
 * a `SourceUri`, which the API takes in place of an InferenceSpecification only; `MetadataProperties` say the source.
 */
export function packageRequest(facts: PackageFacts): CreateModelPackageInput {
  const { plan, source, imageUri, modelArtifacts, report, metadata, card, newest } = facts;
  const description = plan.description === undefined ? '' : plainText(plan.description);
  const properties = metadataProperties(source);
  const request: CreateModelPackageInput = {
    ModelPackageGroupName: plan.group,
    ...(description !== '' && { ModelPackageDescription: description }),
    InferenceSpecification: {
      Containers: [
        {
          Image: imageUri,
          ...(isArchive(modelArtifacts)
            ? { ModelDataUrl: modelArtifacts }
            : {
                ModelDataSource: {
                  S3DataSource: {
                    S3Uri: modelArtifacts.replace(/\/*$/, '/'),
                    S3DataType: 'S3Prefix',
                    CompressionType: 'None',
                  },
                },
              }),
        },
      ],
      SupportedContentTypes: [...plan.contentTypes],
      SupportedResponseMIMETypes: [...plan.responseTypes],
      ...(plan.instanceTypes.length > 0 && {
        // Whether the type exists is AWS's to say, which has newer ones than the SDK.
        SupportedRealtimeInferenceInstanceTypes: [...plan.instanceTypes] as never[],
      }),
    },
    ModelApprovalStatus: plan.approvalStatus,
    ...(Object.keys(properties).length > 0 && { MetadataProperties: properties }),
    ...(report && {
      ModelMetrics: {
        ModelQuality: {
          Statistics: {
            ContentType: 'application/json',
            ContentDigest: report.digest,
            S3Uri: report.uri,
          },
        },
      },
    }),
    ...(Object.keys(metadata).length > 0 && { CustomerMetadataProperties: metadata }),
    ...(plan.card &&
      card !== undefined && { ModelCard: { ModelCardContent: card, ModelCardStatus: plan.card.status } }),
  };
  return { ...request, ClientToken: tokenOf(request, newest) };
}

/** MetadataProperties: what anybody with the registry's page needs to find the source. */
function metadataProperties({ commit, repository, serverUrl, workflow, runUrl }: SourceRecord) {
  const text = (value: string | undefined) => value?.slice(0, LONGEST_TEXT);
  return {
    ...(commit && { CommitId: text(commit) }),
    ...(repository && { Repository: text(`${serverUrl ?? 'https://github.com'}/${repository}`) }),
    ...((runUrl ?? workflow) && { GeneratedBy: text(runUrl ?? workflow) }),
    ...(repository && { ProjectId: text(repository) }),
  };
}

/** At most 36 letters and digits. [doc] ClientToken */
const tokenOf = (request: CreateModelPackageInput, newest: number): string =>
  createHash('sha256')
    .update(JSON.stringify([newest, request]))
    .digest('hex')
    .slice(0, 36);

/** One line of what the API takes in a description. */
export const plainText = (text: string): string =>
  text
    .replace(/[^\p{L}\p{M}\p{Z}\p{S}\p{N}\p{P}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_TEXT)
    .toWellFormed()
    .replace(/\ufffd$/, '');
