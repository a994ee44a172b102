import { ImageMissingError } from './contract/image.js';
import { CanceledError, type Docker, DockerError, DockerUnavailableError } from './docker/docker.js';
import type {
  CheckResult,
  EndpointRecord,
  Failure,
  GithubDeploymentPlan,
  ImageRecord,
  Outcome,
  Plan,
  RunRecord,
  Stage,
  StageRecord,
  StageStatus,
} from './plan.js';
import type { GithubDeployments } from './runner/deployment.js';
import type { DeploymentState, JobState, ShiftState } from './runner/state.js';
import { build } from './stages/build.js';
import type { StageContext } from './stages/context.js';
import type { MadeModel } from './stages/made-model.js';
import { smokeTest } from './stages/smoke-test.js';
import { StageFailure } from './stages/stage-failure.js';
import type { StageResult } from './stages/stage-result.js';
import type { TrainingImage } from './stages/train/resolve-image.js';

type Facts = Pick<
  RunRecord,
  | 'image'
  | 'push'
  | 'job'
  | 'modelPackage'
  | 'endpoint'
  | 'cleanUp'
  | 'checks'
  | 'metrics'
  | 'diagnosis'
  | 'failure'
  | 'annotations'
  | 'notices'
>;
type Draft = { -readonly [Key in keyof Facts]: Facts[Key] };

/** What the pipeline takes from outside besides the context. */
export interface PipelineWorld {
  /** Called with the record so far whenever something became known. */
  readonly onProgress: (record: RunRecord) => void;
  /** Keeps for post which training job this run answers for; undefined: none any more. */
  readonly remember: (job: JobState | undefined) => void;
  /** Keeps for post which deployment this run answers for; undefined: none any more. */
  readonly rememberDeployment: (deployment: DeploymentState | undefined) => void;
  /** Keeps for post which shift of traffic this run answers for; undefined: none any more. */
  readonly rememberShift: (shift: ShiftState | undefined) => void;
  /** GitHub's own deployments, where the plan has them shown. */
  readonly githubDeployments: (plan: GithubDeploymentPlan) => GithubDeployments;
  readonly now: () => Date;
}

/** How a stage went. */
interface Done {
  /** One sentence for people. */
  readonly detail: string;
  readonly outcome: Exclude<Outcome, 'invalid-input'>;
}

/**
 * Does what the plan says, stage after stage, until one fails. What happens to the container, the engine, AWS or
 * the run (a cancel) is written in the record; only a bug rejects.
 */
export async function runPipeline(
  context: StageContext,
  plan: Plan,
  { onProgress, remember, rememberDeployment, rememberShift, githubDeployments, now }: PipelineWorld,
): Promise<RunRecord> {
  const started = now();
  const since = (from: Date) => (now().getTime() - from.getTime()) / 1000;
  const stages: StageRecord[] = [];
  const draft: Draft = { checks: [], metrics: [], annotations: [], notices: [] };
  const record = (outcome: Outcome): RunRecord => ({
    version: 1,
    outcome,
    source: context.source,
    startedAt: started.toISOString(),
    seconds: since(started),
    stages: [...stages],
    ...draft,
  });

  let outcome: Done['outcome'] = 'passed';
  const progress = () => onProgress(record(outcome));
  for (const stage of plan.stages) {
    if (outcome !== 'passed') {
      stages.push({ stage, status: 'skipped', seconds: 0, detail: 'Not reached.' });
      continue;
    }
    const stageStarted = now();
    const done = await doStage(context, plan, stage, draft, {
      progress,
      remember,
      rememberDeployment,
      rememberShift,
      githubDeployments,
    }).catch((error: unknown): Done => {
      if (isCancel(error, context.signal)) {
        return { outcome: 'canceled', detail: 'Stopped by a cancel of the run.' };
      }
      const failure = failureOf(error);
      draft.failure = failure;
      if (error instanceof StageFailure) {
        draft.annotations = [...draft.annotations, ...error.annotations];
        if (error.diagnosis !== undefined) {
          draft.diagnosis = error.diagnosis;
        }
      }
      return { outcome: 'failed', detail: failure.message };
    });
    outcome = done.outcome;
    stages.push({ stage, status: statusOf(outcome), seconds: since(stageStarted), detail: done.detail });
    progress();
  }
  return record(outcome);
}

