import { ownerOf } from '../deploy/ownership.js';
import { PINNING_TAGS } from '../pinning-tags.js';
import { type Removal, withRepositories } from './removal.js';

/**
 * Removes a repository of ECR with all its images, when this action created it for this GitHub repository and
 * nothing needs an image in it.
 */
export async function removeRepository(name: string, removal: Removal): Promise<void> {
  const { ledger, needs, source } = removal;
  const kind = 'repository';
  const found = await withRepositories(removal, (ecr) => ecr.describeRepository({ name }));
  if (found === undefined) return;
  if (ownerOf(found.tags, source) !== 'ours') {
    ledger.keep({
      kind,
      name,
      why: `this action did not create it for this repository (no tag ${PINNING_TAGS.repository} says so)`,
    });
    return;
  }
  const used = [...needs.images].find(([image]) => isIn(image, found.uri));
  if (used !== undefined) {
    ledger.keep({ kind, name, why: `${used[1]} needs ${used[0]}` });
    return;
  }
  await ledger.remove({ kind, name, why: 'it is undeployed, with all its images' }, () =>
    withRepositories(removal, (ecr) => ecr.removeRepository({ name })),
  );
}

const isIn = (image: string, repository: string): boolean =>
  image === repository || image.startsWith(`${repository}:`) || image.startsWith(`${repository}@`);
