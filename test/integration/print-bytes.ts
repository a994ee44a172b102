/**
 * Run by a test in a process of its own: shows what comes on standard input as a container's output, then ends at
 * once, as the action does.
 */
import { LineSplitter } from '../../src/contract/log-lines.js';
import { createLog } from '../../src/runner/job-log.js';
import { waitForReader } from '../../src/runner/standard-output.js';

waitForReader(process.stdout);
const log = createLog({
  write: (text) => {
    process.stdout.write(text);
  },
  token: () => crypto.randomUUID(),
  now: () => performance.now(),
});
const splitter = new LineSplitter((line) => log.untrusted('algo-1', line));
process.stdin.on('data', (chunk) => splitter.write(chunk));
process.stdin.on('end', () => {
  splitter.end();
  log.info('the end');
  process.exit(0);
});
