import { expect, test } from '@jest/globals';
import { createLog } from '../../../src/runner/job-log.js';
import { mask } from '../../../src/runner/mask.js';

const written = (env: NodeJS.ProcessEnv): string => {
  const output: string[] = [];
  const write = process.stdout.write;
  process.stdout.write = ((text: string) => {
    output.push(text);
    return true;
  }) as typeof process.stdout.write;
  try {
    let count = 0;
    const log = createLog({ write: (text) => output.push(text), token: () => `t${count++}`, now: () => 0 });
    log.untrusted('build', 'a line');
    mask(log, ['hunter2', '', 'two\nlines'], 'Logging in.', env);
  } finally {
    process.stdout.write = write;
  }
  return output.join('');
};

test('a secret is masked where the runner takes commands: outside of the guard', () => {
  expect(written({ GITHUB_ACTIONS: 'true' })).toBe(
    '::stop-commands::t0\nbuild | a line\n::t0::\nLogging in.\n::add-mask::hunter2\n::add-mask::two%0Alines\n',
  );
});

test('where there is no runner, nothing prints a secret', () => {
  expect(written({})).not.toContain('hunter2');
});
