import type { SecondaryStatus, SecondaryStatusTransition } from '@aws-sdk/client-sagemaker';

/**
 * Words of the platform. [obs] from logs of real jobs, except those of Interrupted, Restarting and
 * MaxWaitTimeExceeded, which no source quotes: they are ours.
 */
export const MESSAGES = {
  starting: 'Starting the training job',
  waiting: 'Training job waiting for capacity',
  insufficient: 'Insufficient capacity error from EC2 while launching instances, retrying!',
  preparing: 'Preparing the instances for training',
  data: 'Downloading input data',
  image: 'Downloading the training image',
  training: 'Training image download completed. Training in progress.',
  interrupted: 'Interrupted training job',
  restarting: 'Restarting the training job',
  stopping: 'Stopping the training job',
  uploading: 'Uploading generated training model',
  completed: 'Training job completed',
  failed: 'Training job failed',
  stopped: 'Training job stopped',
  maxRuntime: 'Training job runtime exceeded MaxRuntimeInSeconds provided',
  maxWait: 'Training job waiting time exceeded MaxWaitTimeInSeconds provided',
} as const;

/** `SecondaryStatusTransitions`: each status with its times; the last one is open until the next begins. */
export class StatusHistory {
  readonly #transitions: SecondaryStatusTransition[] = [];

  constructor(private readonly now: () => Date) {}

  get current(): SecondaryStatus {
    return this.#transitions.at(-1)?.Status ?? 'Starting';
  }

  get transitions(): readonly SecondaryStatusTransition[] {
    return this.#transitions.map((transition) => ({ ...transition }));
  }

  /** The same status again changes only its message, as the platform does within one phase. */
  enter(status: SecondaryStatus, message: string): void {
    const last = this.#transitions.at(-1);
    if (last?.Status === status) {
      last.StatusMessage = message;
      return;
    }
    const now = this.now();
    if (last) {
      last.EndTime = now;
    }
    this.#transitions.push({ Status: status, StartTime: now, StatusMessage: message });
  }

  /** The last status, which ends as it begins. */
  end(status: SecondaryStatus, message: string): void {
    this.enter(status, message);
    const last = this.#transitions.at(-1);
    if (last) {
      last.EndTime = this.now();
    }
  }
}
