import { posix } from 'node:path';
import { archiveModel } from '../../../src/contract/model-archive.js';
import type { HostRun } from '../../../src/contract/observations.js';
import { MODEL_DIR } from '../../../src/contract/opt-ml.js';
import { packing } from '../../../src/contract/packing.js';
import type { JobClock } from './clock.js';
import type { Fleet, OnLine } from './fleet.js';
import type { Script } from './scenario.js';

/** Lines that are printed before others get their turn. */
const BURST = 500;

/** Hosts on which a script runs in place of a container: for what needs many lines, or many jobs. */
export function scriptedFleet(
  hosts: readonly string[],
  script: Script,
  clock: JobClock,
  onLine: OnLine,
): Fleet {
  const terminated = new AbortController();
  const killed = new AbortController();
  const halting = script.onSigterm === 'ignore' ? killed.signal : terminated.signal;
  let ended: Promise<readonly HostRun[]> = Promise.resolve([]);

  async function play(host: string): Promise<HostRun> {
    const began = clock.now();
    const { lines = ['training'], repeat = 1, lineInterval = 0, after = 0 } = script;
    let n = 0;
    for (let round = 0; round < repeat && !halting.aborted; round += 1) {
      for (const line of lines) {
        n += 1;
        onLine(host, line.replaceAll('{host}', host).replaceAll('{n}', String(n)));
        if (lineInterval > 0) {
          await clock.sleep(lineInterval, halting);
        } else if (n % BURST === 0) {
          await new Promise(setImmediate);
        }
        if (halting.aborted) {
          break;
        }
      }
    }
    await clock.sleep(after, halting);
    const exitCode = killed.signal.aborted ? 137 : terminated.signal.aborted ? 0 : (script.exitCode ?? 0);
    return {
      host,
      exitCode,
      oomKilled: false,
      timedOut: false,
      seconds: (clock.now() - began) / 1000,
      logTail: [],
      ...(script.failure !== undefined && { failureFile: script.failure }),
    };
  }

  /** The files of the script below a folder; only the model has some. */
  const content = (host: string, folder: string) =>
    packing(async (tar) => {
      const name = posix.basename(folder);
      tar.entry({ name: `${name}/`, type: 'directory' });
      const files =
        folder === MODEL_DIR && host === 'algo-1' ? (script.model ?? { 'model.txt': 'model' }) : {};
      for (const [path, text] of Object.entries(files)) {
        tar.entry({ name: `${name}/${path}` }, text);
      }
    });

  return {
    hosts,
    run(onEnd) {
      ended = Promise.all(
        hosts.map(async (host) => {
          const end = await play(host);
          onEnd(host, end);
          return end;
        }),
      );
      return ended;
    },
    async stop(graceSeconds) {
      terminated.abort();
      const done = new AbortController();
      const over = ended.finally(() => done.abort());
      await Promise.race([over, clock.sleep(graceSeconds * 1000, done.signal)]);
      killed.abort();
      await over;
    },
    archive: (folder, file) =>
      archiveModel(
        hosts.map((host) => content(host, folder)),
        file,
      ),
    copyOut: content,
    async remove() {},
  };
}