/** Does one stage, and adds what it found to the draft. The stages that need AWS are loaded when they are done. */
async function doStage(
  context: StageContext,
  plan: Plan,
  stage: Stage,
  draft: Draft,
  world: { readonly progress: () => void } & Pick<
    PipelineWorld,
    'remember' | 'rememberDeployment' | 'rememberShift' | 'githubDeployments'
  >,
): Promise<Done> {
  const known =
    <Noun extends 'modelPackage' | 'endpoint' | 'cleanUp'>(noun: Noun) =>
    (partial: NonNullable<Draft[Noun]>) => {
      Object.assign(draft, { [noun]: partial });
      world.progress();
    };
  switch (stage) {
    case 'build': {
      const image = await context.log.group('Build the image', () => obtainImage(context, plan));
      draft.image = image;
      return { outcome: 'passed', detail: `Built ${image.uri} (${megabytes(image.sizeBytes)}).` };
    }
    case 'smoke-test': {
      draft.image ??= await obtainImage(context, plan);
      const result = await smokeTest(context, plan, draft.image);
      Object.assign(draft, result);
      const count = (status: CheckResult['status']) =>
        result.checks.filter((check) => check.status === status).length;
      return {
        outcome: failedErrors(result.checks) > 0 ? 'failed' : 'passed',
        detail: `${count('passed')} checks passed, ${count('failed')} failed, ${count('skipped')} skipped.`,
      };
    }
    case 'push': {
      draft.image ??= await obtainImage(context, plan);
      const { push } = await import('./stages/push.js');
      const pushed = await push(context, planned(plan.push, stage), plan.aws, draft.image, (partial) => {
        draft.push = partial;
        world.progress();
      });
      draft.push = pushed;
      draft.notices = [...draft.notices, ...(pushed.notices ?? [])];
      const where = `${pushed.repository}@${pushed.digest}`;
      return {
        outcome: 'passed',
        detail: pushed.unchanged ? `Unchanged: ${where} was there already.` : `Pushed ${where}.`,
      };
    }
    case 'train': {
      const { train } = await import('./stages/train.js');
      const result = await train(context, plan, trainingImage(plan, draft), {
        onKnown: (job) => {
          draft.job = job;
          world.progress();
        },
        remember: world.remember,
      });
      draft.job = result.job;
      draft.annotations = [...draft.annotations, ...result.annotations];
      draft.notices = [...draft.notices, ...result.notices];
      Object.assign(
        draft,
        result.failure && { failure: result.failure },
        result.diagnosis && { diagnosis: result.diagnosis },
        result.metrics.length > 0 && { metrics: result.metrics },
      );
      return { outcome: result.outcome, detail: result.detail };
    }
    case 'register': {
      const { register } = await import('./stages/register.js');
      const result = await register(context, plan, madeModel(plan, draft), {
        onKnown: known('modelPackage'),
      });
      return take(draft, result, 'modelPackage');
    }
    case 'approve': {
      const { approve } = await import('./stages/approve.js');
      const result = await approve(context, plan, { onKnown: known('modelPackage') });
      return take(draft, result, 'modelPackage');
    }
    case 'deploy': {
      const { deploy } = await import('./stages/deploy.js');
      const { reportToGithub } = await import('./stages/deploy/report-to-github.js');
      const { name, github } = planned(plan.endpoint, stage);
      const result = await reportToGithub(github && world.githubDeployments(github), {
        endpointName: name,
        signal: context.signal,
        onKnown: known('endpoint'),
        deploy: (onKnown) =>
          deploy(context, plan, madeModel(plan, draft), { onKnown, remember: world.rememberDeployment }),
      });
      return take(draft, result, 'endpoint');
    }
    case 'shift': {
      const { shift } = await import('./stages/shift.js');
      const whole = after(draft.endpoint);
      const result = await shift(context, plan, {
        onKnown: (endpoint) => known('endpoint')(whole(endpoint)),
        remember: world.rememberShift,
      });
      const { endpoint } = result;
      return take(
        draft,
        endpoint === undefined ? result : { ...result, endpoint: whole(endpoint) },
        'endpoint',
      );
    }
    case 'undeploy': {
      const { undeploy } = await import('./stages/undeploy.js');
      const { endpointName, github } = planned(plan.undeploy, stage);
      const result = await undeploy(context, plan, { onKnown: known('endpoint') });
      const done = take(draft, result, 'endpoint');
      if (github !== undefined && result.outcome === 'passed') {
        const deployments = world.githubDeployments(github);
        await deployments.retire(endpointName);
        draft.notices = [...draft.notices, ...deployments.notices];
      }
      return done;
    }
    case 'clean-up': {
      const { removeUnused } = await import('./stages/remove-unused.js');
      return take(draft, await removeUnused(context, plan, { onKnown: known('cleanUp') }), 'cleanUp');
    }
  }
}

/** What an earlier stage of this run found out about the same endpoint is kept with what a later one says of it. */
const after =
  (before: EndpointRecord | undefined) =>
  (record: EndpointRecord): EndpointRecord =>
    before?.name !== record.name
      ? record
      : {
          ...before,
          ...record,
          removed: [...before.removed, ...record.removed],
          transitions: [...before.transitions, ...record.transitions],
        };

