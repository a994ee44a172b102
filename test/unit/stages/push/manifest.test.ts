import { describe, expect, test } from '@jest/globals';
import {
  chooseManifest,
  isIndex,
  manifestsIn,
  readManifest,
  SCHEMA_2,
  sizeOf,
  toSchema2,
} from '../../../../src/stages/push/manifest.js';

const digest = (digit: string): string => `sha256:${digit.repeat(64)}`;

const oci = (...layers: readonly string[]): string =>
  JSON.stringify({
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digest('a'), size: 10 },
    layers: layers.map((mediaType, index) => ({
      mediaType,
      digest: digest(String(index)),
      size: 100,
      annotations: { 'buildkit/createdat': '2026-01-01T00:00:00Z' },
    })),
    annotations: { note: 'x' },
  });

const GZIP = 'application/vnd.oci.image.layer.v1.tar+gzip';
const DOCKER_GZIP = 'application/vnd.docker.image.rootfs.diff.tar.gzip';

describe('an OCI manifest as schema 2', () => {
  test('has the same configuration and layers in the same order, in Docker’s words only', () => {
    const text = toSchema2(oci(GZIP, DOCKER_GZIP)) ?? '';
    expect(JSON.parse(text)).toEqual({
      schemaVersion: 2,
      mediaType: SCHEMA_2,
      config: { mediaType: 'application/vnd.docker.container.image.v1+json', digest: digest('a'), size: 10 },
      layers: [
        { mediaType: DOCKER_GZIP, digest: digest('0'), size: 100 },
        { mediaType: DOCKER_GZIP, digest: digest('1'), size: 100 },
      ],
    });
  });

  test.each(['application/vnd.oci.image.layer.v1.tar+zstd', 'application/vnd.oci.image.layer.v1.tar'])(
    'does not exist for a layer of type %s',
    (mediaType) => {
      expect(toSchema2(oci(GZIP, mediaType))).toBeUndefined();
    },
  );
});

describe('a list of manifests', () => {
  const list = JSON.stringify({
    manifests: [
      {
        digest: digest('1'),
        size: 1,
        platform: { os: 'linux', architecture: 'amd64' },
        annotations: { 'vnd.docker.reference.type': 'attestation-manifest' },
      },
      { digest: digest('2'), size: 1, platform: { os: 'linux', architecture: 'arm64', variant: 'v8' } },
      { digest: digest('3'), size: 1, platform: { os: 'linux', architecture: 'amd64' } },
    ],
  });

  test('gives the platform’s image, and no attestation', () => {
    expect(chooseManifest(list, 'linux/amd64')).toBe(digest('3'));
    expect(chooseManifest(list, 'linux/arm64')).toBe(digest('2'));
    expect(chooseManifest(list, 'linux/s390x')).toBeUndefined();
    expect(manifestsIn(list)).toEqual([digest('1'), digest('2'), digest('3')]);
  });

  test.each([
    ['application/vnd.oci.image.index.v1+json', true],
    ['application/vnd.docker.distribution.manifest.list.v2+json', true],
    ['application/vnd.oci.image.manifest.v1+json', false],
    [SCHEMA_2, false],
  ])('%s: %s', (mediaType, expected) => {
    expect(isIndex(mediaType)).toBe(expected);
  });
});

test('the size is what an engine pulls', () => {
  expect(sizeOf(readManifest(oci(GZIP, GZIP)))).toBe(210);
});
