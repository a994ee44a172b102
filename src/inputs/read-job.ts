import type { JobPlan, MetricDefinition, Stage, TrainingPlan } from '../plan.js';
import { suggestion } from './did-you-mean.js';
import type { Inputs } from './fields.js';
import { checkInstanceType, platformOf } from './instance-types.js';
import { parseJobChannels } from './job-channels.js';
import {
  INSTANCE_COUNT,
  KEEP_ALIVE_SECONDS,
  KMS_KEY_ID,
  MAX_RUNTIME_SECONDS,
  MAX_WAIT_SECONDS,
  TRAINING_JOB_NAME,
  VOLUME_SIZE_GB,
  VPC,
} from './limits.js';
import { parseMetricGates } from './metric-gates.js';
import { type Overrides, overridden, readOverrides } from './overrides.js';
import { parseList } from './parse-list.js';
import type { Field } from './problems.js';
import { parseBoolean, parseDuration, parseInteger } from './quantities.js';
import { inPartition, readRole } from './read-aws.js';
import { parseRegistry, splitHost } from './registry.js';
import { parseS3Uri } from './s3-uris.js';
import { TRAINING_REQUEST } from './training-request.js';

/** What the job's inputs are checked against. */
export interface JobSurroundings {
  readonly stages: readonly Stage[];
  readonly region: string | undefined;
  /** Platform of the image. */
  readonly platform: string;
  readonly training: TrainingPlan;
  /** Those that can be named by a gate; `undefined` when they are not known. */
  readonly metrics: readonly MetricDefinition[] | undefined;
  readonly hyperparameters: ReadonlyMap<string, string>;
  /** Fields of the request that win over all inputs. */
  readonly overrides: Overrides;
  readonly env: NodeJS.ProcessEnv;
}

export const readTrainingOverrides = (field: Field, workspace: string): Overrides =>
  readOverrides(field, workspace, TRAINING_REQUEST);

/**
 * The training job. The values are checked whether or not the stage runs, so that a pull request finds the
 * mistakes of the merge; what is missing is missed only when it runs.
 *
 * @returns the plan of the stage, or `undefined` when it is not to run
 */
export function readJob(inputs: Inputs, surroundings: JobSurroundings): JobPlan | undefined {
  const { stages, region, training, overrides } = surroundings;
  const runs = stages.includes('train');
  if (runs) requireImage(inputs, surroundings);
  checkInstanceGroups(inputs, overrides);
  const name = readJobName(inputs('training-job-name'));
  const checkpointPath = parseS3Uri(inputs('checkpoint-path'), 'checkpoint path');
  const kmsKeyId = readKmsKey(inputs('kms-key-id'), region);
  const hourlyPrice = readPrice(inputs('hourly-price'));
  const plan: JobPlan = {
    ...(name === undefined ? {} : { name }),
    roleArn: required(inputs('execution-role-arn'), readRole(inputs('execution-role-arn'), region), {
      runs,
      override: overridden(overrides, 'RoleArn'),
      rule: 'The stage `train` needs the role that SageMaker assumes for the job.',
      fix: 'Set `execution-role-arn: arn:aws:iam::<account>:role/<name>`.',
    }),
    instanceCount: parseInteger(inputs('instance-count'), INSTANCE_COUNT, 1),
    volumeSizeInGB: parseInteger(inputs('volume-size'), VOLUME_SIZE_GB, 30),
    ...readTimes(inputs, overrides),
    fallbackInstanceTypes: readFallbacks(inputs('fallback-instance-types'), surroundings),
    channels: parseJobChannels(inputs('channels'), training.inputMode),
    outputPath: required(inputs('output-path'), parseS3Uri(inputs('output-path'), 'output path'), {
      runs,
      override: overridden(overrides, 'OutputDataConfig', 'S3OutputPath'),
      rule: 'The stage `train` needs a place in S3 for the model.',
      fix: 'Set `output-path: s3://bucket/prefix`.',
    }),
    hyperparameters: surroundings.hyperparameters,
    ...(checkpointPath === undefined ? {} : { checkpointPath }),
    ...readVpc(inputs, overrides),
    ...(kmsKeyId === undefined ? {} : { kmsKeyId }),
    overrides,
    metricGates: parseMetricGates(inputs('metric-gates'), surroundings.metrics),
    ...(hourlyPrice === undefined ? {} : { hourlyPrice }),
  };
  return runs ? plan : undefined;
}

