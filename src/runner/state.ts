import { saveState } from '@actions/core';

/** What main leaves for post: all that is needed to find and remove what the run made. */
export interface RunState {
  /** 12 hex digits. */
  readonly runId: string;
  /** Absolute path of the run's folder for temporary files. */
  readonly tempDir: string;
  /** Present while this run answers for a training job. */
  readonly job?: JobState;
  /** Present while this run answers for a deployment that is not proven. */
  readonly deployment?: DeploymentState;
  /** Present while weights that this run has set may be neither the old nor the wanted ones. */
  readonly shift?: ShiftState;
}

/** A shift of traffic that this run has begun, and not brought to its end. */
export interface ShiftState {
  readonly endpointName: string;
  readonly region: string;
  /** By variant, before the first step. */
  readonly weights: Readonly<Record<string, number>>;
}

/** A training job that this run started, or was about to. */
export interface JobState {
  readonly name: string;
  readonly region: string;
  /** False: a cancel leaves the job running. */
  readonly stopOnCancel: boolean;
  /** False as long as the name may turn out to be somebody else's. */
  readonly ours: boolean;
  /** The request to make it may be on its way: that the job is not there does not mean that it will not be. */
  readonly coming?: true;
}

/** A deployment that this run has begun, or was about to, and not proven yet. */
export interface DeploymentState {
  readonly endpointName: string;
  readonly region: string;
  readonly wantedConfigName: string;
  /** The endpoint is created by this run: there is nothing to go back to. */
  readonly firstCreation: boolean;
  /** What was live before; absent also when it is gone. */
  readonly previousConfigName?: string;
  /** True when AWS has said that this run has created the endpoint. */
  readonly created: boolean;
  /** False: it is left as it is (`stop-on-cancel: false`). */
  readonly undo: boolean;
  /** VariantPropertyType of what the update did not retain; putting the previous configuration back does not either. */
  readonly excluded: readonly VariantProperty[];
  /** LastModifiedTime, in milliseconds since 1970, when it was first seen live: another one is another's change. */
  readonly modifiedAt?: number;
  /** CreationTime of the endpoint, in milliseconds since 1970: with another one it was created anew by others. */
  readonly bornAt?: number;
  /** True when a run before had proven the wanted configuration: that it is proven then says nothing new. */
  readonly wasProven: boolean;
}

export type VariantProperty = 'DesiredInstanceCount' | 'DesiredWeight' | 'DataCaptureConfig';

/**
 * Saves the state. Called before anything is made, so that post finds it all, even when main was killed.
 *
 * @throws Error when the runner's file cannot be written
 */
export function saveRunState(env: NodeJS.ProcessEnv, { runId, tempDir, job, deployment }: RunState): void {
  // Outside of Actions nobody runs post, and saveState would print a command into the log instead.
  if (!env['GITHUB_STATE']) return;
  saveState('runId', runId);
  saveState('tempDir', tempDir);
  if (job !== undefined) saveJobState(env, job);
  if (deployment !== undefined) saveDeploymentState(env, deployment);
}

/**
 * Saves the job, or that there is none any more. The runner reads the file from its beginning and keeps a name's
 * last value, so the newest call counts, however main ends.
 *
 * @throws Error when the runner's file cannot be written
 */
export function saveJobState(env: NodeJS.ProcessEnv, job: JobState | undefined): void {
  if (!env['GITHUB_STATE']) return;
  saveState('job', job === undefined ? '' : JSON.stringify(job));
}

/**
 * Saves the deployment, or that there is none any more.
 *
 * @throws Error when the runner's file cannot be written
 */
export function saveDeploymentState(env: NodeJS.ProcessEnv, deployment: DeploymentState | undefined): void {
  if (!env['GITHUB_STATE']) return;
  saveState('deployment', deployment === undefined ? '' : JSON.stringify(deployment));
}

/**
 * Saves the shift, or that there is none any more.
 *
 * @throws Error when the runner's file cannot be written
 */
export function saveShiftState(env: NodeJS.ProcessEnv, shift: ShiftState | undefined): void {
  if (!env['GITHUB_STATE']) return;
  saveState('shift', shift === undefined ? '' : JSON.stringify(shift));
}

/** What main saved; absent when it made nothing: the inputs were wrong, or it never started. */
export function readRunState(env: NodeJS.ProcessEnv): RunState | undefined {
  const runId = env['STATE_runId'] ?? '';
  const tempDir = env['STATE_tempDir'] ?? '';
  if (!/^[0-9a-f]{12}$/.test(runId) || tempDir === '') return undefined;
  const job = readJob(env['STATE_job'] ?? '');
  const deployment = readDeployment(env['STATE_deployment'] ?? '');
  const shift = readShift(env['STATE_shift'] ?? '');
  return {
    runId,
    tempDir,
    ...(job && { job }),
    ...(deployment && { deployment }),
    ...(shift && { shift }),
  };
}

function readShift(text: string): ShiftState | undefined {
  try {
    const { endpointName, region, weights } = Object(JSON.parse(text)) as Record<string, unknown>;
    if (typeof endpointName !== 'string' || typeof region !== 'string') return undefined;
    const numbers = Object.entries(Object(weights) as object).filter(
      (entry): entry is [string, number] => typeof entry[1] === 'number',
    );
    return { endpointName, region, weights: Object.fromEntries(numbers) };
  } catch {
    return undefined;
  }
}

function readJob(text: string): JobState | undefined {
  try {
    const { name, region, stopOnCancel, ours, coming } = Object(JSON.parse(text)) as Record<string, unknown>;
    return typeof name === 'string' && typeof region === 'string'
      ? {
          name,
          region,
          stopOnCancel: stopOnCancel === true,
          ours: ours === true,
          ...(coming === true && { coming }),
        }
      : undefined;
  } catch {
    return undefined;
  }
}

const PROPERTIES: readonly VariantProperty[] = ['DesiredInstanceCount', 'DesiredWeight', 'DataCaptureConfig'];

function readDeployment(text: string): DeploymentState | undefined {
  try {
    const saved = Object(JSON.parse(text)) as Record<string, unknown>;
    const { endpointName, region, wantedConfigName, previousConfigName, excluded, modifiedAt, bornAt } =
      saved;
    if (
      typeof endpointName !== 'string' ||
      typeof region !== 'string' ||
      typeof wantedConfigName !== 'string'
    ) {
      return undefined;
    }
    return {
      endpointName,
      region,
      wantedConfigName,
      ...(typeof previousConfigName === 'string' && { previousConfigName }),
      firstCreation: saved['firstCreation'] === true,
      created: saved['created'] === true,
      undo: saved['undo'] === true,
      wasProven: saved['wasProven'] === true,
      excluded: Array.isArray(excluded) ? PROPERTIES.filter((property) => excluded.includes(property)) : [],
      ...(typeof modifiedAt === 'number' && { modifiedAt }),
      ...(typeof bornAt === 'number' && { bornAt }),
    };
  } catch {
    return undefined;
  }
}
