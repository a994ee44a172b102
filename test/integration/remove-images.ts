import { execFileSync } from 'node:child_process';

/**
 * Removes the images of a repository from the engine, by each of their names: another test may run the same image by a
 * name of its own.
 *
 * @param repository as `docker image ls --filter reference=…` takes it
 */
export function removeImages(repository: string): void {
  const format = '{{.Repository}}:{{.Tag}} {{.Repository}}@{{.Digest}}';
  const names = execFileSync(
    'docker',
    ['image', 'ls', '--digests', '--format', format, '--filter', `reference=${repository}`],
    { encoding: 'utf8' },
  )
    .split(/\s+/)
    .filter((name) => name !== '' && !name.endsWith('<none>'));
  // A name that is gone with another one of the same image is no failure.
  for (const name of new Set(names)) {
    execFileSync('docker', ['image', 'rm', '--force', name], { stdio: ['ignore', 'ignore', 'inherit'] });
  }
}
