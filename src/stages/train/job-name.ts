import { createHash } from 'node:crypto';
import type { SourceRecord } from '../../plan.js';
import { canonicalJson, type Json } from './deep-merge.js';

/** [doc] TrainingJobName: `[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}` */
const LONGEST = 63;

/**
 * A name that says whose job it is, and that is the same whenever this run would start the same job: repository,
 * workflow, run, attempt and a digest of what is asked for and by which step. The digest keeps apart the jobs and
 * steps of a workflow, and the legs of a matrix as far as they ask for different things: nothing else tells legs apart.
 *
 * @param content what makes it another job: the request without its name and tags, and how its image is built
 * @param runId in place of the run's number outside of Actions
 */
export function jobName(source: SourceRecord, attempt: number, content: Json, runId: string): string {
  const { job, step } = source;
  const digest = createHash('sha256').update(canonicalJson({ content, job, step })).digest('hex').slice(0, 8);
  const run = `${source.runId ?? runId}-${attempt}-${digest}`;
  const room = LONGEST - run.length - 1;
  const repository = slug(source.repository?.split('/').at(-1) ?? 'training');
  const workflow = slug(source.workflow ?? '');
  return [fitted(repository, workflow, room), run].filter(Boolean).join('-');
}

/** The name for the same job on the next instance type: `name-2`, `name-3`. */
export function nextName(name: string, position: number): string {
  if (position === 1) return name;
  const suffix = `-${position}`;
  return `${name.slice(0, LONGEST - suffix.length).replace(/-+$/, '')}${suffix}`;
}

/** Both in so many characters: what the one leaves of its half is the other's. */
function fitted(first: string, second: string, room: number): string {
  if (second === '') return cut(first, room);
  const half = Math.floor((room - 1) / 2);
  const forSecond = Math.min(second.length, Math.max(half, room - 1 - first.length));
  const end = cut(second, forSecond);
  return [cut(first, room - 1 - end.length), end].filter(Boolean).join('-');
}

const cut = (text: string, length: number): string => text.slice(0, length).replace(/-+$/, '');

const slug = (text: string): string => text.replace(/[^a-zA-Z0-9]+/g, '-').replace(/^-+|-+$/g, '');
