import type { DescribeModelOutput, ListModelsOutput } from '@aws-sdk/client-sagemaker';
import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../../../local-aws/service.js';
import { DIGEST, DOCKER_MANIFEST, IMAGE, ROLE, world } from './world.js';

const ARN = 'arn:aws:sagemaker:eu-west-1:123456789012:model/mine';

/** CreateModel of `Mine` with this container. */
const create = (
  { call }: ReturnType<typeof world>,
  PrimaryContainer: object | undefined = { Image: IMAGE },
  more: object = {},
) => call('CreateModel', { ModelName: 'Mine', ExecutionRoleArn: ROLE, PrimaryContainer, ...more });

describe('A model', () => {
  test('is described, listed, tagged and deleted', async () => {
    const all = world();
    const { call, clock, tags } = all;
    await expect(create(all, { Image: IMAGE }, { Tags: [{ Key: 'a', Value: 'b' }] })).resolves.toEqual({
      ModelArn: ARN,
    });
    await expect(create(all)).rejects.toThrow(`Cannot create already existing model "${ARN}".`);
    expect(await call<DescribeModelOutput>('DescribeModel', { ModelName: 'Mine' })).toMatchObject({
      ModelName: 'Mine',
      ModelArn: ARN,
      PrimaryContainer: { Image: IMAGE, Mode: 'SingleModel' },
      EnableNetworkIsolation: false,
    });
    expect(tags.list({ ResourceArn: ARN }).Tags).toEqual([{ Key: 'a', Value: 'b' }]);
    clock.advance(1000);
    await call('CreateModel', { ModelName: 'other', PrimaryContainer: { Image: IMAGE } });
    const names = async (input: object) =>
      (await call<ListModelsOutput>('ListModels', input)).Models?.map(({ ModelName }) => ModelName);
    expect(await names({})).toEqual(['other', 'Mine']);
    expect(await names({ NameContains: 'mine' })).toEqual(['Mine']);
    expect(await names({ CreationTimeAfter: new Date(clock.now() - 1) })).toEqual(['other']);
    const { NextToken } = await call<ListModelsOutput>('ListModels', { MaxResults: 1 });
    expect(await names({ MaxResults: 1, NextToken })).toEqual(['Mine']);
    await call('DeleteModel', { ModelName: 'Mine' });
    await expect(call('DescribeModel', { ModelName: 'Mine' })).rejects.toThrow(
      `Could not find model "${ARN}".`,
    );
    expect(() => tags.list({ ResourceArn: ARN })).toThrow('not found');
  });

  test.each(['application/vnd.oci.image.index.v1+json', 'application/vnd.oci.image.manifest.v1+json'])(
    'is refused for an image of type %s',
    async (mediaType) => {
      const all = world({ image: async () => ({ digest: DIGEST, mediaType }) });
      await expect(create(all)).rejects.toThrow(
        `Unsupported manifest media type ${mediaType} for image ${IMAGE}. Ensure that valid manifest media type is used for specified image.`,
      );
    },
  );

  test('is refused without its image, its model data, or a role that SageMaker may take', async () => {
    const image = async (uri: string) => {
      throw new AwsError('ValidationException', `Cannot find the requested image: ${uri}`);
    };
    await expect(create(world({ image }))).rejects.toThrow(`Cannot find the requested image: ${IMAGE}`);
    const all = world({ keys: async () => ['model.tar.gz.old', 'model.tar.gz/part'] });
    const S3Uri = 's3://bucket/model.tar.gz';
    await expect(create(all, { Image: IMAGE, ModelDataUrl: S3Uri })).rejects.toThrow(
      `Could not find model data at ${S3Uri}.`,
    );
    const folder = { S3DataSource: { S3Uri, S3DataType: 'S3Prefix', CompressionType: 'None' } };
    await expect(create(all, { Image: IMAGE, ModelDataSource: folder })).resolves.toBeDefined();
    const ExecutionRoleArn = `${ROLE}-of-nobody`;
    await expect(create(world(), { Image: IMAGE }, { ExecutionRoleArn })).rejects.toThrow(
      `The execution role ARN "${ExecutionRoleArn}" is invalid.`,
    );
  });

  test('has an image or a model package, not both, and one container', async () => {
    const both =
      'Specify one of either Image and Model Data URL or ModelPackageName in container definition.';
    await expect(create(world(), {})).rejects.toThrow(both);
    await expect(create(world(), { Image: IMAGE, ModelPackageName: 'p' })).rejects.toThrow(both);
    await expect(create(world(), { ModelPackageName: 'p', ModelDataUrl: 's3://b/k' })).rejects.toThrow(both);
    await expect(create(world(), { ModelPackageName: 'p' })).rejects.toThrow(
      'Could not find model package "p"',
    );
    await expect(create(world(), undefined, { PrimaryContainer: undefined })).rejects.toThrow(
      'PrimaryContainer',
    );
    await expect(
      create(world(), undefined, {
        PrimaryContainer: undefined,
        Containers: [{ Image: IMAGE }, { Image: IMAGE }],
      }),
    ).rejects.toThrow('no inference pipelines');
    await expect(create(world(), { Image: IMAGE, Mode: 'MultiModel' })).rejects.toThrow('multi-model');
  });

  test('of a model package runs the image by the package’s digest, with its environment under the model’s own', async () => {
    const asked: string[] = [];
    const all = world({
      image: async (uri) => {
        asked.push(uri);
        return { digest: DIGEST, mediaType: DOCKER_MANIFEST };
      },
      modelPackage: (name) =>
        name === 'group/3'
          ? ({
              InferenceSpecification: {
                Containers: [
                  {
                    Image: IMAGE,
                    ImageDigest: DIGEST,
                    ModelDataUrl: 's3://b/m.tar.gz',
                    Environment: { A: '1', B: '1' },
                  },
                ],
              },
            } as never)
          : undefined,
    });
    await create(all, { ModelPackageName: 'group/3', Environment: { B: '2' } });
    expect(asked).toEqual([`${IMAGE.replace(/:1$/, '')}@${DIGEST}`]);
    expect(all.hosting.models.get('Mine', all.context).container).toMatchObject({
      image: IMAGE,
      modelDataUrl: 's3://b/m.tar.gz',
      environment: { A: '1', B: '2' },
    });
  });
});
