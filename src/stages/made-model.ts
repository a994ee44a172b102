import type { JobRecord, ModelPackageRecord } from '../plan.js';

/** What the run has of a model when it comes to registering or deploying it. */
export interface MadeModel {
  /** The image in ECR, by digest where that is known: pushed by this run, or the plan's `image-uri`. */
  readonly imageUri?: string;
  /** This run's training job. */
  readonly job?: JobRecord;
  /** The version that this run registered. */
  readonly modelPackage?: ModelPackageRecord;
}
