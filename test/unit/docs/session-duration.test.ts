import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';

/** Each session of an example that is longer than the hour which a role allows unless it says otherwise. */
const sessions = readdirSync('examples', { recursive: true, encoding: 'utf8' })
  .filter((file) => /\.github\/workflows\/[^/]+\.yml$/.test(file))
  .flatMap((file) =>
    [...readFileSync(join('examples', file), 'utf8').matchAll(/role-duration-seconds: '?(\d+)/g)]
      .map(([, seconds]) => Number(seconds))
      .filter((seconds) => seconds > 3600)
      .map((seconds) => [file.split('/')[0] ?? '', seconds] as const),
  );

test('some examples ask for long sessions', () => {
  expect(sessions.length).toBeGreaterThanOrEqual(2);
});

test.each(sessions)('%s says that its role must allow a session of %i seconds', (example, seconds) => {
  expect(readFileSync(join('examples', example, 'README.md'), 'utf8')).toContain(
    `MaxSessionDuration=${seconds}`,
  );
});
