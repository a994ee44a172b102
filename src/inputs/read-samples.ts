import { relative } from 'node:path';
import { CHANNELS } from './limits.js';
import { parseMap } from './parse-map.js';
import { type Found, filesIn, findPath } from './paths.js';
import { Field, Problems } from './problems.js';
import type { SampleFolder } from './sample-folder.js';

/** Sample channels: name → absolute path. */
export function readChannels(
  field: Field,
  workspace: string,
  sample: SampleFolder,
): ReadonlyMap<string, string> {
  const channels = new Map<string, string>();
  const map = field.given ? parseMap(field, { trim: true }) : inWorkspace(workspace, sample.channels);
  if (map.size > CHANNELS.entries) {
    field.problem(
      `SageMaker takes at most ${CHANNELS.entries} channels; these are ${map.size}.`,
      'Remove some.',
      '',
    );
  }
  for (const [name, given] of map) {
    // The platform's pattern lets `..` pass, which as a folder's name would lead out of /opt/ml/input/data.
    if (!CHANNELS.namePattern.test(name) || name.length > CHANNELS.name || /^\.\.?$/.test(name)) {
      field.problem(
        `The name of a channel has 1 to ${CHANNELS.name} letters, digits, \`.\`, \`_\` or \`-\`, and is not \`.\` or \`..\`.`,
        'Rename it: `train=path`.',
        name,
      );
      continue;
    }
    const what = `sample data of channel \`${name}\``;
    const found = findFilled(field, workspace, given, what);
    if (found) channels.set(name, found.path);
  }
  return channels;
}

/** What stands in the sample folder is checked like what an input names, so it is named the same way. */
const inWorkspace = (workspace: string, paths: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...paths].map(([name, path]) => [name, relative(workspace, path)]));

/** A file, or a folder with at least one file in it, of which each could be copied. */
function findFilled(field: Field, workspace: string, given: string, what: string): Found | undefined {
  const found = findPath(field, workspace, given, { kind: 'any', what });
  if (found?.kind !== 'folder') return found;
  let mistakes = 0;
  const counting = new Problems();
  const probe = new Field(field.name, '', counting);
  const files = filesIn(probe, workspace, found, what);
  for (const { rule, fix, value } of counting.found) {
    field.problem(rule, fix, value);
    mistakes += 1;
  }
  if (files.length > 0 || mistakes > 0) return found;
  return field.problem(
    `The ${what} is an empty folder.`,
    'Put a sample file into it. Git keeps no empty folders, and files that it ignores are not there after a checkout.',
    given,
  );
}

/** Absolute path of the model to serve; undefined when none is given. */
export const readModel = (field: Field, workspace: string): string | undefined =>
  field.given ? findFilled(field, workspace, field.text.trim(), 'model')?.path : undefined;
