import { type Ecr, openEcr } from '../../aws/ecr.js';
import { connectRegisteredModels, type RegisteredModels } from '../../aws/registered-models.js';
import { connectTrainingJobs, type TrainingJobs } from '../../aws/training-jobs.js';
import type { AwsPlan } from '../../plan.js';
import { connectDeployTo, type DeployConnection } from '../deploy/connection.js';

/** What of ECR it takes to remove images. */
export type Repositories = Pick<
  Ecr,
  'describeRepository' | 'removeRepository' | 'taggedImages' | 'findImages' | 'blob' | 'remove' | 'close'
>;

/** The ways to AWS that removing needs. What not every removal needs is made when it is first asked for. */
export interface RemovalConnection extends DeployConnection {
  jobs(): Promise<TrainingJobs>;
  registered(): Promise<RegisteredModels>;
  /** Whoever opens it closes it. */
  repositories(signal: AbortSignal): Promise<Repositories>;
}

/**
 * Makes a new connection, with credentials asked of the provider chain again.
 *
 * @param attempts of each call
 */
export type ConnectRemoval = (attempts: number) => Promise<RemovalConnection>;

export const connectRemovalTo = (plan: AwsPlan): ConnectRemoval => {
  const connect = connectDeployTo(plan);
  return async (attempts) => ({
    ...(await connect(attempts)),
    jobs: () => connectTrainingJobs(plan, attempts),
    registered: () => connectRegisteredModels(plan, attempts),
    repositories: (signal) => openEcr(plan, signal),
  });
};
