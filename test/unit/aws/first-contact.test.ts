import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../../../src/aws/aws-error.js';
import { call } from '../../../src/aws/call.js';
import { neverReached, wasReached } from '../../../src/aws/first-contact.js';

const { signal } = new AbortController();
const thrown = (name: string, code?: string) =>
  Object.assign(new Error('no'), { name, ...(code && { code }) });

describe('a service was reached', () => {
  test('when a call of it was answered', async () => {
    await call('one:DescribeThing', signal, async () => ({}));
    expect(wasReached('one:CreateThing')).toBe(true);
    expect(wasReached('another:CreateThing')).toBe(false);
  });

  test.each([
    ['a refusal is an answer', thrown('AccessDeniedException'), true],
    ['so is throttling', thrown('ThrottlingException'), true],
    ['a refused connection is none', thrown('Error', 'ECONNREFUSED'), false],
    ['nor is a proxy that makes no tunnel', thrown('Error', 'ERR_PROXY_TUNNEL'), false],
    ['nor is the want of credentials', thrown('CredentialsProviderError'), false],
  ])('%s', async (name, error, answered) => {
    const action = `${name.replaceAll(' ', '-')}:DescribeThing`;
    await call(action, signal, () => Promise.reject(error)).catch(() => {});
    expect(wasReached(action)).toBe(answered);
  });
});

describe('the way that was tried', () => {
  const error = new AwsError('network', 'model-registry:Describe', 'ETIMEDOUT', 'Not reached.', 'Look.');
  const way = (env: NodeJS.ProcessEnv, region?: string) => neverReached(error, region, env).message;

  test('is AWS’s own endpoint in the Region, without a proxy', () => {
    expect(way({}, 'eu-west-1')).toBe(
      'Not reached. Nothing of model-registry has answered since the run began. Tried: AWS’s own endpoint of model-registry in the Region eu-west-1, with no proxy (HTTPS_PROXY is not set).',
    );
  });

  test('is the proxy, without its password, and who goes past it', () => {
    expect(way({ HTTPS_PROXY: 'http://me:secret@proxy.example:3128', NO_PROXY: '.internal' })).toContain(
      'with the proxy http://proxy.example:3128 (HTTPS_PROXY, but for NO_PROXY=.internal).',
    );
  });

  test('is the endpoint that was named, of the service before that of all', () => {
    const env = { AWS_ENDPOINT_URL: 'http://127.0.0.1:4566/x', HTTPS_PROXY: 'http://proxy.example:3128' };
    expect(way(env)).toContain(
      'the endpoint http://127.0.0.1:4566 (AWS_ENDPOINT_URL), with no proxy (HTTP_PROXY is not set)',
    );
    expect(way({ ...env, AWS_ENDPOINT_URL_MODEL_REGISTRY: 'https://other.example' })).toContain(
      'the endpoint https://other.example (AWS_ENDPOINT_URL_MODEL_REGISTRY), with the proxy http://proxy.example:3128',
    );
  });
});
