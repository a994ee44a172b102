import { type Dirent, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join, parse } from 'node:path';
import { CHANNELS } from './limits.js';

/** What the folder `sample` of a build context offers, as paths in it. */
export interface SampleFolder {
  /** Channel → folder. */
  readonly channels: ReadonlyMap<string, string>;
  /** Sample requests. */
  readonly payloads: readonly string[];
}

/**
 * A container that brings its own sample needs no inputs: in the folder `sample` of the build context each folder
 * is a channel of its name, and each `payload.*` a sample request. Anything else in it is left alone.
 *
 * @param context absolute path of the build context
 */
export function findSampleFolder(context: string): SampleFolder {
  const folder = join(context, 'sample');
  const entries = list(folder).sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    channels: new Map(
      entries
        .filter(
          (entry) =>
            entry.isDirectory() && isChannelName(entry.name) && list(join(folder, entry.name)).length > 0,
        )
        .map(({ name }) => [name, join(folder, name)]),
    ),
    payloads: entries
      .filter((entry) => entry.isFile() && parse(entry.name).name === 'payload')
      .map(({ name }) => join(folder, name)),
  };
}

/** What the answer to `payload.csv` must hold stands in `expected.csv` beside it, if anywhere. */
export function expectedBeside(payload: string): string | undefined {
  const { dir, ext } = parse(payload);
  try {
    const path = join(dir, `expected${ext}`);
    // What is expected is shown when the answer is another: a link would show a file of the runner's.
    return lstatSync(path).isFile() ? readFileSync(path, 'utf8').trim() || undefined : undefined;
  } catch {
    return undefined;
  }
}

const isChannelName = (name: string): boolean =>
  !name.startsWith('.') && name.length <= CHANNELS.name && CHANNELS.namePattern.test(name);

/** Links are no entries of a sample: they may lead anywhere. */
function list(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
