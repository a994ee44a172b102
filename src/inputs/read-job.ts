import type { JobPlan, MetricDefinition, Stage, TrainingPlan } from '../plan.js';
import type { Inputs } from './fields.js';
import { checkInstanceType, platformOf } from './instance-types.js';
import { parseJobChannels } from './job-channels.js';
import {
  INSTANCE_COUNT,
  KEEP_ALIVE_SECONDS,
  MAX_RUNTIME_SECONDS,
  MAX_WAIT_SECONDS,
  TRAINING_JOB_NAME,
  VOLUME_SIZE_GB,
} from './limits.js';
import { parseMetricGates } from './metric-gates.js';
import { type Overrides, overridden, readOverrides } from './overrides.js';
import { parseList } from './parse-list.js';
import type { Field } from './problems.js';
import { parseBoolean, parseDuration, parseInteger } from './quantities.js';
import type { Vpc } from './read-vpc.js';
import { required } from './required.js';
import { parseS3Uri } from './s3-uris.js';
import { TRAINING_REQUEST } from './training-request.js';

/** What the job's inputs are checked against. */
export interface JobSurroundings {
  readonly stages: readonly Stage[];
  readonly roleArn: string | undefined;
  readonly vpc: Vpc;
  readonly kmsKeyId: string | undefined;
  /** Platform of the image. */
  readonly platform: string;
  readonly training: TrainingPlan;
  /** Those that can be named by a gate; `undefined` when they are not known. */
  readonly metrics: readonly MetricDefinition[] | undefined;
  readonly hyperparameters: ReadonlyMap<string, string>;
  /** Fields of the request that win over all inputs. */
  readonly overrides: Overrides;
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
  const { stages, training, overrides, roleArn, vpc, kmsKeyId } = surroundings;
  const runs = stages.includes('train');
  checkInstanceGroups(inputs, overrides);
  const name = readJobName(inputs('training-job-name'));
  const checkpointPath = parseS3Uri(inputs('checkpoint-path'), 'checkpoint path');
  const hourlyPrice = readPrice(inputs('hourly-price'));
  const plan: JobPlan = {
    ...(name === undefined ? {} : { name }),
    roleArn: required(inputs('execution-role-arn'), roleArn, {
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
    ...vpc,
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
