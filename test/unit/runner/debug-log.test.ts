import { describe, expect, test } from '@jest/globals';
import { noteDecision, noteStep, type Step } from '../../../src/debug.js';
import { debugTo, isDebugging } from '../../../src/runner/debug-log.js';

function linesOf(...steps: readonly Step[]): readonly string[] {
  const lines: string[] = [];
  const end = debugTo({ debug: (line) => lines.push(line) }, { RUNNER_DEBUG: '1' });
  for (const step of steps) noteStep(() => step);
  end();
  return lines;
}

const docker = (...args: readonly string[]): Step => ({ kind: 'docker', args, milliseconds: 1234, ended: 0 });

describe('debug lines', () => {
  test('hold a command with its exit code and duration', () => {
    expect(linesOf(docker('image', 'inspect', '--format', '{{json .}}', 'model:1'))).toEqual([
      'docker image inspect --format "{{json .}}" model:1: exit code 0, 1.23 s',
    ]);
    expect(linesOf({ ...docker('version'), ended: 'ENOENT' } as Step)).toEqual([
      'docker version: ENOENT, 1.23 s',
    ]);
  });

  test('hold names of build arguments and variables, never their values', () => {
    const [line = ''] = linesOf(
      docker(
        'build',
        '--build-arg',
        'TOKEN=s3cret',
        '--env',
        'A=s3cret',
        '-e',
        'B',
        '--build-arg=C=s3cret',
        '.',
      ),
    );
    expect(line).toBe(
      'docker build --build-arg TOKEN=… --env A=… -e B --build-arg=C=… .: exit code 0, 1.23 s',
    );
  });

  test('hold a call of AWS with status, error, attempts, duration and request id', () => {
    const call = { kind: 'aws', action: 'ecr:CreateRepository', milliseconds: 80 } as const;
    expect(
      linesOf(
        { ...call, status: 200, attempts: 1, requestId: 'ab-1' },
        { ...call, status: 400, attempts: 8, error: 'ThrottlingException' },
        { ...call, error: 'ECONNREFUSED' },
      ),
    ).toEqual([
      'ecr:CreateRepository: HTTP 200, 0.08 s, request ab-1',
      'ecr:CreateRepository: HTTP 400, ThrottlingException, 8 attempts, 0.08 s',
      'ecr:CreateRepository: no answer, ECONNREFUSED, 0.08 s',
    ]);
  });

  test('end when they are no longer wanted, and cost nothing then', () => {
    expect(linesOf()).toEqual([]);
    noteDecision(() => {
      throw new Error('nobody listens');
    });
  });
});

test.each([
  [{ RUNNER_DEBUG: '1' }, true],
  [{ ACTIONS_STEP_DEBUG: 'true' }, true],
  [{ RUNNER_DEBUG: '', ACTIONS_STEP_DEBUG: 'false' }, false],
  [{}, false],
])('%j is debug logging: %s', (env, expected) => {
  expect(isDebugging(env)).toBe(expected);
});
