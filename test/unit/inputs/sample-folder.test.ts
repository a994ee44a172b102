import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { workspace } from './workspace.js';

/** A repository whose container brings its own sample. */
function sampled() {
  const repository = workspace();
  for (const [name, content] of Object.entries({
    'container/sample/train/rows.csv': '1,2\n',
    'container/sample/test/rows.csv': '3,4\n',
    'container/sample/payload.csv': '5,6\n',
    'container/sample/expected.csv': 'seven\n',
    'container/sample/payload.json': '{}\n',
    'container/sample/README.md': 'what this is\n',
    'other/rows.csv': '8,9\n',
  })) {
    repository.file(name, content);
  }
  return { ...repository, at: (path: string) => join(repository.path, path) };
}

describe('the folder `sample` of the context', () => {
  test('its folders are the channels, its payloads the requests, expected.* what the answers must hold', () => {
    const { plan, at } = sampled();
    const { smokeTest } = plan();
    expect([...smokeTest.channels]).toEqual([
      ['test', at('container/sample/test')],
      ['train', at('container/sample/train')],
    ]);
    expect(smokeTest.payloads).toEqual([
      { path: at('container/sample/payload.csv'), contentType: 'text/csv', expect: 'seven' },
      { path: at('container/sample/payload.json'), contentType: 'application/json' },
    ]);
  });

  test('what the inputs name takes its place', () => {
    const { plan, at } = sampled();
    const { smokeTest } = plan({ 'smoke-channels': 'train=other', 'smoke-payload': 'other/rows.csv' });
    expect([...smokeTest.channels.keys()]).toEqual(['train']);
    expect(smokeTest.payloads).toEqual([{ path: at('other/rows.csv'), contentType: 'text/csv' }]);
  });

  test('an expectation that is given is for the payloads that are found', () => {
    const { smokeTest } = sampled().plan({ 'smoke-expect': 'eight' });
    expect(smokeTest.payloads.map(({ expect: text }) => text)).toEqual(['eight', 'eight']);
  });

  test('an empty map means no channels', () => {
    expect(sampled().plan({ 'smoke-channels': '{}' }).smokeTest.channels.size).toBe(0);
  });

  test('hidden and empty folders and links are left alone', () => {
    const { plan, at } = sampled();
    mkdirSync(at('container/sample/empty'));
    mkdirSync(at('container/sample/.cache'));
    writeFileSync(at('container/sample/.cache/x'), '');
    symlinkSync('/etc', at('container/sample/link'));
    expect([...plan().smokeTest.channels.keys()]).toEqual(['test', 'train']);
  });

  test('an expectation that is a link is left alone: it may lead to a file of the runner', () => {
    const { plan, at } = sampled();
    symlinkSync('/etc/passwd', at('container/sample/expected.json'));
    expect(plan().smokeTest.payloads[1]).toEqual({
      path: at('container/sample/payload.json'),
      contentType: 'application/json',
    });
  });

  test('an image that is given in place of a build brings none', () => {
    const { smokeTest } = sampled().plan({ 'image-uri': 'model:1' });
    expect(smokeTest.channels.size).toBe(0);
    expect(smokeTest.payloads).toEqual([]);
  });
});
