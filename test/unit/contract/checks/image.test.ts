import { describe, expect, test } from '@jest/globals';
import { ofImage, said } from '../observations.js';

const GIB = 1024 ** 3;

describe('image-architecture', () => {
  test('passes for the platform that the plan asks for', () => {
    expect(ofImage('image-architecture')).toMatchObject({
      status: 'passed',
      evidence: 'The image is linux/amd64.',
    });
    expect(
      ofImage('image-architecture', { architecture: 'arm64', wantedPlatform: 'linux/arm64' }).status,
    ).toBe('passed');
  });

  test('knows no variants: linux/arm64/v8 is linux/arm64', () => {
    const facts = { architecture: 'arm64', wantedPlatform: 'linux/arm64/v8' };
    expect(ofImage('image-architecture', facts).status).toBe('passed');
  });

  test.each([
    ['arm64', 'linux', 'linux/amd64', 'linux/arm64'],
    ['amd64', 'linux', 'linux/arm64', 'linux/amd64'],
    ['amd64', 'windows', 'linux/amd64', 'windows/amd64'],
  ])('fails for %s on %s where %s is wanted', (architecture, os, wantedPlatform, actual) => {
    expect(ofImage('image-architecture', { architecture, os, wantedPlatform })).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: `The image is ${actual}; SageMaker needs ${wantedPlatform}.`,
      fix: `Build for ${wantedPlatform}: set \`platform: ${wantedPlatform}\`.`,
    });
  });
});

describe('image-entrypoint', () => {
  test.each([
    [[]],
    [['python', '/opt/program/main.py']],
    [['/entrypoint.sh']],
    [['sh', '/opt/program/start.sh']],
    [['/bin/bash', '-e', '/start.sh']],
    [['/bin/bash', '-o', 'pipefail', '/start.sh']],
    [['/opt/shrinkwrap', '-c', 'x']],
    [['/usr/bin/tinit']],
  ])('passes for %j', (entrypoint) => {
    expect(ofImage('image-entrypoint', { entrypoint })).toMatchObject({
      status: 'passed',
      severity: 'warning',
    });
  });

  test('says that without ENTRYPOINT the program is looked up on PATH', () => {
    expect(said(ofImage('image-entrypoint', { entrypoint: [] }))).toBe(
      'passed: The image has no ENTRYPOINT: `train` and `serve` are looked up on PATH.',
    );
  });

  test.each([
    [['/bin/sh', '-c', 'python train.py']],
    [['/bin/bash', '-c', 'python train.py']],
    [['/usr/bin/zsh', '-lc', 'python train.py']],
    [['sh', '-ec', 'python train.py']],
    // SHELL ["/bin/bash", "-o", "pipefail", "-c"], which linters of Dockerfiles ask for.
    [['/bin/bash', '-o', 'pipefail', '-c', 'python train.py']],
  ])('fails for the shell form %j', (entrypoint) => {
    expect(ofImage('image-entrypoint', { entrypoint })).toMatchObject({
      status: 'failed',
      evidence: `ENTRYPOINT has the shell form: ${JSON.stringify(entrypoint)}.`,
      fix: expect.stringContaining('JSON array'),
    });
  });

  test.each([[['tini', '--', 'python']], [['/usr/bin/tini', '-g', '--', 'train']], [['/tini-static', 'x']]])(
    'fails for tini: %j',
    (entrypoint) => {
      expect(ofImage('image-entrypoint', { entrypoint })).toMatchObject({
        status: 'failed',
        evidence: `ENTRYPOINT starts tini: ${JSON.stringify(entrypoint)}.`,
      });
    },
  );
});

describe('image-user', () => {
  test.each(['', 'root', '0', 'root:root', '0:0', '0:100'])('passes for USER %j', (user) => {
    expect(ofImage('image-user', { user })).toMatchObject({
      status: 'passed',
      evidence: 'The image runs as root.',
    });
  });

  test.each(['1000', 'model', '1000:0', 'nobody:root', 'rooty'])('fails for USER %j', (user) => {
    expect(ofImage('image-user', { user })).toMatchObject({
      status: 'failed',
      severity: 'warning',
      evidence: `The image runs as user “${user}”.`,
      fix: expect.stringContaining('USER root'),
    });
  });
});

describe('image-size', () => {
  test('passes up to 10 GiB, and says the size', () => {
    expect(ofImage('image-size', { sizeBytes: 10 * GIB }).status).toBe('passed');
    expect(ofImage('image-size', { sizeBytes: 1.5 * GIB })).toMatchObject({
      status: 'passed',
      evidence: 'The image takes 1.50 GiB.',
    });
  });

  test('fails for one byte more', () => {
    expect(ofImage('image-size', { sizeBytes: 10 * GIB + 1 })).toMatchObject({
      status: 'failed',
      severity: 'warning',
      evidence: 'The image takes 10.00 GiB; serverless endpoints take 10 GiB.',
    });
  });
});

