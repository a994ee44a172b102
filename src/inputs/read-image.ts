import type { ImageSource } from '../plan.js';
import type { Inputs } from './fields.js';
import { characters, IMAGE_URI } from './limits.js';
import { INPUTS } from './names.js';
import type { Field } from './problems.js';
import { readBuild } from './read-build.js';
import { parseRegistry, splitHost } from './registry.js';

const BUILD_INPUTS = INPUTS.build.filter((name) => name !== 'image-uri' && name !== 'platform');

/**
 * Where the image comes from: a build, or `image-uri` in its place. Reports the inputs of both at once.
 *
 * @param needed whether a stage does something with an image; without, the repository may not even be checked out
 */
export function readImage(inputs: Inputs, workspace: string, platform: string, needed: boolean): ImageSource {
  const uri = inputs('image-uri');
  if (!uri.given && !needed) return { kind: 'none', platform };
  const build = (): ImageSource => ({ kind: 'build', build: readBuild(inputs, workspace, platform) });
  if (!uri.given) return build();

  for (const name of BUILD_INPUTS) {
    const field = inputs(name);
    // A reusable workflow hands its own boolean on, which is `false` when nobody asked for anything.
    if (!field.given || (name === 'pull' && /^false$/i.test(field.text.trim()))) continue;
    field.problem(
      'Is for building an image, but `image-uri` names one in place of a build.',
      `Remove \`${name}\`, or remove \`image-uri\`.`,
    );
  }
  const { host } = splitHost(uri.text.trim());
  const registry = host === undefined ? undefined : parseRegistry(host);
  return { kind: 'image', uri: checkImageUri(uri), platform, ...(registry && { registry }) };
}

/** Docker's grammar of references: [host[:port]/]path[:tag][@digest], paths in lower case. */
const REFERENCE =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

const IMAGE_ID = /^sha256:[0-9a-f]{64}$/;

/** An image's name, with its tag or digest, as Docker reads it. */
export function checkImageUri(field: Field): string {
  const uri = field.text.trim();
  if (characters(uri) > IMAGE_URI.length) {
    field.problem(`An image's name has at most ${IMAGE_URI.length} characters.`, 'Shorten it.');
  } else if (/^[a-z]+:\/\//i.test(uri)) {
    field.problem(
      "Is a web address, not an image's name.",
      'Remove what comes before the host: `host/name:tag`.',
    );
  } else if (!REFERENCE.test(uri) && !IMAGE_ID.test(uri)) {
    field.problem(
      "Is not an image's name as Docker reads it: `[host/]name[:tag]` or `[host/]name@sha256:…`.",
      /[A-Z]/.test(uri.replace(/:[^/]*$/, ''))
        ? `Repository names are lower case: \`${uri.toLowerCase()}\`?`
        : 'Write for example `ghcr.io/org/model:1.4`.',
    );
  }
  return uri;
}
