import { describe, expect, test } from '@jest/globals';
import { ociLabels } from '../../../../src/stages/build/oci-labels.js';
import {
  contentOfBlob,
  contentOfInspect,
  contentTag,
  isContentTag,
} from '../../../../src/stages/push/content.js';

const LAYERS = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`];

const blob = (config: Record<string, unknown> = {}, more: Record<string, unknown> = {}): string =>
  JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    created: '2026-01-01T00:00:00Z',
    history: [{ created: '2026-01-01T00:00:00Z', created_by: 'COPY' }],
    config: { Cmd: ['train'], Env: ['A=1', 'B=2'], Labels: { team: 'a', z: 'b' }, ...config },
    rootfs: { type: 'layers', diff_ids: LAYERS },
    ...more,
  });

const hash = (text: string): string => contentOfBlob(text).hash;

test('an engine’s description and the registry’s configuration of one image have the same content', () => {
  const inspected = JSON.stringify({
    Id: 'sha256:abc',
    Created: '2025-05-05T00:00:00Z',
    Os: 'linux',
    Architecture: 'amd64',
    Variant: '',
    Config: {
      Hostname: '',
      Domainname: '',
      AttachStdin: false,
      User: '',
      Env: ['A=1', 'B=2'],
      Cmd: ['train'],
      Image: 'sha256:def',
      Volumes: null,
      WorkingDir: '',
      Entrypoint: null,
      OnBuild: null,
      Labels: { z: 'b', team: 'a' },
    },
    RootFS: { Type: 'layers', Layers: LAYERS },
  });
  expect(contentOfInspect(inspected)).toEqual(contentOfBlob(blob()));
  expect(contentOfBlob(blob()).platform).toBe('linux/amd64');
});

describe('what does not change the content', () => {
  test.each([
    ['when it was built', blob({}, { created: '2027-01-01T00:00:00Z', history: [] })],
    ['the commit', blob({ Labels: { team: 'a', z: 'b', 'org.opencontainers.image.revision': 'c0ffee' } })],
    ['the ref', blob({ Labels: { team: 'a', z: 'b', 'io.github.sagemaker-byoc.ref': 'refs/heads/x' } })],
    ['the run', blob({ Labels: { team: 'a', z: 'b', 'io.github.sagemaker-byoc.run-url': 'https://x/2' } })],
    ['the branch', blob({ Labels: { team: 'a', z: 'b', 'org.opencontainers.image.version': 'main' } })],
    ['arm64’s only variant', blob({}, { variant: 'v8' })],
    ['an empty value', blob({ Entrypoint: [], WorkingDir: '', Volumes: null })],
  ])('%s', (_, other) => {
    expect(hash(other)).toBe(hash(blob()));
  });
});

test('the labels of another run, commit and ref of the same repository do not change the content', () => {
  const labels = (run: number, ref: string) =>
    Object.fromEntries(
      ociLabels(
        {
          repository: 'org/model',
          commit: `${run}`.repeat(40),
          ref,
          runUrl: `https://github.com/org/model/actions/runs/${run}`,
        },
        new Map(),
      ),
    );
  expect(hash(blob({ Labels: labels(1, 'refs/heads/main') }))).toBe(
    hash(blob({ Labels: labels(2, 'refs/tags/v2') })),
  );
});

describe('what changes the content', () => {
  test.each([
    ['a layer', blob({}, { rootfs: { diff_ids: [LAYERS[0]] } })],
    ['the order of layers', blob({}, { rootfs: { diff_ids: [...LAYERS].reverse() } })],
    ['the command', blob({ Cmd: ['serve'] })],
    ['the entry point', blob({ Entrypoint: ['train'] })],
    ['the environment', blob({ Env: ['A=1', 'B=3'] })],
    ['the order of the environment', blob({ Env: ['B=2', 'A=1'] })],
    ['the user', blob({ User: '1000' })],
    ['the working directory', blob({ WorkingDir: '/app' })],
    ['a label', blob({ Labels: { team: 'b', z: 'b' } })],
    ['the architecture', blob({}, { architecture: 'arm64' })],
    ['the signal that stops it', blob({ StopSignal: 'SIGINT' })],
  ])('%s', (_, other) => {
    expect(hash(other)).not.toBe(hash(blob()));
  });
});

test('a content tag is one that Docker takes, and is told from those of others', () => {
  const tag = contentTag(contentOfBlob(blob()));
  expect(tag).toMatch(/^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,127}$/);
  expect(isContentTag(tag)).toBe(true);
  for (const other of ['latest', `${tag}-old`, 'sagemaker-byoc-oci-0123456789ab', `x${tag}`]) {
    expect([other, isContentTag(other)]).toEqual([other, false]);
  }
});
