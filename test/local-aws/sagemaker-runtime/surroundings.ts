import type { JobClock } from '../sagemaker/clock.js';
import type { ObjectStore } from '../sagemaker/object-store.js';

/** What SageMaker's runtime works with. */
export interface RuntimeSurroundings {
  readonly store: ObjectStore;
  readonly clock: JobClock;
  /** Publishes to a topic of SNS. */
  publish(topicArn: string, message: string): Promise<void>;
  log(line: string): void;
}
