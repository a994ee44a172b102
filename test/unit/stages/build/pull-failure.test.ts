import { describe, expect, test } from '@jest/globals';
import { explainPull, registryOf } from '../../../../src/stages/build/pull-failure.js';

const reason = (text: string, image = 'ghcr.io/o/a:1') => explainPull(text, image, 'linux/arm64')?.reason;
const fix = (text: string, image: string) => explainPull(text, image, 'linux/arm64')?.fix;

describe('why an image cannot be pulled', () => {
  test.each([
    [
      'pull access denied for a, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
      /name is wrong, or the image is private/,
    ],
    [
      'Head "https://ghcr.io/v2/o/a/manifests/1": denied: requested access to the resource is denied',
      /private/,
    ],
    ['unexpected status from HEAD request to https://x/v2/o/a/manifests/1: 403 Forbidden', /private/],
    ['Head "https://x": no basic auth credentials', /private/],
    [
      'pull access denied, repository does not exist or may require authorization: authorization failed: no basic auth credentials',
      /private/,
    ],
    ['denied: Your authorization token has expired. Reauthenticate and try again.', /private/],
    [
      'ghcr.io/o/a:1: failed to resolve source metadata for ghcr.io/o/a:1: ghcr.io/o/a:1: not found',
      /does not have it$/,
    ],
    ['manifest for o/a:1 not found: manifest unknown: manifest unknown', /does not have it$/],
    [
      "name unknown: The repository with name 'a' does not exist in the registry with id '1'",
      /does not have it$/,
    ],
    [
      'no matching manifest for linux/arm64/v8 in the manifest list entries',
      /does not have it for linux\/arm64/,
    ],
    [
      'failed to resolve source metadata for x: no match for platform in manifest: not found',
      /for linux\/arm64/,
    ],
    [
      'image with reference a was found but does not match the specified platform: wanted linux/arm64, actual: linux/amd64',
      /for linux\/arm64/,
    ],
    [
      'toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit',
      /rate limit/,
    ],
    ['429 Too Many Requests', /rate limit/],
    ['dial tcp: lookup ghcr.io on 127.0.0.53:53: no such host', /`ghcr.io` could not be reached/],
    ['net/http: TLS handshake timeout', /could not be reached/],
    ['received unexpected HTTP status: 503 Service Unavailable', /could not be reached/],
    ['tls: failed to verify certificate: x509: certificate signed by unknown authority', /not trusted/],
    ['http: server gave HTTP response to HTTPS client', /does not speak HTTPS/],
  ])('%s', (text, expected) => {
    expect(reason(text)).toMatch(expected);
  });

  test('is left to the registry’s own words when they are not known', () => {
    expect(reason('the moon is full')).toBeUndefined();
  });
});

test('the way to log in is that of the registry', () => {
  const denied = 'denied: not allowed';
  expect(fix(denied, 'ghcr.io/o/a:1')).toContain('packages: read');
  expect(fix(denied, '763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2')).toContain(
    '`registries: 763104351884`',
  );
  expect(fix(denied, 'org/a:1')).toContain('docker/login-action');
});

test('the registry of a name is its first part when that looks like a host', () => {
  expect(['python:3.11', 'org/a', 'localhost/a', 'a.b/c', 'host:5000/c:1'].map(registryOf)).toEqual([
    'docker.io',
    'docker.io',
    'localhost',
    'a.b',
    'host:5000',
  ]);
});
