import { AwsError } from '../../aws/aws-error.js';
import type { TaggedJob, TrainingJobs } from '../../aws/training-jobs.js';
import type { BaselineRecord, SourceRecord } from '../../plan.js';
import { PINNING_TAGS, tagValue } from '../pinning-tags.js';

/** What a baseline is looked for by. */
export interface BaselineQuery {
  /** A branch or a tag: `main`, or in full, `refs/heads/main`. */
  readonly ref: string;
  readonly source: SourceRecord;
  /** The job that is compared: never its own baseline. */
  readonly jobName: string;
  /** The image that it trains: a job of another repository of images trains another model. */
  readonly imageUri: string;
}

/** The baseline, or a sentence that says why there is none. */
export type BaselineAnswer =
  | { readonly baseline: BaselineRecord }
  | { readonly baseline?: undefined; readonly why: string };

/**
 * The last job that this repository's workflow completed at the ref, by the tags that every job of the action has.
 *
 * Only nice to have: whatever AWS answers, this rejects for nothing but a cancel.
 *
 * @throws CanceledError
 */
export async function findBaseline(
  connect: () => Promise<TrainingJobs>,
  { ref, source, jobName, imageUri }: BaselineQuery,
  signal: AbortSignal,
): Promise<BaselineAnswer> {
  const { repository, workflow } = source;
  if (repository === undefined || workflow === undefined) {
    return { why: `No baseline: whose jobs of ${ref} to compare with is known in GitHub Actions only.` };
  }
  const wanted = new Map([
    [PINNING_TAGS.repository, [tagValue(repository)]],
    [PINNING_TAGS.workflow, [tagValue(workflow)]],
    [PINNING_TAGS.ref, refs(ref).map(tagValue)],
  ]);
  let found: readonly TaggedJob[];
  try {
    found = await (await connect()).completed(wanted, signal);
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { why: `No baseline: the jobs of ${ref} could not be looked for. ${error.message} ${error.fix}` };
  }
  const fits = ({ name, image, tags }: TaggedJob) =>
    name !== jobName &&
    imageRepository(image) === imageRepository(imageUri) &&
    [...wanted].every(([key, values]) => values.includes(tags.get(key) ?? ''));
  const job = found.find(fits);
  return job === undefined
    ? { why: `No baseline: this workflow has completed no job for this model at ${ref} yet.` }
    : { baseline: { jobName: job.name, ref, metrics: job.finalMetrics } };
}

/** As GITHUB_REF has it: a short name is a branch or a tag. */
const refs = (ref: string): readonly string[] =>
  ref.startsWith('refs/') ? [ref] : [`refs/heads/${ref}`, `refs/tags/${ref}`];

/** The image without what tells its versions apart. */
const imageRepository = (uri: string): string => uri.replace(/@.*$/, '').replace(/:[^:/]*$/, '');
