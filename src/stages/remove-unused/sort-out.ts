import type { OwnResource } from '../removal/hosting.js';

export interface Rules {
  /** So many of the newest of each endpoint stay besides those in use. */
  readonly keep: number;
  /** Names of the endpoints that are there. */
  readonly present: ReadonlySet<string>;
  /** Value of the tag of the branch that is gone; absent: of any. */
  readonly ref?: string;
  /** Why it is in use; undefined: it is not. */
  readonly inUse: (name: string) => Use | undefined;
}

export interface Use {
  readonly why: string;
  /** Live ones stay besides those that {@link Rules.keep} counts; what a kept configuration needs is counted. */
  readonly live: boolean;
}

/** What becomes of a configuration or a model, and why. */
export interface Judged<Resource> {
  readonly resource: Resource;
  readonly verdict: 'remove' | 'keep' | 'in-use';
  readonly why: string;
}

/**
 * Tells what is superseded. Of an endpoint that is there, the newest stay, to go back to, whichever branch made them;
 * of one that is gone, they stay only when it is not said that the branch is gone too. What another branch made is
 * no candidate.
 *
 * @param resources of this repository, the newest first
 */
export function sortOut<Resource extends OwnResource>(
  resources: readonly Resource[],
  { keep, present, ref, inUse }: Rules,
): readonly Judged<Resource>[] {
  /** By endpoint: how many stay already. */
  const kept = new Map<string, number>();
  const count = ({ endpointName }: Resource) => kept.set(endpointName, (kept.get(endpointName) ?? 0) + 1);
  for (const resource of resources) if (inUse(resource.name)?.live === false) count(resource);
  const judged: Judged<Resource>[] = [];
  for (const resource of resources) {
    const { name, endpointName } = resource;
    const use = inUse(name);
    if (use !== undefined) {
      judged.push({ resource, verdict: 'in-use', why: use.why });
      continue;
    }
    const stays = (kept.get(endpointName) ?? 0) < keep && (ref === undefined || present.has(endpointName));
    if (stays) count(resource);
    const isCandidate = ref === undefined || resource.ref === ref;
    if (stays) {
      const why = `one of the ${keep} newest of the endpoint ${endpointName} besides the live ones`;
      judged.push({ resource, verdict: isCandidate ? 'keep' : 'in-use', why });
    } else if (isCandidate) {
      judged.push({ resource, verdict: 'remove', why: reason(resource, present, ref) });
    } else {
      judged.push({ resource, verdict: 'in-use', why: `another branch than ${ref} made it` });
    }
  }
  return judged;
}

function reason(
  { endpointName }: OwnResource,
  present: ReadonlySet<string>,
  ref: string | undefined,
): string {
  const of = ref === undefined ? '' : `${ref} made it, and `;
  return present.has(endpointName)
    ? `${of}the endpoint ${endpointName} has newer ones and does not use it`
    : `${of}there is no endpoint ${endpointName} any more`;
}
