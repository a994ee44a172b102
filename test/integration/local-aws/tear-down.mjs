import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Ends the local AWS that the tests shared, if one of them started it. */
export default async function tearDown() {
  const folder = process.env.SHARED_LOCAL_AWS ?? '';
  const pidFile = join(folder, 'pid');
  if (existsSync(pidFile)) {
    const pid = Number(readFileSync(pidFile, 'utf8'));
    const isThere = (signal) => {
      try {
        return process.kill(pid, signal);
      } catch {
        return false;
      }
    };
    // It waits for its containers, which have their time to stop.
    if (isThere('SIGTERM')) for (let i = 0; i < 600 && isThere(0); i++) await sleep(100);
  }
  rmSync(folder, { recursive: true, force: true });
}
