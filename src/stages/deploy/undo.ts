import { AwsError } from '../../aws/aws-error.js';
import type { DescribeEndpointOutput, Endpoints } from '../../aws/endpoints.js';
import { CanceledError } from '../../docker/docker.js';
import type { DeploymentState } from '../../runner/state.js';
import { PROVEN_TAG, STEP_TAG } from '../pinning-tags.js';
import type { JobClock } from '../train/job-clock.js';
import { isBornAt } from './changed-by-others.js';

/** Between two looks at an endpoint that is being created. */
const CREATION_LOOK_MS = 10_000;
const AGAIN_MS = { first: 400, longest: 5_000 };

export type Undone =
  /** The previous configuration is on its way back. */
  | { readonly kind: 'restoring' }
  /** The endpoint, which this run has created, is being deleted. */
  | { readonly kind: 'deleting' }
  /** Nothing can be done about it now: SageMaker takes no change in this status. */
  | { readonly kind: 'left'; readonly status: string; readonly configName?: string }
  /**
   * `absent`: there is no endpoint. `previous`: the configuration before is live. `not-ours`: others have changed it.
   * `proven`: another run has found that it answers as it should, and is green.
   */
  | { readonly kind: 'absent' | 'previous' | 'not-ours' | 'proven' }
  | { readonly kind: 'failed'; readonly why: string; readonly fix: string };

export interface UndoOrder {
  readonly state: DeploymentState;
  /** Milliseconds that all of it may take. */
  readonly within: number;
  /** Besides these, milliseconds for an endpoint of a first creation, which cannot be deleted before it is created. */
  readonly waitForCreation?: number;
  /** Called when that waiting begins. */
  readonly onWaiting?: () => void;
  /** The value of {@link STEP_TAG} on an endpoint that this very step has created. */
  readonly step: string;
}

/**
 * Takes back a deployment that was not proven: the previous configuration is put back, or the endpoint of a first
 * creation deleted. One that others have changed since is left alone. Tries again within its time.
 *
 * @param connect a connection of its own, which no canceled signal has touched
 */
export async function undoDeployment(
  connect: () => Promise<Endpoints>,
  { state, within, step, waitForCreation = 0, onWaiting }: UndoOrder,
  clock: JobClock,
): Promise<Undone> {
  const began = clock.now();
  const deadline = began + within;
  let isWaiting = false;
  const patience = new AbortController();
  const { signal } = patience;
  let failure: AwsError | undefined;
  let seen: DescribeEndpointOutput | undefined;

  async function attempts(): Promise<Undone> {
    let endpoints: Endpoints | undefined;
    let wait = AGAIN_MS.first;
    while (!signal.aborted) {
      try {
        endpoints ??= await connect();
        seen = await endpoints.describe(state.endpointName, signal);
        const undone = await undo(endpoints, seen);
        const mayWait = clock.now() - began + CREATION_LOOK_MS < waitForCreation;
        if (undone.kind !== 'left' || undone.status !== 'Creating' || !mayWait) return undone;
        if (!isWaiting) onWaiting?.();
        isWaiting = true;
        await clock.sleep(CREATION_LOOK_MS, signal);
        continue;
      } catch (error) {
        if (error instanceof CanceledError) break;
        if (!(error instanceof AwsError)) throw error;
        failure = error;
        if (error.kind === 'access-denied' || error.kind === 'invalid') break;
        endpoints = undefined;
      }
      if (clock.now() + wait >= deadline + (isWaiting ? waitForCreation : 0)) break;
      await clock.sleep(wait, signal);
      wait = Math.min(wait * 1.5, AGAIN_MS.longest);
    }
    return unfinished();
  }

  async function undo(endpoints: Endpoints, endpoint: DescribeEndpointOutput | undefined): Promise<Undone> {
    if (endpoint === undefined) return { kind: 'absent' };
    if (!isBornAt(endpoint, state.bornAt)) return { kind: 'not-ours' };
    const { EndpointStatus: status = '', EndpointConfigName: configName } = endpoint;
    const left = { kind: 'left', status, ...(configName !== undefined && { configName }) } as const;
    if (state.firstCreation) {
      if (configName !== undefined && configName !== state.wantedConfigName) return { kind: 'not-ours' };
      if (!(await isOurs(endpoints, endpoint))) return { kind: 'not-ours' };
      if (status === 'Deleting') return { kind: 'deleting' };
      if (await isProvenSince(endpoints)) return { kind: 'proven' };
      try {
        await endpoints.remove(state.endpointName, signal);
        return { kind: 'deleting' };
      } catch (error) {
        // `Cannot update in-progress endpoint`: while it is being created it cannot be deleted. [obs]
        if (error instanceof AwsError && /^(?:invalid|conflict)$/.test(error.kind)) return left;
        throw error;
      }
    }
    if (state.previousConfigName === undefined) return left;
    const pending = endpoint.PendingDeploymentSummary?.EndpointConfigName;
    if (status === 'Updating' && pending === state.previousConfigName) return { kind: 'restoring' };
    if (status !== 'InService') return left;
    if (configName === state.previousConfigName) return { kind: 'previous' };
    if (configName !== state.wantedConfigName || wasChangedSince(endpoint)) return { kind: 'not-ours' };
    if (await isProvenSince(endpoints)) return { kind: 'proven' };
    await endpoints.update(
      {
        EndpointName: state.endpointName,
        EndpointConfigName: state.previousConfigName,
        RetainAllVariantProperties: true,
        ...(state.excluded.length > 0 && {
          ExcludeRetainedVariantProperties: state.excluded.map((VariantPropertyType) => ({
            VariantPropertyType,
          })),
        }),
      },
      signal,
    );
    return { kind: 'restoring' };
  }

  /** By the tag, which CreateEndpoint has set: a name may be another run's, or another step's of this run. */
  async function isOurs(
    endpoints: Endpoints,
    { EndpointArn = '' }: DescribeEndpointOutput,
  ): Promise<boolean> {
    return state.created || (await endpoints.tags(EndpointArn, signal)).get(STEP_TAG) === step;
  }

  /** Another run that wanted the same has waited for this deployment, and proven it. */
  async function isProvenSince(endpoints: Endpoints): Promise<boolean> {
    if (state.wasProven) return false;
    try {
      const arn = (await endpoints.describeConfig(state.wantedConfigName, signal))?.EndpointConfigArn;
      return arn !== undefined && (await endpoints.tags(arn, signal)).has(PROVEN_TAG);
    } catch (error) {
      if (error instanceof AwsError && error.kind === 'access-denied') return false;
      throw error;
    }
  }

  const wasChangedSince = ({ LastModifiedTime }: DescribeEndpointOutput): boolean =>
    state.modifiedAt !== undefined && LastModifiedTime?.getTime() !== state.modifiedAt;

  function unfinished(): Undone {
    if (failure !== undefined) return { kind: 'failed', why: failure.message, fix: failure.fix };
    return {
      kind: 'failed',
      why: 'AWS did not answer in time.',
      fix: 'Look at the endpoint in the console.',
    };
  }

  const done = new AbortController();
  const late = clock.sleep(within + waitForCreation, done.signal).then((): Undone => {
    patience.abort();
    return unfinished();
  });
  try {
    return await Promise.race([attempts(), late]);
  } finally {
    done.abort();
    patience.abort();
  }
}
