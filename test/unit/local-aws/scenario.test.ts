import { describe, expect, test } from '@jest/globals';
import { readScenarios, Scenarios } from '../../local-aws/sagemaker/scenario.js';

describe('Scenarios of training jobs', () => {
  test('go by the job’s name and instance type, in their order, so often as they say', () => {
    const scenarios = new Scenarios();
    scenarios.set([
      { jobs: 'gpu', instanceType: 'ml.g5.xlarge', times: 1, capacity: 'error' },
      { jobs: 'gpu', capacity: 1 },
    ]);
    expect(scenarios.take('a-gpu-job', 'ml.g5.xlarge')).toMatchObject({ capacity: 'error' });
    expect(scenarios.take('a-gpu-job', 'ml.g5.xlarge')).toMatchObject({ capacity: 1 });
    expect(scenarios.take('a-gpu-job', 'ml.p3.2xlarge')).toMatchObject({ capacity: 1 });
    expect(scenarios.take('other', 'ml.g5.xlarge')).toEqual({});
    scenarios.add([{ capacity: 2 }]);
    expect(scenarios.take('a-gpu-job', 'ml.g5.xlarge')).toEqual({ capacity: 2 });
  });

  test('are one or a list', () => {
    expect(readScenarios({ times: 1 })).toEqual([{ times: 1 }]);
    expect(readScenarios([{ delays: { Pending: 1 } }, {}])).toEqual([{ delays: { Pending: 1 } }, {}]);
  });

  test.each<[unknown, string]>([
    [{ delay: 1 }, 'A scenario has no delay. It has: jobs, instanceType, times, delays,'],
    [{ log: { lost: true } }, 'A scenario’s log has no lost. It has: delay, interval, late, written.'],
    ['slow', 'A scenario must be an object, not "slow".'],
  ])('%j is none', (given, message) => {
    expect(() => readScenarios(given)).toThrow(message);
  });
});
