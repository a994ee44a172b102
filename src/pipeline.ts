import { ImageMissingError } from './contract/image.js';
import { CanceledError, type Docker, DockerError, DockerUnavailableError } from './docker/docker.js';
import type {
  CheckResult,
  Failure,
  ImageRecord,
  Outcome,
  Plan,
  RunRecord,
  Stage,
  StageRecord,
  StageStatus,
} from './plan.js';
import { build } from './stages/build.js';
import type { StageContext } from './stages/context.js';
import { smokeTest } from './stages/smoke-test.js';
import { StageFailure } from './stages/stage-failure.js';

type Facts = Pick<
  RunRecord,
  'image' | 'checks' | 'metrics' | 'diagnosis' | 'failure' | 'annotations' | 'notices'
>;
type Draft = { -readonly [Key in keyof Facts]: Facts[Key] };

/**
 * Does what the plan says, stage after stage, until one fails. What happens to the container, the engine or
 * the run (a cancel) is written in the record; only a bug rejects.
 *
 * @param onProgress called with the record so far whenever something became known
 */
export async function runPipeline(
  context: StageContext,
  plan: Plan,
  onProgress: (record: RunRecord) => void,
  now: () => Date,
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

  let outcome: Outcome = 'passed';
  for (const stage of plan.stages) {
    if (outcome !== 'passed') {
      stages.push({ stage, status: 'skipped', seconds: 0, detail: 'Not reached.' });
      continue;
    }
    const stageStarted = now();
    let status: StageStatus;
    let detail: string;
    try {
      detail = await doStage(context, plan, stage, draft);
      status = failedErrors(draft.checks) > 0 ? 'failed' : 'passed';
    } catch (error) {
      status = isCancel(error, context.signal) ? 'canceled' : 'failed';
      if (status === 'canceled') {
        detail = 'Stopped by a cancel of the run.';
      } else {
        draft.failure = failureOf(error);
        if (error instanceof StageFailure) {
          draft.annotations = [...draft.annotations, ...error.annotations];
        }
        detail = draft.failure.message;
      }
    }
    stages.push({ stage, status, seconds: since(stageStarted), detail });
    outcome = status === 'canceled' ? 'canceled' : status === 'failed' ? 'failed' : 'passed';
    onProgress(record(outcome));
  }
  return record(outcome);
}

/** Does one stage, adds what it found to the draft, and says in one sentence how it went. */
async function doStage(context: StageContext, plan: Plan, stage: Stage, draft: Draft): Promise<string> {
  await requireDocker(context.docker, context.signal);
  switch (stage) {
    case 'build': {
      draft.image = await context.log.group('Build the image', () => obtainImage(context, plan));
      return `Built ${draft.image.uri} (${megabytes(draft.image.sizeBytes)}).`;
    }
    case 'smoke-test': {
      draft.image ??= await obtainImage(context, plan);
      const { checks, metrics, diagnosis, annotations, notices } = await smokeTest(
        context,
        plan,
        draft.image,
      );
      Object.assign(draft, { checks, metrics, annotations, notices }, diagnosis && { diagnosis });
      const count = (status: CheckResult['status']) =>
        checks.filter((check) => check.status === status).length;
      return `${count('passed')} checks passed, ${count('failed')} failed, ${count('skipped')} skipped.`;
    }
  }
}

async function obtainImage(context: StageContext, plan: Plan): Promise<ImageRecord> {
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
