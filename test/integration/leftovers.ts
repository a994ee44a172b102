import { execFileSync } from 'node:child_process';
import { RUN_LABEL } from '../../src/docker/leftovers.js';

/**
 * What a run left in Docker: `container NAME`, `network NAME`, `volume NAME`, running or not.
 *
 * @param runId the run's id; an empty one is refused, since nothing would carry it
 */
export function leftovers(runId: string): string[] {
  if (runId === '') throw new Error('This run has no id: its leftovers cannot be told from those of others.');
  const filter = ['--filter', `label=${RUN_LABEL}=${runId}`, '--format'];
  return [
    ...docker(['ps', '--all', ...filter, 'container {{.Names}}']),
    ...docker(['network', 'ls', ...filter, 'network {{.Name}}']),
    ...docker(['volume', 'ls', ...filter, 'volume {{.Name}}']),
  ];
}

const docker = (args: readonly string[]): string[] =>
  execFileSync('docker', args, { encoding: 'utf8' }).split('\n').filter(Boolean);
