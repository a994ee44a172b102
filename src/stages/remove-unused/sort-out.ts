import type { OwnResource } from '../removal/hosting.js';

export interface Rules {
  /** So many of each endpoint stay besides the live ones. */
  readonly keep: number;
  /** By endpoint: how many of these stay already by what needs them. */
  readonly counted?: ReadonlyMap<string, number>;
  /** Names of the endpoints that are there. */
  readonly present: ReadonlySet<string>;
  /** Value of the tag of the branch that is gone; absent: of any. */
  readonly ref?: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Why it is in use; undefined: it is not. */
  readonly inUse: (name: string) => string | undefined;
}

/** What becomes of a configuration or a model, and why. */
export interface Judged<Resource> {
  readonly resource: Resource;
  readonly verdict: 'remove' | 'keep' | 'in-use';
  readonly why: string;
}

const YOUNG_MS = 60 * 60 * 1_000;

/** What is younger than one hour stays: a deployment may have made it, and be about to use it. */
export const isYoung = (madeAt: Date, now: number): boolean => now - madeAt.getTime() < YOUNG_MS;

export const YOUNG_WHY = 'it is younger than one hour: a deployment may be about to use it';

/**
 * Tells what is superseded. Of an endpoint that is there, the newest stay, to go back to, whichever branch made them,
 * and those that were proven before those that were not; of one that is gone, they stay only when it is not said that
 * the branch is gone too. What another branch made is no candidate.
 *
 * @param resources of this repository, the newest first
 */
export function sortOut<Resource extends OwnResource>(
  resources: readonly Resource[],
  { keep, counted, present, ref, now, inUse }: Rules,
): readonly Judged<Resource>[] {
  /** By endpoint: how many stay already. */
  const kept = new Map(counted);
  const staying = new Set<Resource>();
  const ranked = [...resources].sort((a, b) => Number(b.proven) - Number(a.proven));
  for (const resource of ranked) {
    const { name, endpointName } = resource;
    const count = kept.get(endpointName) ?? 0;
    if (inUse(name) !== undefined || isYoung(resource.createdAt, now) || count >= keep) continue;
    if (ref !== undefined && !present.has(endpointName)) continue;
    staying.add(resource);
    kept.set(endpointName, count + 1);
  }
  const isReplaced = (resource: Resource) =>
    [...staying].some(
      ({ endpointName, proven }) => proven && !resource.proven && endpointName === resource.endpointName,
    );
  return resources.map((resource) => {
    const { name, endpointName, proven } = resource;
    const use = inUse(name);
    if (use !== undefined) return { resource, verdict: 'in-use', why: use };
    const isCandidate = ref === undefined || resource.ref === ref;
    const stays = isCandidate ? 'keep' : 'in-use';
    if (isYoung(resource.createdAt, now)) {
      return { resource, verdict: stays, why: YOUNG_WHY };
    }
    if (staying.has(resource)) {
      const which = proven ? 'newest proven ones' : 'newest';
      const why = `one of the ${keep} ${which} of the endpoint ${endpointName} besides the live ones`;
      return { resource, verdict: stays, why };
    }
    if (!isCandidate) return { resource, verdict: 'in-use', why: `another branch than ${ref} made it` };
    return { resource, verdict: 'remove', why: reason(resource, present, ref, isReplaced(resource)) };
  });
}

function reason(
  { endpointName }: OwnResource,
  present: ReadonlySet<string>,
  ref: string | undefined,
  isReplaced: boolean,
): string {
  const of = ref === undefined ? '' : `${ref} made it, and `;
  if (!present.has(endpointName)) return `${of}there is no endpoint ${endpointName} any more`;
  const others = isReplaced ? 'proven ones to go back to' : 'newer ones';
  return `${of}the endpoint ${endpointName} has ${others} and does not use it`;
}
