import { Readable } from 'node:stream';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { ModelRegistry } from '../../../../src/aws/model-registry.js';
import type { Objects, StoredObject } from '../../../../src/aws/objects.js';
import type { JobRecord, ModelPackageRecord, ModelSource } from '../../../../src/plan.js';
import { findModel, type ModelFinder } from '../../../../src/stages/deploy/find-model.js';
import { trouble } from './fake-hosting.js';
import { IMAGE_URI, MODEL_DATA } from './plans.js';

const ARN = 'arn:aws:sagemaker:eu-west-1:123456789012:model-package/churn/7';
const JOB = { name: 'churn-1', modelArtifacts: MODEL_DATA } as JobRecord;
const REGISTERED = { arn: ARN, status: 'Completed', approvalStatus: 'Approved' } as ModelPackageRecord;

let versions: Record<string, Record<string, unknown>>;
let latest: { readonly arn: string } | undefined;
let asked: unknown[];
let stored: (uri: string) => StoredObject | undefined;

beforeEach(() => {
  asked = [];
  stored = () => undefined;
  latest = { arn: ARN };
  versions = {
    [ARN]: {
      ModelPackageStatus: 'Completed',
      ModelApprovalStatus: 'Approved',
      InferenceSpecification: { Containers: [{ Image: IMAGE_URI, ModelDataUrl: MODEL_DATA }] },
    },
  };
});

function find(model: ModelSource, made: ModelFinder['made'] = {}) {
  const registry = {
    latest: async (...question: unknown[]) => {
      asked.push(question.slice(0, 2));
      return latest;
    },
    region: 'eu-west-1',
    versions: async () =>
      Object.keys(versions).map((arn) => ({ arn, version: Number(arn.split('/').at(-1)) })),
    describe: async (arn: string) => versions[arn],
  } as unknown as ModelRegistry;
  return findModel(
    { name: 'AllTraffic', model },
    {
      aws: { tags: new Map() },
      made,
      registry: async () => registry,
      objects: async () => ({ open: async (uri: string) => stored(uri) }) as unknown as Objects,
      pin: async (uri) => ({ uri: uri.includes('@') ? uri : `${uri}-pinned`, digest: 'sha256:1' }),
      signal: new AbortController().signal,
    },
  );
}

const IMAGE_AND_MODEL = { Image: IMAGE_URI, ModelDataUrl: MODEL_DATA };

describe('the model of this run', () => {
  test('is its image and its job’s model', async () => {
    expect(await find({ kind: 'run' }, { imageUri: IMAGE_URI, job: JOB })).toEqual({
      container: IMAGE_AND_MODEL,
      image: IMAGE_URI,
      modelArtifacts: MODEL_DATA,
    });
  });

  test('is the version that it registered, once that is approved', async () => {
    const made = { imageUri: IMAGE_URI, job: JOB, modelPackage: REGISTERED };
    expect(await find({ kind: 'run' }, made)).toMatchObject({
      container: { ModelPackageName: ARN },
      image: IMAGE_URI,
      modelPackageArn: ARN,
    });
  });

  test.each(['PendingManualApproval', 'Rejected'] as const)(
    'is not a version that is %s',
    async (approvalStatus) => {
      const made = { imageUri: IMAGE_URI, job: JOB, modelPackage: { ...REGISTERED, approvalStatus } };
      expect((await find({ kind: 'run' }, made)).container).toEqual(IMAGE_AND_MODEL);
    },
  );

  test('is the image alone when nothing was trained', async () => {
    expect((await find({ kind: 'run' }, { imageUri: IMAGE_URI })).container).toEqual({ Image: IMAGE_URI });
  });

  test('without artifacts is none', async () => {
    const { modelArtifacts: _, ...job } = JOB;
    await expect(find({ kind: 'run' }, { imageUri: IMAGE_URI, job })).rejects.toThrow('has left no model');
  });

  test('without an image is none', async () => {
    await expect(find({ kind: 'run' }, { job: JOB })).rejects.toThrow('no image in ECR');
  });
});