/** The metrics that the job reads; `undefined` when they are not known: mistaken, or brought by the overrides. */
export const knownMetrics = (
  field: Field,
  training: TrainingPlan,
  overrides: Overrides,
): readonly MetricDefinition[] | undefined =>
  field.failed || overridden(overrides, 'AlgorithmSpecification', 'MetricDefinitions') !== undefined
    ? undefined
    : training.metricDefinitions;

const UNSET =
  'If it comes from a variable or a secret, that is empty in this run: pull requests from forks get none.';

function required(
  field: Field,
  value: string | undefined,
  on: { readonly runs: boolean; readonly override: unknown; readonly rule: string; readonly fix: string },
): string {
  if (typeof on.override === 'string') return on.override;
  if (on.runs && !field.given) field.problem(on.rule, `${on.fix} ${UNSET}`);
  return value ?? '';
}

/** A job runs an image that is in ECR: one that this run pushes, or one that is there already. */
function requireImage(inputs: Inputs, { stages, region, overrides, env }: JobSurroundings): void {
  const uri = inputs('image-uri');
  const own = overridden(overrides, 'AlgorithmSpecification', 'TrainingImage');
  const algorithm = overridden(overrides, 'AlgorithmSpecification', 'AlgorithmName');
  if (stages.includes('push') || typeof own === 'string' || typeof algorithm === 'string' || uri.failed)
    return;
  if (!uri.given) {
    inputs('stages').problem(
      'The stage `train` needs the image in ECR, but no stage brings it there.',
      'Add `push` to `stages`, or set `image-uri` to an image in ECR and leave `build` out.',
    );
    return;
  }
  const { host, path } = splitHost(uri.text.trim());
  const registry = host === undefined ? undefined : parseRegistry(host);
  if (registry && region !== undefined && registry.region !== region) {
    uri.problem(
      `Is in the region ${registry.region}, but the job in ${region}: SageMaker takes images of its own region only.`,
      `Set \`aws-region: ${registry.region}\`, or push the image in ${region}.`,
    );
  }
  // Another registry: by the API's own TrainingImageConfig, or where the endpoints of AWS are others too.
  const config = overridden(overrides, 'AlgorithmSpecification', 'TrainingImageConfig');
  const elsewhere =
    config !== undefined || Boolean(env['AWS_ENDPOINT_URL'] || env['AWS_ENDPOINT_URL_SAGEMAKER']);
  if (!registry && !elsewhere) {
    uri.problem(
      'The stage `train` needs an image in a private registry of ECR.',
      'Add `push` to `stages` to bring it there, or name one such as `<account>.dkr.ecr.<region>.amazonaws.com/team/model:1`.',
    );
  } else if (!/[:@]/.test(path)) {
    uri.problem(
      'The image has neither a tag nor a digest; SageMaker refuses such a name.',
      `Write \`${uri.text.trim()}@sha256:…\` or \`${uri.text.trim()}:<tag>\`.`,
    );
  }
}

function checkInstanceGroups(inputs: Inputs, overrides: Overrides): void {
  if (!Array.isArray(overridden(overrides, 'ResourceConfig', 'InstanceGroups'))) return;
  for (const name of ['instance-type', 'instance-count', 'keep-alive', 'fallback-instance-types'] as const) {
    if (!inputs(name).given) continue;
    inputs(name).problem(
      'Is for a job of one kind of instance, but `training-overrides` gives `ResourceConfig.InstanceGroups`.',
      `Remove \`${name}\`, or the instance groups.`,
    );
  }
}

