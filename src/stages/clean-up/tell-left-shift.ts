import { reasonOf } from '../../runner/errno.js';
import type { ShiftState } from '../../runner/state.js';
import { hasWeights, shiftByHand, weightsOf, weightsText } from '../shift/weights.js';
import { systemJobClock } from '../train/job-clock.js';
import { endpointsIn, STOP_MS, type StopWorld } from './stop-world.js';

/** The weights of a run that ended amid its steps: nobody looks at the alarms any more, so people are to decide. */
export async function tellLeftShift(
  { endpointName: name, region, weights }: ShiftState,
  { within = STOP_MS, clock = systemJobClock, connectEndpoints: connect = endpointsIn }: StopWorld,
): Promise<readonly string[]> {
  const before = new Map(Object.entries(weights));
  const what = `The shift of the traffic of the endpoint ${name} ended amid its steps`;
  const byHand = `Before it, they were ${weightsText(before)}. Take them back by hand: \`${shiftByHand(name, before, region)}\`; or run the shift again.`;
  const patience = new AbortController();
  const done = new AbortController();
  void clock.sleep(within, done.signal).then(() => patience.abort());
  try {
    const endpoint = await (await connect(region)).describe(name, patience.signal);
    if (endpoint === undefined) return [];
    const now = weightsOf(endpoint);
    if (hasWeights(now, before)) return [];
    return [`${what}: its weights are ${weightsText(now)}, and stay. ${byHand}`];
  } catch (error) {
    return [`${what}, and its weights could not be looked at: ${reasonOf(error)}. ${byHand}`];
  } finally {
    done.abort();
  }
}
