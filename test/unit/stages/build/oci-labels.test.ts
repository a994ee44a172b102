import { describe, expect, test } from '@jest/globals';
import { ociLabels } from '../../../../src/stages/build/oci-labels.js';

const NONE = new Map<string, string>();

describe('the labels of an image', () => {
  test('say where it came from', () => {
    const source = {
      repository: 'org/app',
      serverUrl: 'https://github.example.com',
      commit: 'abc',
      ref: 'refs/heads/feature/x',
      runUrl: 'https://github.example.com/org/app/actions/runs/1',
    };
    expect(Object.fromEntries(ociLabels(source, NONE))).toEqual({
      'org.opencontainers.image.source': 'https://github.example.com/org/app',
      'org.opencontainers.image.revision': 'abc',
      'org.opencontainers.image.version': 'feature/x',
      'io.github.sagemaker-byoc.ref': 'refs/heads/feature/x',
      'io.github.sagemaker-byoc.run-url': 'https://github.example.com/org/app/actions/runs/1',
    });
  });

  test.each([
    ['refs/tags/v1.2', 'v1.2'],
    ['refs/pull/7/merge', 'pr-7'],
    ['7/merge', 'pr-7'],
    ['main', 'main'],
  ])('name the ref %s as %s', (ref, version) => {
    expect(ociLabels({ ref }, NONE).get('org.opencontainers.image.version')).toBe(version);
  });

  test('leave out what is not known', () => {
    expect(ociLabels({ serverUrl: 'https://github.com', commit: '' }, NONE).size).toBe(0);
  });

  test('are the user’s own first of all', () => {
    const labels = ociLabels(
      { commit: 'abc' },
      new Map([
        ['org.opencontainers.image.revision', ''],
        ['team', 'x'],
      ]),
    );
    expect([...labels]).toEqual([
      ['org.opencontainers.image.revision', ''],
      ['team', 'x'],
    ]);
  });
});