/** Adds a stage's result to the draft. */
function take<Noun extends 'modelPackage' | 'endpoint' | 'cleanUp'>(
  draft: Draft,
  result: StageResult & { readonly [Key in Noun]?: Draft[Key] },
  noun: Noun,
): Done {
  draft.annotations = [...draft.annotations, ...(result.annotations ?? [])];
  draft.notices = [...draft.notices, ...(result.notices ?? [])];
  Object.assign(
    draft,
    result[noun] && { [noun]: result[noun] },
    result.failure && { failure: result.failure },
    result.diagnosis && { diagnosis: result.diagnosis },
  );
  return { outcome: result.outcome, detail: result.detail };
}

function madeModel(plan: Plan, { push, job, modelPackage }: Draft): MadeModel {
  const imageUri = push?.uri ?? (plan.image.kind === 'image' ? plan.image.uri : undefined);
  return {
    ...(imageUri !== undefined && { imageUri }),
    ...(job !== undefined && { job }),
    ...(modelPackage !== undefined && { modelPackage }),
  };
}

/** What was pushed, by its digest; else the image in ECR that the plan names. */
function trainingImage(plan: Plan, { push, image }: Draft): TrainingImage {
  if (push !== undefined) {
    return { uri: push.uri, ...(image && { id: image.id }) };
  }
  const { TrainingImage: named } = Object(plan.job?.overrides['AlgorithmSpecification']) as Record<
    string,
    unknown
  >;
  if (typeof named === 'string') {
    return {
      uri: named,
      platform: plan.image.kind === 'build' ? plan.image.build.platform : plan.image.platform,
    };
  }
  if (plan.image.kind !== 'image') {
    throw new Error('There is no image in ECR to train with.');
  }
  const { uri, platform, registry } = plan.image;
  return { uri, platform, ...(registry && { registry }), ...(image && { id: image.id }) };
}

/** The part of the plan that goes with a stage is made when the inputs are read. */
function planned<Part>(part: Part | undefined, stage: Stage): Part {
  if (part === undefined) {
    throw new Error(`The plan has no part for the stage ${stage}.`);
  }
  return part;
}

function statusOf(outcome: Done['outcome']): StageStatus {
  return outcome === 'unknown' ? 'failed' : outcome;
}

async function obtainImage(context: StageContext, plan: Plan): Promise<ImageRecord> {
  await requireDocker(context.docker, context.signal);
  const { image } = await build(context, plan.image, plan.workspace);
  return image;
}

/** Asked first, so that a missing engine is one clear error and not the failure of whatever needs it first. */
async function requireDocker(docker: Docker, signal: AbortSignal): Promise<void> {
  await docker.run(['version', '--format', '{{.Server.Version}}'], { signal });
}

const failedErrors = (checks: readonly CheckResult[]): number =>
  checks.filter(({ status, severity }) => status === 'failed' && severity === 'error').length;

const isCancel = (error: unknown, signal: AbortSignal): boolean =>
  error instanceof CanceledError || signal.aborted;

/** The failure in words. An error that is none of ours is a bug: it is thrown on. */
function failureOf(error: unknown): Failure {
  if (error instanceof StageFailure) {
    return error.failure;
  }
  if (error instanceof ImageMissingError) {
    return {
      message: `The image is no longer in the Docker engine: ${error.message}.`,
      fix: 'If something else on this machine removes images, let it wait for the job; then run it again.',
    };
  }
  if (error instanceof DockerUnavailableError) {
    return {
      class: 'docker-unavailable',
      message: `Docker cannot be reached: ${error.message}`,
      fix: 'Run the job on a runner with Docker (ubuntu-latest has it), or start the engine; DOCKER_HOST and the user’s right to use it must be set.',
    };
  }
  if (error instanceof DockerError) {
    const lines = error.stderr.trim().split('\n').slice(-30);
    return {
      message: `Docker refused to do its part: ${lines.at(-1) ?? error.message}`,
      fix: fixOf(error),
      lines,
    };
  }
  if (isSystemError(error)) {
    return {
      message: `The system refused: ${error.message}`,
      fix:
        error.code === 'ENOSPC'
          ? 'The disk of the runner is full. Free some, or use a runner with more disk.'
          : 'This says nothing about the container. Look at the path and its permissions, and run it again.',
    };
  }
  throw error;
}

function fixOf({ stderr, args }: DockerError): string {
  if (/no space left on device/i.test(stderr)) {
    return 'The disk of the Docker engine is full. Free some: `docker system prune`, a smaller image, or a runner with more disk.';
  }
  if (/bind source path does not exist/i.test(stderr)) {
    return 'Pipe mode needs the Docker engine on the machine of the job itself: run the job without `container:` and without DOCKER_HOST, or leave out `input-mode: Pipe`.';
  }
  if (/limitation discarded/i.test(stderr)) {
    return 'This Docker engine cannot limit memory. Leave out `smoke-memory`, or use an engine with cgroups.';
  }
  return `This says nothing about the container. Look at what docker answered to \`docker ${args[0] ?? ''}\`, and run it again.`;
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error && 'code' in error;

const megabytes = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