function readJobName(field: Field): string | undefined {
  if (!field.given) return undefined;
  const name = field.text.trim();
  if (name.length <= TRAINING_JOB_NAME.length && TRAINING_JOB_NAME.pattern.test(name)) return name;
  const near = name
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .slice(0, TRAINING_JOB_NAME.length)
    .replace(/^-|-$/g, '');
  return field.problem(
    `The name of a job has 1 to ${TRAINING_JOB_NAME.length} letters, digits and dashes, none of these at an end.`,
    near === '' ? 'Write for example `forecast-42`.' : `Write for example \`${near}\`.`,
  );
}

type Times = Pick<
  JobPlan,
  'maxRuntimeInSeconds' | 'spot' | 'maxWaitTimeInSeconds' | 'keepAlivePeriodInSeconds'
>;

const DEFAULT_RUNTIME = 86_400;

/** How long, and on what kind of capacity; they allow and forbid each other. */
function readTimes(inputs: Inputs, overrides: Overrides): Times {
  const [wait, keep] = [inputs('max-wait'), inputs('keep-alive')];
  const own = overridden(overrides, 'EnableManagedSpotTraining');
  const asked = parseBoolean(inputs('spot'), false);
  const spot = typeof own === 'boolean' ? own : asked;
  const runtime = parseDuration(inputs('max-runtime'), MAX_RUNTIME_SECONDS, DEFAULT_RUNTIME);
  const maxWait = parseDuration(wait, MAX_WAIT_SECONDS, 2 * runtime);
  const keepAlive = parseDuration(keep, KEEP_ALIVE_SECONDS, 0);
  if (wait.given && !spot) {
    wait.problem(
      'Is the time to wait for spot capacity, but the job does not use spot instances.',
      'Set `spot: true`, or remove `max-wait`.',
    );
  } else if (spot && !wait.failed && !inputs('max-runtime').failed) {
    checkWait(wait, override('MaxWaitTimeInSeconds', maxWait), override('MaxRuntimeInSeconds', runtime));
  }
  if (keepAlive > 0 && spot) {
    keep.problem(
      'Keeps instances for the next job, which spot instances cannot.',
      'Remove `keep-alive`, or `spot`.',
    );
  }
  function override(name: string, otherwise: number): number {
    const value = overridden(overrides, 'StoppingCondition', name);
    return typeof value === 'number' ? value : otherwise;
  }
  return {
    maxRuntimeInSeconds: runtime,
    spot,
    ...(spot ? { maxWaitTimeInSeconds: maxWait } : {}),
    ...(keepAlive === 0 ? {} : { keepAlivePeriodInSeconds: keepAlive }),
  };
}

function checkWait(field: Field, maxWait: number, runtime: number): void {
  if (maxWait >= runtime) return;
  field.problem(
    `The time that a spot job may wait and run (${maxWait} s) must not be less than \`max-runtime\` (${runtime} s).`,
    `Set \`max-wait\` to ${runtime} or more: it counts the waiting and the running together.`,
  );
}

function readFallbacks(field: Field, { platform, training }: JobSurroundings): readonly string[] {
  const { items } = parseList(field, { commas: true });
  for (const [index, type] of items.entries()) {
    if (checkInstanceType(field, type, 'training') === undefined) continue;
    if (type === training.instanceType || items.indexOf(type) < index) {
      field.problem(
        type === training.instanceType
          ? 'Is the `instance-type` itself, which is tried first.'
          : 'The type is named twice.',
        'Remove it here.',
        type,
      );
    } else if (platformOf(type) !== platform) {
      field.problem(
        `Runs images for ${platformOf(type)}, but this one is for ${platform}.`,
        'Name types of the same architecture.',
        type,
      );
    }
  }
  return items;
}

