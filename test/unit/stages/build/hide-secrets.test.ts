import { expect, test } from '@jest/globals';
import type { BuildSecret } from '../../../../src/plan.js';
import { hideSecrets } from '../../../../src/stages/build/hide-secrets.js';

const hide = (...values: readonly string[]) =>
  hideSecrets(
    new Map(values.map((value, index): [string, BuildSecret] => [`s${index}`, { kind: 'value', value }])),
  );

test('a secret is hidden wherever it stands, each time', () => {
  expect(hide('s3cr$t.*')('https://u:s3cr$t.*@host/ s3cr$t.* s3crXt.*')).toBe(
    'https://u:***@host/ *** s3crXt.*',
  );
});

test('each line of a secret of several lines is hidden', () => {
  const line = hide('-----BEGIN KEY-----\r\nabcdef==\n\n');
  expect(line('abcdef==')).toBe('***');
  expect(line('got -----BEGIN KEY-----')).toBe('got ***');
});

test('a secret that is a part of another leaves nothing of that one', () => {
  expect(hide('token', 'token-of-two-parts')('use token-of-two-parts and token')).toBe('use *** and ***');
});

test('an empty secret, a very short one and one from a file hide nothing', () => {
  expect(hide('', 'a', '\n')('a line as it is')).toBe('a line as it is');
  expect(hideSecrets(new Map([['f', { kind: 'file', path: '/etc/netrc' }]]))('/etc/netrc')).toBe(
    '/etc/netrc',
  );
});
