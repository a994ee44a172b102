import { describe, expect, test } from '@jest/globals';
import { decide, type EndpointNow } from '../../../../src/stages/deploy/decide.js';
import type { Owner } from '../../../../src/stages/deploy/ownership.js';

const now = (status: string, owner: Owner, configName = 'churn-old'): EndpointNow => ({
  name: 'churn',
  status,
  configName,
  owner,
});
const OTHER = { repository: 'octo-org/other' };

test('no endpoint is created', () => {
  expect(decide(undefined, 'churn-new')).toEqual({ kind: 'create' });
});

describe.each([
  ['InService', 'update', 'update'],
  ['Creating', 'wait', 'wait'],
  ['Updating', 'wait', 'wait'],
  ['SystemUpdating', 'wait', 'wait'],
  ['RollingBack', 'wait', 'wait'],
  ['Deleting', 'wait', 'wait'],
  ['Failed', 'replace', 'refuse'],
  ['OutOfService', 'update', 'update'],
  ['UpdateRollbackFailed', 'update', 'update'],
  ['SomethingNew', 'wait', 'wait'],
])('%s', (status, ours, nobodys) => {
  test(`is to ${ours} when it is ours`, () => {
    expect(decide(now(status, 'ours'), 'churn-new').kind).toBe(ours);
  });

  test(`is to ${nobodys} when nobody says whose it is`, () => {
    expect(decide(now(status, 'nobody'), 'churn-new').kind).toBe(nobodys);
  });

  test('is refused when it is another repository’s', () => {
    expect(decide(now(status, OTHER), 'churn-new')).toMatchObject({
      kind: 'refuse',
      message: expect.stringContaining('octo-org/other'),
    });
  });
});

describe('on what is wanted already', () => {
  test.each<[string, Owner, string]>([
    ['InService', 'ours', 'unchanged'],
    ['InService', 'nobody', 'unchanged'],
    ['OutOfService', 'ours', 'replace'],
    ['OutOfService', 'nobody', 'refuse'],
    ['UpdateRollbackFailed', 'ours', 'update'],
  ])('%s of %s is to %s', (status, owner, kind) => {
    expect(decide(now(status, owner, 'churn-new'), 'churn-new').kind).toBe(kind);
  });
});

test('a reason is passed on', () => {
  const failed = { ...now('Failed', 'ours'), failureReason: 'It did not start.' };
  expect(decide(failed, 'churn-new')).toMatchObject({ why: 'It failed (It did not start)' });
});
