import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from '@jest/globals';
import { parseFileCommands } from '../../integration/file-commands.js';
import { temporaryFolder } from './temporary-folder.js';

const saved = { ...process.env };
afterEach(() => {
  process.env = { ...saved };
});

/** Gives the runner's file of this name to `@actions/core`, which reads the process' environment. */
export function runnerFile(name: 'GITHUB_OUTPUT' | 'GITHUB_STATE'): {
  readonly path: string;
  /** What the runner reads out of it. */
  values(): Record<string, string>;
} {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, '');
  process.env[name] = path;
  return { path, values: () => parseFileCommands(readFileSync(path, 'utf8')) };
}
