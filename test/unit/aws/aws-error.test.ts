import { describe, expect, test } from '@jest/globals';
import { AwsError, kindOf, toAwsError } from '../../../src/aws/aws-error.js';
import { CanceledError } from '../../../src/docker/docker.js';

/** An error as the SDK's clients throw it. */
function thrown(name: string, message = 'no words', more: Record<string, unknown> = {}): Error {
  return Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400, attempts: 1 } }, more);
}

const explained = (error: unknown): AwsError => {
  const result = toAwsError(error, 'ecr:PutImage');
  if (result instanceof AwsError) return result;
  throw result;
};

describe('the kind of an error', () => {
  test.each([
    ['ThrottlingException', 'throttled'],
    ['TooManyRequestsException', 'throttled'],
    ['RequestLimitExceeded', 'throttled'],
    ['AccessDeniedException', 'access-denied'],
    ['AccessDenied', 'access-denied'],
    ['ExpiredTokenException', 'expired-credentials'],
    ['ExpiredToken', 'expired-credentials'],
    ['RequestExpired', 'expired-credentials'],
    ['CredentialsProviderError', 'no-credentials'],
    ['UnrecognizedClientException', 'invalid-credentials'],
    ['InvalidSignatureException', 'invalid-credentials'],
    ['RepositoryNotFoundException', 'not-found'],
    ['ResourceNotFoundException', 'not-found'],
    ['NoSuchBucket', 'not-found'],
    ['RepositoryAlreadyExistsException', 'conflict'],
    ['ImageTagAlreadyExistsException', 'conflict'],
    ['ResourceInUse', 'conflict'],
    ['LimitExceededException', 'quota'],
    ['ResourceLimitExceeded', 'quota'],
    ['InternalServerException', 'server'],
    ['ServiceUnavailable', 'server'],
    ['TimeoutError', 'network'],
    ['ValidationException', 'invalid'],
    ['InvalidParameterException', 'invalid'],
  ])('%s is %s', (name, kind) => {
    expect(kindOf(thrown(name))).toBe(kind);
  });

  test.each([
    [429, 'throttled'],
    [500, 'server'],
    [503, 'server'],
    [403, 'access-denied'],
    [404, 'not-found'],
    [418, 'invalid'],
  ])('goes by the status %d where the code says nothing', (httpStatusCode, kind) => {
    expect(kindOf(thrown('UnknownError', 'x', { $metadata: { httpStatusCode } }))).toBe(kind);
  });

  test.each(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EAI_AGAIN', 'ETIMEDOUT', 'ERR_PROXY_TUNNEL'])(
    'of a connection that failed by %s is network, wherever it stands in the chain of causes',
    (code) => {
      const inner = Object.assign(new Error('connect'), { code });
      expect(kindOf(inner)).toBe('network');
      expect(kindOf(new Error('outer', { cause: new AggregateError([inner]) }))).toBe('network');
    },
  );

  test.each(['SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'CERT_HAS_EXPIRED'])(
    'of a server that is not trusted, %s, is one that no further attempt mends',
    (code) => {
      expect(kindOf(Object.assign(new Error('no'), { code }))).toBe('certificate');
    },
  );

  test('is expired credentials by the message too, where the code is a general one', () => {
    expect(
      kindOf(thrown('ValidationException', 'The security token included in the request is expired')),
    ).toBe('expired-credentials');
  });

  test('is none for a bug', () => {
    expect(kindOf(new TypeError('undefined is not a function'))).toBeUndefined();
    expect(kindOf('text')).toBeUndefined();
    const bug = new TypeError('bug');
    expect(toAwsError(bug, 'ecr:PutImage')).toBe(bug);
  });
});

describe('a cancel', () => {
  test('is one, whatever the client threw for it', () => {
    const abort = Object.assign(new Error('Request aborted'), { name: 'AbortError' });
    expect(toAwsError(abort, 'ecr:PutImage')).toBeInstanceOf(CanceledError);
    expect(toAwsError(thrown('TimeoutError'), 'ecr:PutImage', AbortSignal.abort())).toBeInstanceOf(
      CanceledError,
    );
  });
});

describe('the words', () => {
  test('of a denial name the action and the resource that AWS names, not those of the call', () => {
    const { message, fix } = explained(
      thrown(
        'AccessDeniedException',
        'User: arn:aws:sts::123456789012:assumed-role/ci/run is not authorized to perform: ecr:TagResource on resource: arn:aws:ecr:us-east-1:123456789012:repository/m because no identity-based policy allows the ecr:TagResource action',
      ),
    );
    expect(message).toContain('ecr:TagResource');
    expect(fix).toContain('Allow ecr:TagResource on arn:aws:ecr:us-east-1:123456789012:repository/m');
    expect(fix).toContain('arn:aws:sts::123456789012:assumed-role/ci/run');
  });

  test.each([
    ['sagemaker:us-east-1:123456789012:training-job/', 'churn-1722-1', '*'],
    ['sagemaker:us-east-1:123456789012:model/', 'churn-0123abcd', '*'],
    ['sagemaker:us-east-1:123456789012:endpoint/', 'churn', 'churn'],
    [
      'logs:us-east-1:123456789012:log-group:/aws/sagemaker/TrainingJobs:log-stream:',
      'churn-1722-1/algo-1-17',
      '*',
    ],
  ])('of a denial allow %s for every run, not only for %s', (arn, name, allowed) => {
    const text = `User: u is not authorized to perform: sagemaker:Act on resource: arn:aws:${arn}${name} because no identity-based policy allows it`;
    const { message, fix } = explained(thrown('AccessDeniedException', text));
    expect(message).toContain(`arn:aws:${arn}${name}`);
    expect(fix).toContain(`on arn:aws:${arn}${allowed} in the policy of u. docs/permissions.md`);
  });

  test('of a denial without words name the call', () => {
    expect(explained(thrown('AccessDeniedException', '')).fix).toContain('Allow ecr:PutImage');
  });

  test('of an explicit deny do not say that allowing helps', () => {
    const { fix } = explained(
      thrown(
        'AccessDeniedException',
        'User: u is not authorized to perform: ecr:PutImage on resource: r with an explicit deny in a service control policy',
      ),
    );
    expect(fix).toContain('outright');
    expect(fix).not.toMatch(/^Allow/);
  });

  test('of a denial by another account’s policy send to that policy', () => {
    const { fix } = explained(
      thrown(
        'AccessDeniedException',
        'User: u is not authorized to perform: ecr:PutImage on resource: r because no resource-based policy allows the ecr:PutImage action',
      ),
    );
    expect(fix).toContain('in the policy of r');
  });

  test('of missing credentials name the action that gets them and the permission that it needs', () => {
    const { fix } = explained(
      thrown('CredentialsProviderError', 'Could not load credentials from any providers'),
    );
    expect(fix).toContain('aws-actions/configure-aws-credentials');
    expect(fix).toContain('id-token: write');
  });

  test('of expired credentials name the session’s length', () => {
    expect(explained(thrown('ExpiredTokenException')).fix).toContain('role-duration-seconds');
  });

  test('of a missing Region name the input', () => {
    expect(explained(new Error('Region is missing')).fix).toContain('`aws-region`');
  });

  test('of a certificate that is not trusted name the variable that helps', () => {
    const error = Object.assign(new Error('self-signed certificate'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' });
    expect(explained(error).fix).toContain('NODE_EXTRA_CA_CERTS');
  });

  test('say how often it was tried', () => {
    const error = thrown('ThrottlingException', 'Rate exceeded', {
      $metadata: { httpStatusCode: 400, attempts: 8 },
    });
    expect(explained(error).message).toBe(
      'AWS kept refusing ecr:PutImage for too many calls (8 attempts): Rate exceeded (ThrottlingException).',
    );
  });
});
