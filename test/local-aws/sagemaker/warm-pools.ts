import type { CreateTrainingJobRequest, WarmPoolStatus } from '@aws-sdk/client-sagemaker';
import type { JobClock } from './clock.js';

interface Pool {
  readonly key: string;
  readonly job: string;
  readonly keptFrom: number;
  readonly keptFor: number;
  reusedBy?: string;
  reusedAt?: number;
}

/** Instances that are kept after a job, for the next one that asks for exactly the same. */
export class WarmPools {
  readonly #pools = new Map<string, Pool>();

  constructor(private readonly clock: JobClock) {}

  /** Takes a pool that fits; tells whether there was one. */
  reuse(job: CreateTrainingJobRequest): boolean {
    const key = matchKey(job);
    const pool = [...this.#pools.values()].find(
      (pool) =>
        pool.key === key && pool.reusedBy === undefined && this.clock.now() < pool.keptFrom + pool.keptFor,
    );
    if (pool === undefined) {
      return false;
    }
    pool.reusedBy = job.TrainingJobName ?? '';
    pool.reusedAt = this.clock.now();
    return true;
  }

  /** Keeps the instances of a job that ended. */
  keep(job: CreateTrainingJobRequest): void {
    this.#pools.set(job.TrainingJobName ?? '', {
      key: matchKey(job),
      job: job.TrainingJobName ?? '',
      keptFrom: this.clock.now(),
      keptFor: (job.ResourceConfig?.KeepAlivePeriodInSeconds ?? 0) * 1000,
    });
  }

  /** `WarmPoolStatus` of a job that ended; undefined when nothing was kept. */
  status(jobName: string): WarmPoolStatus | undefined {
    const pool = this.#pools.get(jobName);
    if (pool === undefined) {
      return undefined;
    }
    const end = Math.min(pool.reusedAt ?? this.clock.now(), pool.keptFrom + pool.keptFor);
    const seconds = Math.round((end - pool.keptFrom) / 1000);
    if (pool.reusedBy !== undefined) {
      return { Status: 'Reused', ResourceRetainedBillableTimeInSeconds: seconds, ReusedByJob: pool.reusedBy };
    }
    const over = this.clock.now() >= pool.keptFrom + pool.keptFor;
    return over
      ? { Status: 'Terminated', ResourceRetainedBillableTimeInSeconds: seconds }
      : { Status: 'Available' };
  }
}

/** [doc] train-warm-pools: what must be the same. */
function matchKey(job: CreateTrainingJobRequest): string {
  const { InstanceCount, InstanceType, VolumeKmsKeyId, VolumeSizeInGB } = job.ResourceConfig ?? {};
  return JSON.stringify([
    job.RoleArn,
    [InstanceCount, InstanceType, VolumeKmsKeyId, VolumeSizeInGB],
    [job.VpcConfig?.Subnets, job.VpcConfig?.SecurityGroupIds],
    [job.EnableInterContainerTrafficEncryption === true, job.EnableNetworkIsolation === true],
  ]);
}
