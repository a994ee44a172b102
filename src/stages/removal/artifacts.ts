import { AwsError } from '../../aws/aws-error.js';
import { ownerOf } from '../deploy/ownership.js';
import { whoNeeds } from './needs.js';
import type { Removal } from './removal.js';

/** `<output path>/<job>/output/model.tar.gz`: where SageMaker writes what a training job made. */
const OF_A_JOB = /\/([a-zA-Z0-9][a-zA-Z0-9-]{0,62})\/output\/[^/]+$/;

/**
 * Removes the models in S3 that training jobs of this repository wrote. What somebody put there otherwise stays, and
 * so does what a model or a registered version still needs.
 *
 * @param addresses `s3://…/model.tar.gz`
 */
export async function removeArtifacts(addresses: readonly string[], removal: Removal): Promise<void> {
  const { aws, ledger, needs, signal } = removal;
  for (const name of addresses) {
    const kind = 'object';
    const user = whoNeeds(needs, name);
    if (user !== undefined) {
      ledger.keep({ kind, name, why: `${user} needs it` });
      continue;
    }
    const stays = await whyForeign(name, removal);
    if (stays !== undefined) {
      ledger.keep({ kind, name, why: stays });
      continue;
    }
    await ledger.remove({ kind, name, why: 'no model needs it any more' }, async () => {
      await aws.call(async ({ objects }) => (await objects()).remove(name, signal));
      return 'removed';
    });
  }
}

/** @returns why it is not this repository's to remove */
async function whyForeign(address: string, { aws, source, signal }: Removal): Promise<string | undefined> {
  const jobName = OF_A_JOB.exec(address)?.[1];
  if (jobName === undefined) return 'no training job wrote it: it was put there by somebody';
  try {
    return await aws.call(async (connection) => {
      const jobs = await connection.jobs();
      const job = await jobs.describe(jobName, signal);
      if (job?.ModelArtifacts?.S3ModelArtifacts !== address) {
        return 'the training job that wrote it is not known any more';
      }
      const owner = ownerOf(await jobs.tags(job.TrainingJobArn ?? '', signal), source);
      return owner === 'ours'
        ? undefined
        : `the training job ${jobName}, which wrote it, is not this repository's`;
    });
  } catch (error) {
    if (!(error instanceof AwsError) || error.kind !== 'access-denied') throw error;
    return `whose it is cannot be told: ${error.message}`;
  }
}
