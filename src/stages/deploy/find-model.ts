import { AwsError } from '../../aws/aws-error.js';
import type { ModelRegistry } from '../../aws/model-registry.js';
import type { Objects } from '../../aws/objects.js';
import type { AwsPlan, ModelPackageReference, ModelSource, VariantPlan } from '../../plan.js';
import type { MadeModel } from '../made-model.js';
import { pinImage } from '../register/image-digest.js';
import { numberedVersion } from '../register/numbered-version.js';
import { StageFailure } from '../stage-failure.js';

/** What a variant serves: as CreateModel takes it, and as the record shows it. */
export interface FoundModel {
  readonly container:
    | { readonly Image: string; readonly ModelDataUrl?: string; readonly ModelDataSource?: object }
    | { readonly ModelPackageName: string };
  readonly image?: string;
  readonly modelArtifacts?: string;
  readonly modelPackageArn?: string;
  /** ETag of the artifacts: another model at the same address is another model. */
  readonly etag?: string;
  /** Why it is not known which bytes the artifacts are. */
  readonly unread?: { readonly why: string; readonly isDenied: boolean };
}

export interface ModelFinder {
  readonly aws: AwsPlan;
  readonly made: MadeModel;
  readonly registry: () => Promise<ModelRegistry>;
  readonly objects: () => Promise<Objects>;
  /** The image by its digest; an image by tag is looked up in ECR. */
  readonly pin?: typeof pinImage;
  /** The overrides say how to reach another registry than ECR, which cannot be asked for a digest. */
  readonly elsewhere?: boolean;
  readonly signal: AbortSignal;
}

/**
 * The model of a variant: this run's, the artifacts that the plan names, or a version of the registry.
 *
 * @throws StageFailure when there is none, or it is not to be deployed
 */
export async function findModel(
  { name, model }: Pick<VariantPlan, 'name' | 'model'>,
  finder: ModelFinder,
): Promise<FoundModel> {
  const { made } = finder;
  switch (model.kind) {
    case 'run':
      return made.modelPackage?.approvalStatus === 'Approved' && made.modelPackage.status === 'Completed'
        ? ofPackage(made.modelPackage.arn, finder)
        : ofRun(name, finder);
    case 'artifacts':
      return ofArtifacts(name, model, finder);
    case 'package':
      return ofPackage(await arnOf(model.package, finder), finder);
  }
}

async function ofRun(variant: string, finder: ModelFinder): Promise<FoundModel> {
  const { job } = finder.made;
  if (job !== undefined && job.modelArtifacts === undefined) {
    throw new StageFailure({
      message: `The training job ${job.name} has left no model, so the variant ${variant} has none to serve.`,
      fix: 'Let the training write its model to /opt/ml/model, or name one with `model-artifacts`.',
    });
  }
  return ofImage(imageOf(variant, finder), job?.modelArtifacts, finder);
}

async function ofArtifacts(
  variant: string,
  { modelData, image }: Extract<ModelSource, { kind: 'artifacts' }>,
  finder: ModelFinder,
): Promise<FoundModel> {
  const found = await ofImage(image ?? imageOf(variant, finder), modelData, finder);
  return { ...found, ...(await identityOf(modelData, finder)) };
}

/**
 * Which bytes are behind an address that somebody may write to again. A training job writes to an address of its own.
 * S3 is asked by GetObject, which says why it refuses (HeadObject does not); the bytes themselves are not read.
 */
async function identityOf(
  modelData: string,
  { objects, signal }: ModelFinder,
): Promise<Pick<FoundModel, 'etag' | 'unread'>> {
  const unread = (why: string, isDenied = false) => ({ unread: { why, isDenied } });
  if (modelData.endsWith('/')) return unread('A prefix of objects has no ETag.');
  try {
    const object = await (await objects()).open(modelData, signal);
    object?.body.destroy();
    return object?.etag === undefined ? unread('S3 gives no ETag of it.') : { etag: object.etag };
  } catch (error) {
    if (!(error instanceof AwsError) || !/^(?:access-denied|not-found|invalid)$/.test(error.kind))
      throw error;
    return unread(`${error.message} ${error.fix}`, error.kind === 'access-denied');
  }
}

function imageOf(variant: string, { made }: ModelFinder): string {
  if (made.imageUri !== undefined) return made.imageUri;
  throw new StageFailure({
    message: `There is no image in ECR for the variant ${variant}.`,
    fix: 'Add `push` to `stages`, or name an image in ECR with `image-uri`.',
  });
}

async function ofImage(
  imageUri: string,
  modelData: string | undefined,
  { aws, signal, pin = pinImage, elsewhere = false }: ModelFinder,
): Promise<FoundModel> {
  // A tag may be another image's by the time that an instance pulls it.
  const { uri } = elsewhere ? { uri: imageUri } : await pin(imageUri, aws, signal);
  return {
    container: { Image: uri, ...(modelData !== undefined && dataOf(modelData)) },
    image: uri,
    ...(modelData !== undefined && { modelArtifacts: modelData }),
  };
}

/** An archive, or (with a `/` at its end) a prefix whose objects are the model's files. */
const dataOf = (uri: string) =>
  uri.endsWith('/')
    ? { ModelDataSource: { S3DataSource: { S3Uri: uri, S3DataType: 'S3Prefix', CompressionType: 'None' } } }
    : { ModelDataUrl: uri };

async function arnOf(reference: ModelPackageReference, { registry, signal }: ModelFinder): Promise<string> {
  if (reference.kind === 'arn') return reference.arn;
  if (reference.kind === 'version') return numberedVersion(await registry(), reference, signal);
  const approved = reference.kind === 'latest-approved';
  const latest = await (await registry()).latest(reference.group, approved, signal);
  if (latest !== undefined) return latest.arn;
  throw new StageFailure({
    message: `The model package group ${reference.group} has no ${approved ? 'approved ' : ''}version that could be deployed.`,
    fix: approved
      ? 'Approve one (`stages: approve`, or in the console of SageMaker), or register one with `approval-status: Approved`.'
      : 'Register one first (`stages: register`), and check the name of the group and `aws-region`.',
  });
}

async function ofPackage(arn: string, { registry, signal }: ModelFinder): Promise<FoundModel> {
  const version = await (await registry()).describe(arn, signal);
  if (version === undefined) {
    throw new StageFailure({
      message: `There is no model package ${arn}.`,
      fix: 'Check the ARN, its account and `aws-region`.',
    });
  }
  const { ModelPackageStatus: status, ModelApprovalStatus: approval, ApprovalDescription: why } = version;
  if (status !== undefined && status !== 'Completed') {
    throw new StageFailure({
      message: `The model package ${arn} cannot be deployed: its status is ${status}.`,
      fix: 'Wait until it is Completed, or deploy another version.',
    });
  }
  if (approval === 'Rejected') {
    throw new StageFailure({
      message: `The model package ${arn} was rejected${why ? `: ${why}` : ''}.`,
      fix: 'Deploy another version, or approve this one when it was rejected by mistake.',
    });
  }
  const [container] = version.InferenceSpecification?.Containers ?? [];
  return {
    container: { ModelPackageName: arn },
    modelPackageArn: arn,
    ...(container?.Image !== undefined && { image: container.Image }),
    ...(container?.ModelDataUrl !== undefined && { modelArtifacts: container.ModelDataUrl }),
  };
}
