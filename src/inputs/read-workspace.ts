import { realpathSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Problems } from './problems.js';

/** The checked-out repository: its real path, absolute. Reports one that is not there, and goes on with its name. */
export function readWorkspace(env: NodeJS.ProcessEnv, problems: Problems): string {
  // Without GitHub around it, the current directory is the repository.
  const given = env['GITHUB_WORKSPACE'] || process.cwd();
  try {
    const real = realpathSync(given);
    if (statSync(real).isDirectory()) return real;
  } catch {
    // Reported below.
  }
  problems.add({
    input: 'GITHUB_WORKSPACE',
    value: given,
    rule: 'The workspace is not a folder that can be read.',
    fix: 'Check the repository out before this step: `- uses: actions/checkout@v7`.',
  });
  return resolve(given);
}
