import { beforeEach, describe, expect, test } from '@jest/globals';
import { AwsError } from '../../../../src/aws/aws-error.js';
import type { Ecr } from '../../../../src/aws/ecr.js';
import { pinImage } from '../../../../src/stages/register/image-digest.js';

const HOST = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';
const DIGEST = `sha256:${'cd'.repeat(32)}`;
const asked: unknown[] = [];

const pin = (reference: string, findImages: Ecr['findImages'] = found) =>
  pinImage(reference, { tags: new Map() }, new AbortController().signal, async () => ({
    findImages,
    login: async () => {
      if (login instanceof Error) throw login;
      return { host: login, username: '', password: '', token: '' };
    },
    close: () => {
      closed += 1;
    },
  }));

/** The registry that ECR gives a login for. */
let login: string | AwsError = HOST;
let closed = 0;
beforeEach(() => {
  login = HOST;
  closed = 0;
});

const found: Ecr['findImages'] = async (repository, tags) => {
  asked.push([repository, tags]);
  return [{ digest: DIGEST, mediaType: '', manifest: '{}' }];
};
const unasked: Ecr['findImages'] = async () => {
  throw new Error('ECR was asked.');
};

describe('an image', () => {
  test.each([[`${HOST}/team/churn@${DIGEST}`], [`${HOST}/team/churn:v1@${DIGEST}`]])(
    'with a digest is known: %s',
    async (reference) => {
      expect(await pin(reference, unasked)).toEqual({ uri: `${HOST}/team/churn@${DIGEST}`, digest: DIGEST });
    },
  );

  test.each([
    [`${HOST}/team/churn:v1`, 'v1'],
    [`${HOST}/team/churn`, 'latest'],
  ])('with a tag is asked for: %s', async (reference, tag) => {
    asked.length = 0;
    expect(await pin(reference)).toEqual({ uri: `${HOST}/team/churn@${DIGEST}`, digest: DIGEST });
    expect(asked).toEqual([[{ name: 'team/churn', registryId: '123456789012' }, [tag]]]);
  });

  test.each([
    ['123456789012.dkr-ecr.eu-west-1.on.aws', { name: 'team/churn', registryId: '123456789012' }],
    ['123456789012.dkr.ecr-fips.us-east-1.amazonaws.com', { name: 'team/churn', registryId: '123456789012' }],
    // Where the endpoints of AWS are others.
    ['localhost:5000', { name: 'team/churn' }],
  ])('with a tag is asked for in the registry %s', async (host, repository) => {
    login = host;
    asked.length = 0;
    expect(await pin(`${host}/team/churn:v1`)).toEqual({
      uri: `${host}/team/churn@${DIGEST}`,
      digest: DIGEST,
    });
    expect(asked).toEqual([[repository, ['v1']]]);
    expect(closed).toBe(1);
  });

  test('that is not there is not registered', async () => {
    await expect(pin(`${HOST}/churn:v1`, async () => [])).rejects.toMatchObject({
      failure: { message: `There is no image ${HOST}/churn:v1 in ECR.` },
    });
  });

  test.each(['docker.io/churn:v1', 'churn:v1', 'team/churn:v1'])(
    'that is not in ECR is not registered: %s',
    async (reference) => {
      const failure = { message: expect.stringMatching(/is not in ECR/) };
      await expect(pin(reference, unasked)).rejects.toMatchObject({ failure });
      login = new AwsError('access-denied', 'ecr:GetAuthorizationToken', 'AccessDenied', 'Denied.', 'Allow.');
      await expect(pin(reference, unasked)).rejects.toMatchObject({ failure });
    },
  );

  test('that nobody may ask for is to be named by its digest', async () => {
    const denied = async () => {
      throw new AwsError('access-denied', 'ecr:BatchGetImage', 'AccessDenied', 'AWS denies it.', 'Allow it.');
    };
    await expect(pin(`${HOST}/churn:v1`, denied)).rejects.toMatchObject({
      failure: {
        message: expect.stringMatching(/AWS denies it/),
        fix: expect.stringMatching(/churn@sha256:….*Allow it/),
      },
    });
  });
});
