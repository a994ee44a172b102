import { describe, expect, test } from '@jest/globals';
import { NoAnswer } from '../../../local-aws/sagemaker/hosting/model-server.js';
import { modelError, unanswered } from '../../../local-aws/sagemaker-runtime/model-error.js';
import { world } from '../hosting/world.js';

const { context } = world();
const INSTANCES = { serverless: undefined };

describe('A request that got no answer', () => {
  test('in time is a ModelError with the platform’s words', () => {
    expect(
      unanswered('live', INSTANCES, new NoAnswer('time-out', 'no answer within 60 seconds'), context),
    ).toMatchObject({
      code: 'ModelError',
      fields: { OriginalStatusCode: 0 },
      message: expect.stringMatching(
        /^Received server error \(0\) from primary with message "Your invocation timed out while waiting for a response from container primary\. /,
      ),
    });
  });

  test('because there is no container is ServiceUnavailable', () => {
    const unhealthy = new NoAnswer('unhealthy', '');
    expect(unanswered('live', INSTANCES, unhealthy, context)).toMatchObject({
      code: 'ServiceUnavailable',
      status: 503,
    });
    const serverless = { serverless: { MemorySizeInMB: 1024, MaxConcurrency: 1 } };
    expect(unanswered('live', serverless, unhealthy, context)).toMatchObject({
      code: 'ModelNotReadyException',
      status: 429,
    });
  });

  test('for another reason is that reason', () => {
    const error = new Error('a bug');
    expect(unanswered('live', INSTANCES, error, context)).toBe(error);
  });
});

test('A long answer is cut to what the message and its member hold', () => {
  const error = modelError('live', 500, 'x'.repeat(5000), context);
  expect(error.message.length).toBeLessThanOrEqual(2048);
  expect(error.fields['OriginalMessage']).toHaveLength(2048);
});
