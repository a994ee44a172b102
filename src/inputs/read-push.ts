import type { PushPlan } from '../plan.js';
import type { Inputs } from './fields.js';
import { IMAGE_TAG, KEEP_IMAGES, REPOSITORY } from './limits.js';
import { parseList } from './parse-list.js';
import type { Field } from './problems.js';
import { parseBoolean, parseInteger } from './quantities.js';
import { parseRegistry, splitHost } from './registry.js';

/**
 * Where the image goes in ECR. The values are checked whether or not the stage runs, so that a pull request finds
 * the mistakes of the merge.
 *
 * @returns the plan of the stage, or `undefined` when it is not to run; and the repository for the stages that
 *   remove images
 */
export function readPush(
  inputs: Inputs,
  region: string | undefined,
  runs: boolean,
): { readonly plan: PushPlan | undefined; readonly repository: string | undefined } {
  const field = inputs('repository');
  const { repository, registryId } = readRepository(field, region);
  if (runs && !field.given) {
    field.problem(
      'The stage `push` needs a repository in ECR.',
      'Set `repository`, for example `repository: team/model`. If it comes from a variable or a secret, that is ' +
        'empty in this run: pull requests from forks get none.',
    );
  }
  const keepImages = inputs('keep-images').given
    ? parseInteger(inputs('keep-images'), KEEP_IMAGES, KEEP_IMAGES.max)
    : undefined;
  const plan = {
    repository,
    ...(registryId === undefined ? {} : { registryId }),
    imageTags: readTags(inputs('image-tags')),
    createRepository: parseBoolean(inputs('create-repository'), false),
    ...(keepImages === undefined ? {} : { keepImages }),
  };
  return { plan: runs ? plan : undefined, repository: field.given ? repository : undefined };
}

/** A bare name, or the whole address of a repository in a private registry of ECR. */
function readRepository(
  field: Field,
  region: string | undefined,
): { readonly repository: string; readonly registryId?: string } {
  if (!field.given) return { repository: '' };
  const given = field.text.trim().replace(/\/$/, '');
  const { host, path } = splitHost(given);
  const registry = host === undefined ? undefined : parseRegistry(host);
  checkRepository(field, given, host, path);
  if (registry && region !== undefined && registry.region !== region) {
    field.problem(
      `Is in the region ${registry.region}, but the run in ${region}: SageMaker takes images of its own region only.`,
      `Set \`aws-region: ${registry.region}\`, or name a repository in ${region}.`,
    );
  }
  return { repository: path, ...(registry ? { registryId: registry.account } : {}) };
}

function checkRepository(field: Field, given: string, host: string | undefined, path: string): void {
  if (/^[a-z]+:\/\//i.test(given)) {
    field.problem(
      'Is a web address, not the name of a repository.',
      `Write \`${given.replace(/^[a-z]+:\/\//i, '')}\`.`,
    );
  } else if (host !== undefined && !parseRegistry(host)) {
    field.problem(
      `Is in the registry ${host}; SageMaker trains from private repositories of ECR.`,
      'Write the name alone (`team/model`) for your own registry, or ' +
        '`<account>.dkr.ecr.<region>.amazonaws.com/team/model`.',
    );
  } else if (/[:@]/.test(path)) {
    field.problem(
      'Names a tag or a digest, not a repository alone.',
      `Write \`${given.replace(/[:@][^/]*$/, '')}\`; tags go into \`image-tags\`.`,
    );
  } else if (!REPOSITORY.pattern.test(path) || path.length < REPOSITORY.min || path.length > REPOSITORY.max) {
    const lower = path.toLowerCase();
    field.problem(
      `The name of a repository has ${REPOSITORY.min} to ${REPOSITORY.max} lower-case letters and digits, with single ` +
        '`.`, `_`, `/` or dashes between them.',
      lower !== path && REPOSITORY.pattern.test(lower)
        ? `Repository names are lower case: \`${lower}\`?`
        : 'Write for example `team/model`.',
    );
  }
}

function readTags(field: Field): readonly string[] {
  const { items } = parseList(field, { commas: true });
  for (const [index, tag] of items.entries()) {
    if (!IMAGE_TAG.pattern.test(tag)) {
      field.problem(
        'A tag has 1 to 128 letters, digits, `_`, `.` and `-`, and begins with none of the last two.',
        `Write for example \`${
          tag
            .replace(/[^\w.-]+/g, '-')
            .replace(/^[.-]+/, '')
            .slice(0, 128) || 'v1'
        }\`.`,
        tag,
      );
    } else if (items.indexOf(tag) < index) {
      field.problem('The tag is named twice.', 'Name it once.', tag);
    }
  }
  return items;
}
