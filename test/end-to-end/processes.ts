import { readdirSync, readFileSync } from 'node:fs';

const INTERVAL_MS = 40;

/** Command lines of all processes of this machine, arguments joined with spaces. */
export function commandLines(): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      found.set(Number(name), readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim());
    } catch {
      // It has ended meanwhile.
    }
  }
  return found;
}

/** Looks at the list of processes all the time, as anybody on the machine could. */
export function watchProcesses(): { readonly seen: ReadonlySet<string>; stop(): void } {
  const seen = new Set<string>();
  const look = () => {
    for (const line of commandLines().values()) seen.add(line);
  };
  const timer = setInterval(look, INTERVAL_MS);
  return {
    seen,
    stop: () => clearInterval(timer),
  };
}