const VPC_IDS = { subnets: 'subnet-', 'security-group-ids': 'sg-' } as const;
type VpcInput = keyof typeof VPC_IDS;

/** Both, or neither. */
function readVpc(inputs: Inputs, overrides: Overrides): Pick<JobPlan, 'subnets' | 'securityGroupIds'> {
  const subnets = readIds(inputs('subnets'), 'subnets', VPC.subnets);
  const securityGroupIds = readIds(inputs('security-group-ids'), 'security-group-ids', VPC.securityGroups);
  const alone = (given: VpcInput, missing: VpcInput, member: string): void => {
    if (!inputs(given).given || inputs(missing).given) return;
    if (overridden(overrides, 'VpcConfig', member) !== undefined) return;
    inputs(given).problem(
      `A job in a VPC has subnets and security groups, but \`${missing}\` is not given.`,
      `Set \`${missing}\` too, or remove \`${given}\`.`,
    );
  };
  alone('subnets', 'security-group-ids', 'SecurityGroupIds');
  alone('security-group-ids', 'subnets', 'Subnets');
  return { subnets, securityGroupIds };
}

function readIds(field: Field, input: VpcInput, most: number): readonly string[] {
  const { items } = parseList(field, { commas: true });
  const [other] = (Object.keys(VPC_IDS) as VpcInput[]).filter((name) => name !== input);
  if (items.length > most) {
    field.problem(`SageMaker takes at most ${most}; these are ${items.length}.`, 'Remove some.', '');
  }
  for (const [index, id] of items.entries()) {
    if (other !== undefined && id.startsWith(VPC_IDS[other])) {
      field.problem(`Belongs into \`${other}\`.`, `Move it to \`${other}\`.`, id);
    } else if (!VPC.idPattern.test(id) || id.length > VPC.id) {
      field.problem(
        `Is not an id: at most ${VPC.id} letters, digits and dashes.`,
        `Write it as AWS does: \`${VPC_IDS[input]}0123456789abcdef0\`.`,
        id,
      );
    } else if (items.indexOf(id) < index) {
      field.problem('The id is named twice.', 'Name it once.', id);
    }
  }
  return items;
}

/** [doc] the forms that `KmsKeyId` of OutputDataConfig takes. */
const KMS_ARN = /^arn:aws[a-z-]*:kms:([a-z0-9-]+):\d{12}:(?:key|alias)\/.+$/;
const KMS_KEY =
  /^(?:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32}|alias\/.+)$/i;

function readKmsKey(field: Field, region: string | undefined): string | undefined {
  if (!field.given) return undefined;
  const key = field.text.trim();
  const arn = KMS_ARN.exec(key);
  const plain = KMS_KEY_ID.pattern.test(key) && key.length <= KMS_KEY_ID.length;
  if (!plain || (!arn && !KMS_KEY.test(key))) {
    return field.problem(
      'Is not a key of KMS: its id, its ARN, or `alias/<name>`.',
      KMS_KEY_ID.pattern.test(key) && !key.startsWith('arn:')
        ? `${suggestion(key, ['alias/'])}Write \`alias/${key}\` if this is the key's alias, or copy its ARN.`
        : "Copy the ARN from the key's page.",
    );
  }
  if (!arn) return key;
  if (region !== undefined && arn[1] !== region) {
    return field.problem(
      `The key is in the region ${arn[1]}, but the job in ${region}.`,
      `Name a key in ${region}.`,
    );
  }
  return inPartition(field, key, region);
}

/** US dollars for one instance and one hour. */
function readPrice(field: Field): number | undefined {
  if (!field.given) return undefined;
  const text = field.text.trim();
  const price = /^\d{1,6}(?:\.\d{1,9})?$/.test(text) ? Number(text) : 0;
  if (price > 0) return price;
  return field.problem(
    'Is not a price: US dollars for one hour of one instance, more than 0.',
    'Write the number alone, with a point: `0.23`.',
  );
}
