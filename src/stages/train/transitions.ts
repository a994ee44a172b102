import type { DescribeTrainingJobResponse } from '../../aws/training-jobs.js';
import type { SecondaryTransition } from '../../plan.js';
import { duration } from './words.js';

/** The job's secondary statuses as SageMaker lists them, oldest first. */
export function transitionsOf(job: DescribeTrainingJobResponse): readonly SecondaryTransition[] {
  return (job.SecondaryStatusTransitions ?? []).map(({ Status, StartTime, EndTime, StatusMessage }) => ({
    status: Status ?? 'Unknown',
    ...(StatusMessage && { message: StatusMessage }),
    startedAt: (StartTime ?? new Date(0)).toISOString(),
    ...(StartTime && EndTime && { seconds: (EndTime.getTime() - StartTime.getTime()) / 1000 }),
  }));
}

/** Tells what is new in the list of transitions: each once, with how long the one before it took. */
export class TransitionTeller {
  readonly #told = new Set<string>();
  readonly #messages = new Map<string, string>();

  /** @returns a line for each news, empty when there is none. Messages are SageMaker's: untrusted. */
  news(transitions: readonly SecondaryTransition[]): readonly string[] {
    return transitions.flatMap((transition, index) => {
      const { status, message = '', startedAt } = transition;
      const key = `${status} ${startedAt}`;
      const before = transitions[index - 1];
      if (!this.#told.has(key)) {
        this.#told.add(key);
        this.#messages.set(key, message);
        const took =
          before?.seconds === undefined ? '' : ` (${before.status} took ${duration(before.seconds)})`;
        return [`${status}${took}${message && `: ${message}`}`];
      }
      if (message === '' || this.#messages.get(key) === message) return [];
      this.#messages.set(key, message);
      return [`${status}: ${message}`];
    });
  }
}
