import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { SourceRecord } from '../../../src/plan.js';
import { checkLink, commitLink, failureLink, sourceLink, sourceUrl } from '../../../src/report/link.js';

const source: SourceRecord = {
  repository: 'octo-org/model',
  commit: '6f1e0c5a9d3b7482e1c0f4a6b8d2e3f5a7091c3d',
};
const root = `https://github.com/octo-org/model/blob/${source.commit}`;

describe('the address of a place', () => {
  test('is the file at the commit, at its lines', () => {
    expect(sourceUrl(source, { path: 'container/my train.py', line: 3 })).toBe(
      `${root}/container/my%20train.py#L3`,
    );
    expect(sourceUrl(source, { path: 'a', line: 3, endLine: 5 })).toBe(`${root}/a#L3-L5`);
    expect(sourceUrl({ ...source, serverUrl: 'https://ghe.example/' }, { path: 'a', line: 1 })).toMatch(
      /^https:\/\/ghe\.example\/octo-org/,
    );
  });

  test.each<[string, SourceRecord, string, number]>([
    ['the commit is missing', { repository: 'o/r' }, 'a', 1],
    ['the repository is missing', { commit: '6f1e0c5' }, 'a', 1],
    ['the repository is none', { ...source, repository: 'o/r/../../x' }, 'a', 1],
    ['the repository is a dot', { ...source, repository: '../r' }, 'a', 1],
    ['the server is no web address', { ...source, serverUrl: 'javascript:alert(1)' }, 'a', 1],
    ['the commit is none', { ...source, commit: 'main"><script>' }, 'a', 1],
    ['the path leaves the repository', source, '../a', 1],
    ['the path is absolute', source, '/a', 1],
    ['the path is empty', source, '', 1],
    ['the line is none', source, 'a', 0],
    ['the line is a fraction', source, 'a', 1.5],
  ])('is none when %s, and the label is left', (_what, from, path, line) => {
    expect(sourceUrl(from, { path, line })).toBeUndefined();
    expect(sourceLink(from, { path, line })).toMatch(/^<code>/);
  });

  test('stays in the repository whatever the path is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (path) => {
        const url = sourceUrl(source, { path, line: 1 });
        if (url === undefined) return;
        expect(url).toMatch(/^[\x21-\x7e]+$/);
        expect(new URL(url).pathname.startsWith(`/octo-org/model/blob/${source.commit}/`)).toBe(true);
        expect(new URL(url).hash).toBe('#L1');
        expect(sourceLink(source, { path, line: 1 })).toMatch(
          /^<a href="[^"<>]*"><code>[^<>]*(<wbr>[^<>]*)*<\/code><\/a>$/,
        );
      }),
    );
  });
});

test('a check is linked to its page when it is a check and there are pages', () => {
  const docs = 'https://github.com/o/r/blob/v1/docs/checks/';
  expect(checkLink('train-exit-code', docs)).toBe(
    '<a href="https://github.com/o/r/blob/v1/docs/checks/train-exit-code.md"><code>train-exit-code</code></a>',
  );
  expect(checkLink('train-exit-code', undefined)).toBe('<code>train-exit-code</code>');
  expect(checkLink('../x', docs)).toBe('<code>../x</code>');
  expect(checkLink('a', 'javascript:alert(1)')).toBe('<code>a</code>');
  expect(failureLink('disk-full', docs)).toBe(
    '<a href="https://github.com/o/r/blob/v1/docs/failures.md#disk-full"><code>disk-full</code></a>',
  );
  expect(failureLink('"><b>', docs)).toBe(
    '<a href="https://github.com/o/r/blob/v1/docs/failures.md"><code>&quot;&gt;&lt;b&gt;</code></a>',
  );
  expect(failureLink('disk-full', undefined)).toBe('<code>disk-full</code>');
});

test('a commit is shown by seven digits, linked when the repository is known', () => {
  expect(commitLink(source)).toBe(
    `<a href="https://github.com/octo-org/model/commit/${source.commit}"><code>6f1e0c5</code></a>`,
  );
  expect(commitLink({ commit: '6f1e0c5a9d3b' })).toBe('<code>6f1e0c5</code>');
  expect(commitLink({ commit: 'main' })).toBeUndefined();
});
