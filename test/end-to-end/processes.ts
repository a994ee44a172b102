import { readdirSync, readFileSync } from 'node:fs';

const INTERVAL_MS = 40;

/** Command lines of all processes of this machine by their ids, arguments joined with spaces. */
export function commandLines(): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const line = read(`/proc/${name}/cmdline`);
    if (line !== '') found.set(Number(name), line);
  }
  return found;
}

export interface Watch {
  /** Command lines of all processes. */
  readonly seen: ReadonlySet<string>;
  /** Of those whose environment has the mark. */
  readonly marked: ReadonlySet<string>;
  stop(): void;
}

/**
 * Looks at the list of processes all the time, as anybody on the machine could.
 *
 * @param mark text in the environment that the processes of one run have, and no others
 */
export function watchProcesses(mark: string): Watch {
  const seen = new Set<string>();
  const marked = new Set<string>();
  const look = () => {
    for (const [id, line] of commandLines()) {
      // The same line may be another run's too; it is looked at once for each process.
      const known = `${id} ${line}`;
      if (looked.has(known)) continue;
      looked.add(known);
      seen.add(line);
      if (read(`/proc/${id}/environ`).includes(mark)) marked.add(line);
    }
  };
  const looked = new Set<string>();
  const timer = setInterval(look, INTERVAL_MS);
  return { seen, marked, stop: () => clearInterval(timer) };
}

/** Empty when the process has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}
