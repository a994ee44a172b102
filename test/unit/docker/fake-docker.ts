import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDocker, type Docker } from '../../../src/docker/docker.js';
import { temporaryFolder } from '../inputs/workspace.js';

export interface FakeDocker {
  readonly docker: Docker;
  readonly folder: string;
  /** The arguments of each call so far, in order. */
  calls(): readonly (readonly string[])[];
}

/**
 * A real program `docker`, first on PATH: a shell script that writes its arguments down and then does what the
 * test says. `$FOLDER` is a folder for what it needs.
 */
export function fakeDocker(script: string, env: NodeJS.ProcessEnv = {}): FakeDocker {
  const folder = temporaryFolder();
  const log = join(folder, 'calls');
  writeFileSync(log, '');
  writeFileSync(
    join(folder, 'docker'),
    `#!/bin/sh\nFOLDER='${folder}'\n{ printf '%s\\0' "$@"; printf '\\n'; } >>'${log}'\n${script}\n`,
  );
  chmodSync(join(folder, 'docker'), 0o755);
  return {
    docker: createDocker({ PATH: `${folder}:${process.env['PATH']}`, ...env }),
    folder,
    calls: () =>
      readFileSync(log, 'utf8')
        .split('\0\n')
        .slice(0, -1)
        .map((call) => call.split('\0')),
  };
}

/** `docker cp --follow-link <container>:<path> -`, from the folder `root` beside the program. */
export const COPY = `path="$FOLDER/root\${3#*:}"
[ -e "$path" ] || { echo "Error: No such container:path: $3" >&2; exit 1; }
exec tar --create --directory "$(dirname "$path")" "$(basename "$path")"`;
