import { afterEach, describe, expect, test } from '@jest/globals';
import { call } from '../../../src/aws/call.js';
import { listenToSteps, type Step } from '../../../src/debug.js';
import { CanceledError } from '../../../src/docker/docker.js';

const signal = new AbortController().signal;
let end = () => {};
afterEach(() => end());

function listen(): Step[] {
  const steps: Step[] = [];
  end = listenToSteps((step) => steps.push(step));
  return steps;
}

describe('a call of AWS is told to whoever debugs', () => {
  test('with what it was answered', async () => {
    const steps = listen();
    const output = { secret: 'x', $metadata: { httpStatusCode: 200, attempts: 2, requestId: 'id' } };
    expect(await call('ecr:GetAuthorizationToken', signal, async () => output)).toBe(output);
    expect(steps).toEqual([
      {
        kind: 'aws',
        action: 'ecr:GetAuthorizationToken',
        milliseconds: expect.any(Number),
        status: 200,
        attempts: 2,
        requestId: 'id',
      },
    ]);
  });

  test('with the code of what went wrong', async () => {
    const steps = listen();
    const denied = Object.assign(new Error('no'), {
      name: 'AccessDeniedException',
      $metadata: { httpStatusCode: 403 },
    });
    await expect(call('ecr:PutImage', signal, () => Promise.reject(denied))).rejects.toMatchObject({
      kind: 'access-denied',
    });
    expect(steps).toMatchObject([{ status: 403, error: 'AccessDeniedException' }]);
  });

  test('not when it was canceled before it was made', async () => {
    const steps = listen();
    await expect(call('ecr:PutImage', AbortSignal.abort(), async () => 1)).rejects.toThrow(CanceledError);
    expect(steps).toEqual([]);
  });
});
