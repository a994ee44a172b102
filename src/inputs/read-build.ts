import { join, resolve } from 'node:path';
import type { BuildPlan } from '../plan.js';
import { type Inputs, silent } from './fields.js';
import { parseList } from './parse-list.js';
import { parseMap } from './parse-map.js';
import { dockerfilesNear, entryExists, findPath } from './paths.js';
import type { Field } from './problems.js';
import { parseBoolean } from './quantities.js';
import { readSecrets } from './read-secrets.js';

/** What to build, and how; paths are absolute. */
export function readBuild(inputs: Inputs, workspace: string, platform: string): BuildPlan {
  const { context, dockerfile } = readContext(inputs, workspace);
  const target = inputs('target').text.trim();
  if (target !== '' && !/^(?:[A-Za-z][A-Za-z0-9_.-]*|\d+)$/.test(target)) {
    inputs('target').problem(
      'Is not the name of a build stage.',
      'Write the name behind `AS` in the Dockerfile, as in `FROM python:3.13 AS train`.',
    );
  }
  return {
    context,
    dockerfile,
    ...(target === '' ? {} : { target }),
    buildArgs: readNamed(
      inputs('build-args'),
      /^[^\s=]+$/,
      'A build argument',
      '`ARG` name in the Dockerfile',
    ),
    secrets: readSecrets(inputs, workspace),
    labels: readNamed(inputs('labels'), /^[^\s=]+$/, 'A label', 'name such as `team` or `org.example.team`'),
    platform,
    cacheFrom: parseList(inputs('cache-from')).items,
    cacheTo: parseList(inputs('cache-to')).items,
    pull: parseBoolean(inputs('pull'), false),
  };
}

function readContext(inputs: Inputs, workspace: string): { context: string; dockerfile: string } {
  const field = inputs('context');
  const given = field.given ? field.text.trim() : 'container';
  const context = findPath(field, workspace, given, { kind: 'folder', what: 'build context' });

  const file = inputs('dockerfile');
  if (file.given) {
    const named = file.text.trim();
    const below = join(given, named);
    const found = findPath(silent(), workspace, below, { kind: 'file', what: 'Dockerfile' });
    if (found && !entryExists(resolve(workspace, named))) {
      file.problem(
        'There is no such file: the path of the Dockerfile is relative to the workspace, not to the context.',
        `Set \`dockerfile: ${below}\`.`,
      );
      return { context: context?.path ?? '', dockerfile: '' };
    }
    const dockerfile = findPath(file, workspace, named, { kind: 'file', what: 'Dockerfile' });
    return { context: context?.path ?? '', dockerfile: dockerfile?.path ?? '' };
  }
  // Without a context, the Dockerfile's absence is the same mistake again.
  if (!context) return { context: '', dockerfile: '' };

  const path = join(given, 'Dockerfile');
  const dockerfile = findPath(silent(), workspace, path, { kind: 'file', what: 'Dockerfile' });
  if (dockerfile) return { context: context.path, dockerfile: dockerfile.path };
  if (entryExists(join(context.path, 'Dockerfile'))) {
    // It is there, but a broken link, a folder, or unreadable: say which.
    findPath(file, workspace, path, { kind: 'file', what: 'Dockerfile' });
  } else {
    const near = dockerfilesNear(workspace, context.path);
    const fix =
      near[0] === undefined
        ? 'Add one, or set `context` to the folder that holds it.'
        : `Found ${near.map((name) => `./${name}`).join(', ')}: set \`dockerfile: ${near[0]}\`, or \`context\` to its folder.`;
    file.problem(`There is no Dockerfile in the build context \`${given}\`.`, fix, path);
  }
  return { context: context.path, dockerfile: '' };
}

/** A map whose keys must match; nothing is said of its values. */
function readNamed(field: Field, pattern: RegExp, what: string, kind: string): ReadonlyMap<string, string> {
  const map = parseMap(field);
  for (const key of map.keys()) {
    if (!pattern.test(key))
      field.problem(`${what} cannot have this name.`, `Write a ${kind}, without spaces.`, key);
  }
  return map;
}
