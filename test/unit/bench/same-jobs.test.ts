import { expect, test } from '@jest/globals';
import { followingOf } from '../../bench/same-jobs.js';

const call = (seconds: number, operation: string) => ({
  at: new Date(seconds * 1_000).toISOString(),
  operation,
});

test('calls are counted up to the answer that told of the end', () => {
  const calls = [
    call(5, 'CreateTrainingJob'),
    call(10, 'DescribeTrainingJob'),
    call(20, 'GetLogEvents'),
    call(30, 'DescribeLogStreams'),
    call(69, 'GetLogEvents'),
    call(70, 'DescribeTrainingJob'),
    call(75, 'GetLogEvents'),
    call(80, 'DescribeTrainingJob'),
  ];
  expect(followingOf(calls, 66_000)).toEqual({ callsPerMinute: 5, delay: 4 });
  expect(() => followingOf(calls, 90_000)).toThrow();
  expect(() => followingOf([], 0)).toThrow();
});
