import { describe, expect, test } from '@jest/globals';
import { AwsError } from '../../../../src/aws/aws-error.js';
import { dockerFailure, ecrFailure } from '../../../../src/stages/push/push-failure.js';
import { takenTag } from '../../../../src/stages/push/tag-image.js';
import { StageFailure } from '../../../../src/stages/stage-failure.js';

const target = {
  host: '123456789012.dkr.ecr.us-east-1.amazonaws.com',
  repository: 'team/model',
  tag: 'sagemaker-byoc-0',
};

describe('what docker says', () => {
  test.each([
    [
      'denied: User: arn:aws:sts::123456789012:assumed-role/ci/x is not authorized to perform: ecr:InitiateLayerUpload on resource: arn:aws:ecr:us-east-1:123456789012:repository/team/model because no identity-based policy allows the ecr:InitiateLayerUpload action',
      'ecr:InitiateLayerUpload on arn:aws:ecr:us-east-1:123456789012:repository/team/model',
    ],
    [
      "name unknown: The repository with name 'team/model' does not exist in the registry with id '123456789012'",
      '`create-repository: true`',
    ],
    [
      "tag invalid: The image tag 'sagemaker-byoc-0' already exists in the 'team/model' repository and cannot be overwritten because the tag is immutable.",
      'batch-delete-image --repository-name team/model --image-ids imageTag=sagemaker-byoc-0',
    ],
    ['no basic auth credentials', 'role-duration-seconds'],
    ['denied: Your authorization token has expired. Reauthenticate and try again.', 'role-duration-seconds'],
    ['write /var/lib/docker/tmp/x: no space left on device', 'docker system prune'],
    ['toomanyrequests: Rate exceeded', '`concurrency:`'],
    ['Get "https://x/v2/": x509: certificate signed by unknown authority', '/etc/docker/certs.d'],
    ['dial tcp: lookup x on 127.0.0.53:53: no such host', 'VPC endpoints'],
    ['Put "https://x": net/http: TLS handshake timeout', 'Run it again'],
    ['LimitExceededException: too many images', '`keep-images`'],
    ['denied: requested access to the resource is denied', 'docs/permissions.md'],
    [
      'error parsing HTTP 403 response body: unexpected end of JSON input: ""',
      'Allow ecr:BatchCheckLayerAvailability',
    ],
    [
      'failed commit on ref "layer": unexpected status from HEAD request to https://x/v2/a/blobs/sha256:0: 403 Forbidden',
      'Allow ecr:BatchCheckLayerAvailability',
    ],
    ['something that nobody has seen', 'Look at the lines'],
  ])('%s', (line, fix) => {
    const { failure } = dockerFailure('push the image', target, ['The push refers to repository [x]', line]);
    expect(failure.fix).toContain(fix);
    expect(failure.lines).toContain(line);
  });
});

describe('what the failure catalogue knows is told by its class', () => {
  const denied =
    'denied: User: arn:aws:sts::1:assumed-role/ci/x is not authorized to perform: ecr:PutImage on resource: arn:aws:ecr:us-east-1:1:repository/x';
  test.each([
    [denied, 'C04', 'ecr-access-denied'],
    [
      "name unknown: The repository with name 'x' does not exist in the registry with id '1'",
      'C05',
      'repository-missing',
    ],
    [
      "tag invalid: The image tag 'v1' already exists in the 'x' repository and cannot be overwritten because the repository is immutable.",
      'C06',
      'image-tag-immutable',
    ],
    ['no basic auth credentials', 'C07', 'registry-login-missing'],
    ['toomanyrequests: Rate exceeded', 'A13', 'throttled'],
  ])('of docker: %s', (line, id, name) => {
    const { failure, diagnosis } = dockerFailure('push the image', target, [
      'The push refers to [x]',
      line,
      '',
    ]);
    expect(diagnosis).toMatchObject({ id, class: name, fix: failure.fix });
    expect(diagnosis?.evidence).toContain(line.slice(0, 40));
  });

  test.each([
    ['AccessDeniedException', denied.slice(8), 'C04'],
    [
      'RepositoryNotFoundException',
      "The repository with name 'x' does not exist in the registry with id '1'",
      'C05',
    ],
    ['LimitExceededException', 'The image quota is reached', 'P39'],
    ['ExpiredTokenException', 'The security token included in the request is expired', 'C08'],
  ])('of ECR: %s', (code, text, id) => {
    const cause = Object.assign(new Error(text), { name: code });
    const error = new AwsError('invalid', 'ecr:PutImage', code, 'In our words.', 'Our fix.', { cause });
    const { failure, diagnosis } = ecrFailure(error, 'team/model') as StageFailure;
    expect(diagnosis).toMatchObject({ id, fix: failure.fix });
  });

  test('of a tag that is foreseen to be taken', () => {
    expect(takenTag({ name: 'x' }, 'v1').diagnosis).toMatchObject({
      id: 'C06',
      fix: expect.stringContaining('`image-tags`'),
    });
  });

  test('and what it does not know is left as it is', () => {
    expect(dockerFailure('push the image', target, ['nobody has seen this']).diagnosis).toBeUndefined();
  });
});

describe('what ECR says', () => {
  const error = (code: string): AwsError =>
    new AwsError('invalid', 'ecr:CreateRepository', code, 'What happened.', 'The general fix.');

  test.each([
    ['RepositoryNotFoundException', '`create-repository: true`'],
    ['LimitExceededException', 'Service Quotas'],
    ['KmsException', 'kms:GenerateDataKey'],
    ['InvalidParameterException', 'The general fix.'],
  ])('%s has its fix', (code, fix) => {
    const failure = ecrFailure(error(code), 'team/model');
    expect(failure).toBeInstanceOf(StageFailure);
    expect((failure as StageFailure).failure.fix).toContain(fix);
  });

  test('a bug stays a bug', () => {
    const bug = new TypeError('bug');
    expect(ecrFailure(bug, 'team/model')).toBe(bug);
  });
});