describe('image-opt-ml', () => {
  test('passes when nothing is baked into the reserved folders', () => {
    expect(ofImage('image-opt-ml', { bakedPaths: [] }).status).toBe('passed');
  });

  test('fails and names the folders that hold something', () => {
    expect(ofImage('image-opt-ml', { bakedPaths: ['/opt/ml/model', '/opt/ml/input'] })).toMatchObject({
      status: 'failed',
      severity: 'warning',
      evidence: 'The image holds files in /opt/ml/model, /opt/ml/input.',
      fix: expect.stringContaining('/opt/program'),
    });
  });
});

describe('image-cuda', () => {
  const cuda = (requirement: string) =>
    ofImage('image-cuda', { env: new Map([['NVIDIA_REQUIRE_CUDA', requirement]]) });

  test('is skipped for an image that requires nothing', () => {
    expect(ofImage('image-cuda', { env: new Map([['CUDA_VERSION', '13.1']]) })).toMatchObject({
      status: 'skipped',
      evidence: 'The image sets no NVIDIA_REQUIRE_CUDA.',
    });
  });

  test('passes up to the CUDA of the oldest hosting driver', () => {
    expect(cuda('cuda>=12.2').status).toBe('passed');
    expect(said(cuda('cuda>=11.8 brand=tesla,driver>=450,driver<451'))).toBe(
      'passed: The image requires CUDA 11.8; every GPU AMI has it.',
    );
  });

  test('takes the lowest of several alternatives', () => {
    expect(cuda('cuda>=12.9 cuda>=12.1').status).toBe('passed');
  });

  test('passes, in words of its own, for a requirement without a lowest version', () => {
    expect(cuda('brand=tesla')).toMatchObject({
      status: 'passed',
      evidence: 'NVIDIA_REQUIRE_CUDA “brand=tesla” names no lowest version.',
    });
  });

  test.each([
    ['12.3', 'al2-ami-sagemaker-inference-gpu-3-1'],
    ['12.4', 'al2-ami-sagemaker-inference-gpu-3-1'],
    ['12.9', 'al2023-ami-sagemaker-inference-gpu-4-1'],
    ['13.0', 'al2023-ami-sagemaker-inference-gpu-4-1'],
  ])('fails for CUDA %s, and names %s', (version, ami) => {
    expect(cuda(`cuda>=${version}`)).toMatchObject({
      status: 'failed',
      severity: 'warning',
      evidence: `The image requires CUDA ${Number(version)}; the default hosting driver may support 12.2 only.`,
      fix: `Deploy with InferenceAmiVersion ${ami}, or use a base image for CUDA 12.2.`,
    });
  });

  test('fails for a CUDA that no hosting instance has', () => {
    expect(cuda('cuda >= 13.1')).toMatchObject({
      status: 'failed',
      evidence: 'The image requires CUDA 13.1; no hosting AMI supports more than 13.0.',
      fix: 'Use a base image for CUDA 13.0 or older.',
    });
  });
});

describe('image-labels', () => {
  const PREFIX = 'com.amazonaws.sagemaker.capabilities.';
  const labels = (entries: Record<string, string>) =>
    ofImage('image-labels', { labels: new Map(Object.entries(entries)) });

  test('passes without labels of SageMaker', () => {
    expect(labels({ maintainer: 'x', 'com.amazonaws.other': 'y' })).toMatchObject({
      status: 'passed',
      evidence: 'The image has no capability labels.',
    });
  });

  test.each(['accept-bind-to-port', 'multi-models', 'bidirectional-streaming'])('knows %s', (name) => {
    expect(labels({ [`${PREFIX}${name}`]: 'true' })).toMatchObject({
      status: 'passed',
      evidence: `Labels: ${PREFIX}${name}=true.`,
    });
  });

  test('says nothing of SageMaker’s other labels, which AWS’s base images have', () => {
    const other = { 'com.amazonaws.sagemaker.inference.cuda.verified_versions': '12.2' };
    expect(labels(other)).toMatchObject({
      status: 'passed',
      evidence: 'The image has no capability labels.',
    });
  });

  test.each([
    [`${PREFIX}multi-model`, 'true'],
    [`${PREFIX}multi-models`, 'True'],
    [`${PREFIX}multi-models`, ''],
    ['com.amazonaws.sagemaker.capability.multi-models', 'true'],
    ['com.amazonaws.sagemaker.multi-models', 'true'],
  ])('fails for %s=%s', (name, value) => {
    expect(labels({ [name]: value, [`${PREFIX}accept-bind-to-port`]: 'true' })).toMatchObject({
      status: 'failed',
      severity: 'warning',
      evidence: `SageMaker does not know ${name}=${value}.`,
      fix: expect.stringContaining(`${PREFIX}multi-models=true`),
    });
  });
});
