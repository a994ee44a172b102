import { beforeEach, describe, expect, test } from '@jest/globals';
import { Gate } from '../../local-aws/gate.js';

let now: number;
let gate: Gate;
beforeEach(() => {
  now = Date.UTC(2026, 0, 1);
  gate = new Gate('123456789012', () => new Date(now));
});

const enter = (operation: string, service = 'ecr', accessKeyId = 'KEY') =>
  gate.enter(
    { service, operation, accessKeyId, via: 'api', region: 'eu-west-1', resource: 'repository/a' },
    'json',
  );

describe('Gate', () => {
  test('lets calls pass and counts them', () => {
    expect(enter('PutImage').error).toBeUndefined();
    enter('PutImage');
    enter('GetObject', 's3', 'OTHER');
    expect(gate.calls.count()).toEqual({ 'ecr:PutImage': 2, 's3:GetObject': 1 });
    expect(gate.calls.count('OTHER')).toEqual({ 's3:GetObject': 1 });
    gate.calls.clear();
    expect(gate.calls.count()).toEqual({});
  });

  test('meets a fault for a while, from the first call that it met', () => {
    gate.faults.add({ service: 'ecr', operation: '*', kind: 'throttling', forMs: 1000 });
    now += 5000;
    expect(enter('PutImage').error?.code).toBe('ThrottlingException');
    now += 1000;
    expect(enter('PutImage').error?.code).toBe('ThrottlingException');
    now += 1;
    expect(enter('PutImage').error).toBeUndefined();
  });

  test('takes a scripted answer, which no fault before it has met', () => {
    const answer = { kind: 'answer', answer: { Endpoints: [] } };
    const call = { service: 'sagemaker', operation: 'ListEndpoints' };
    gate.faults.add([
      { ...call, kind: 'unavailable', times: 1 },
      { ...call, ...answer },
    ]);
    expect(enter('ListEndpoints', 'sagemaker').error?.code).toBe('ServiceUnavailable');
    const { error, fault } = enter('ListEndpoints', 'sagemaker');
    expect(error).toBeUndefined();
    expect(fault).toMatchObject(answer);
    expect(() => gate.faults.add({ ...call, kind: 'answer' })).toThrow('needs an object answer');
    expect(() => gate.faults.add({ ...call, kind: 'reset', answer: {} })).toThrow('needs an object answer');
  });

  test('denies with user, action and resource', () => {
    gate.setPolicy('KEY', { Statement: [{ Effect: 'Allow', Action: 'ecr:Get*' }] });
    expect(enter('GetAuthorizationToken').error).toBeUndefined();
    expect(enter('PutImage').error).toMatchObject({
      code: 'AccessDeniedException',
      message:
        'User: arn:aws:iam::123456789012:user/local-aws is not authorized to perform: ecr:PutImage on resource: arn:aws:ecr:eu-west-1:123456789012:repository/a because no identity-based policy allows the ecr:PutImage action',
    });
    expect(enter('PutImage', 'ecr', 'OTHER').error).toBeUndefined();
    gate.setPolicy('KEY', undefined);
    expect(enter('PutImage').error).toBeUndefined();
  });

  test('asks for the actions that go with a call: to hand on the role, to set tags', () => {
    const create = (body: unknown) =>
      gate.enter(
        {
          service: 'sagemaker',
          operation: 'CreateTrainingJob',
          accessKeyId: 'KEY',
          via: 'api',
          region: 'eu-west-1',
          resource: 'training-job/a',
          body: JSON.stringify(body),
        },
        'json',
      ).error?.message;
    const allow = (...actions: readonly string[]) =>
      gate.setPolicy('KEY', { Statement: [{ Effect: 'Allow', Action: actions }] });
    const request = { RoleArn: 'arn:aws:iam::123456789012:role/r', Tags: [{ Key: 'a', Value: 'b' }] };
    allow('sagemaker:CreateTrainingJob');
    expect(create(request)).toContain('perform: iam:PassRole on resource: arn:aws:iam::123456789012:role/r');
    allow('sagemaker:CreateTrainingJob', 'iam:PassRole');
    expect(create(request)).toContain('perform: sagemaker:AddTags on resource: arn:aws:sagemaker:eu-west-1:');
    expect(create({ ...request, Tags: [] })).toBeUndefined();
    allow('sagemaker:*', 'iam:PassRole');
    expect(create(request)).toBeUndefined();
  });

  test('takes no policy that is none', () => {
    expect(() => gate.setPolicy('KEY', { statement: [] })).toThrow('a list Statement');
  });
});
