import { channel } from 'node:diagnostics_channel';

/** One thing that the action did, told to whoever looks for a mistake. Holds no value that may be secret. */
export type Step =
  | {
      readonly kind: 'docker';
      readonly args: readonly string[];
      readonly milliseconds: number;
      /** An exit code, or why there is none: `canceled`, `ENOENT`. */
      readonly ended: number | string;
    }
  | {
      readonly kind: 'aws';
      /** The call as IAM names it: `ecr:CreateRepository`. */
      readonly action: string;
      readonly milliseconds: number;
      /** HTTP status of the last answer. */
      readonly status?: number;
      readonly attempts?: number;
      readonly requestId?: string;
      /** AWS's code of the error, or the system's. */
      readonly error?: string;
    }
  | { readonly kind: 'decision'; readonly text: string };

/**
 * A channel and not a log that is passed on: what is told here is told by the clients of Docker and AWS, which know
 * nothing of GitHub, and in almost every run nobody listens.
 */
const STEPS = channel('sagemaker-byoc:step');

/** @param make called only when somebody listens */
export function noteStep(make: () => Step): void {
  if (STEPS.hasSubscribers) STEPS.publish(make());
}

export const noteDecision = (text: () => string): void =>
  noteStep(() => ({ kind: 'decision', text: text() }));

/** @returns ends the listening */
export function listenToSteps(listener: (step: Step) => void): () => void {
  const hear = (message: unknown): void => listener(message as Step);
  STEPS.subscribe(hear);
  return () => STEPS.unsubscribe(hear);
}
