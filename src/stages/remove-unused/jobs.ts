import type { FoundJob } from '../../aws/training-jobs.js';
import { PINNING_TAGS, tagValue } from '../pinning-tags.js';
import type { Removal } from '../removal/removal.js';

/**
 * Stops the training jobs of a branch that is gone, as nobody waits for them, and removes those that were stopped
 * before. Jobs that came to their own end stay: they tell how a model was made, or why it was not.
 *
 * @param ref value of the tag
 * @returns names of the jobs that are stopped, or would be
 */
export async function endJobs(
  ref: string,
  { aws, ledger, source, signal }: Omit<Removal, 'needs'>,
): Promise<ReadonlySet<string>> {
  const tags = new Map([
    [PINNING_TAGS.repository, tagValue(source.repository ?? '')],
    [PINNING_TAGS.ref, ref],
  ]);
  const find = (status: FoundJob['status']) =>
    aws.call(async ({ jobs }) => (await jobs()).search(status, tags, signal));
  const stopped = await find('Stopped');
  const ended = new Set<string>();
  const kind = 'training-job';
  for (const { name } of await find('InProgress')) {
    const why = `it is in progress for ${ref}, which is gone`;
    const isEnded = await ledger.stop({ kind, name, why }, async () => {
      const answer = await aws.call(async ({ jobs }) => (await jobs()).stop(name, signal));
      return answer === 'stopping' ? 'stopped' : 'not-found';
    });
    if (isEnded) ended.add(name);
  }
  for (const { name, modelArtifacts } of stopped) {
    // `stop-when` ends a job by stopping it, with a model as good as any.
    if (modelArtifacts !== undefined) {
      ledger.keep({ kind, name, why: `it was stopped, and has written a model: ${modelArtifacts}` });
      continue;
    }
    const why = `it was stopped without a model, for ${ref}, which is gone`;
    await ledger.remove({ kind, name, why }, () =>
      aws.call(async ({ jobs }) => (await jobs()).remove(name, signal)),
    );
  }
  return ended;
}