describe('artifacts', () => {
  test('go with their own image, by its digest', async () => {
    const found = await find({ kind: 'artifacts', modelData: MODEL_DATA, image: 'registry/churn:1' });
    expect(found.container).toEqual({ Image: 'registry/churn:1-pinned', ModelDataUrl: MODEL_DATA });
  });

  test('go with the run’s image otherwise', async () => {
    const found = await find({ kind: 'artifacts', modelData: MODEL_DATA }, { imageUri: IMAGE_URI });
    expect(found.container).toEqual(IMAGE_AND_MODEL);
  });

  test('are known by their ETag, and not read', async () => {
    const body = Readable.from(['weights']);
    stored = (uri) => (uri === MODEL_DATA ? { etag: 'abc', body } : undefined);
    const found = await find({ kind: 'artifacts', modelData: MODEL_DATA }, { imageUri: IMAGE_URI });
    expect(found.etag).toBe('abc');
    expect(found.unread).toBeUndefined();
    expect(body.destroyed).toBe(true);
  });

  test('that may not be read are said to be unknown, and other trouble is trouble', async () => {
    const model: ModelSource = { kind: 'artifacts', modelData: MODEL_DATA };
    const failing = (kind: Parameters<typeof trouble>[0]) => () => {
      throw trouble(kind);
    };
    stored = failing('access-denied');
    expect(await find(model, { imageUri: IMAGE_URI })).toMatchObject({
      unread: { isDenied: true, why: 'It is access-denied. Do this.' },
    });
    stored = failing('expired-credentials');
    await expect(find(model, { imageUri: IMAGE_URI })).rejects.toMatchObject({ kind: 'expired-credentials' });
  });

  test('of a prefix are its objects', async () => {
    const found = await find({ kind: 'artifacts', modelData: 's3://models/churn/' }, { imageUri: IMAGE_URI });
    expect(found.container).toEqual({
      Image: IMAGE_URI,
      ModelDataSource: {
        S3DataSource: { S3Uri: 's3://models/churn/', S3DataType: 'S3Prefix', CompressionType: 'None' },
      },
    });
    expect(found.unread?.isDenied).toBe(false);
  });
});

describe('a version of the registry', () => {
  test.each(['latest', 'latest-approved'] as const)('is the %s of its group', async (kind) => {
    const found = await find({ kind: 'package', package: { kind, group: 'churn' } });
    expect(found).toMatchObject({ container: { ModelPackageName: ARN }, modelArtifacts: MODEL_DATA });
    expect(asked).toEqual([['churn', kind === 'latest-approved']]);
  });

  test('is the one of its number', async () => {
    const numbered = (version: number): ModelSource => ({
      kind: 'package',
      package: { kind: 'version', group: 'churn', version },
    });
    expect(await find(numbered(7))).toMatchObject({ container: { ModelPackageName: ARN } });
    await expect(find(numbered(99))).rejects.toThrow('group churn has no version 99 in eu-west-1');
  });

  test('is none in an empty group', async () => {
    latest = undefined;
    const model: ModelSource = { kind: 'package', package: { kind: 'latest-approved', group: 'churn' } };
    await expect(find(model)).rejects.toThrow('no approved version');
  });

  test.each([
    ['that is not there', undefined, 'There is no model package'],
    [
      'that was rejected',
      { ModelApprovalStatus: 'Rejected', ApprovalDescription: 'Too slow' },
      'was rejected: Too slow',
    ],
    ['that failed', { ModelPackageStatus: 'Failed' }, 'its status is Failed'],
  ])('%s is not deployed', async (_, change, message) => {
    versions = change === undefined ? {} : { [ARN]: { ...versions[ARN], ...change } };
    await expect(find({ kind: 'package', package: { kind: 'arn', arn: ARN } })).rejects.toThrow(message);
  });
});
