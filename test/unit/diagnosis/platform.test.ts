import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { API_ROWS } from '../../../src/diagnosis/api-rows.js';
import { describeCatalogue } from '../../../src/diagnosis/catalogue.js';
import { diagnose } from '../../../src/diagnosis/diagnose.js';
import { diagnoseApiError } from '../../../src/diagnosis/diagnose-api-error.js';
import { diagnoseEndpoint } from '../../../src/diagnosis/diagnose-endpoint.js';
import { diagnoseJob } from '../../../src/diagnosis/diagnose-job.js';
import type { ApiFailure, EndpointFailure, JobFailure } from '../../../src/diagnosis/failure.js';
import { ENDPOINT_ROWS } from '../../../src/diagnosis/rows/endpoints.js';
import { JOB_ROWS } from '../../../src/diagnosis/rows/jobs.js';
import { CASES, raised, training } from './failures.js';
import {
  API_CASES,
  call,
  ENDPOINT_CASES,
  endpoint,
  failedJob,
  JOB_CASES,
  stoppedJob,
} from './platform-failures.js';

const MESSAGE_ROWS = [...JOB_ROWS, ...API_ROWS, ...ENDPOINT_ROWS];

describe('the whole catalogue', () => {
  test.each(JOB_CASES)('a job, %s: %s', (row, className, failure) => {
    expect(diagnoseJob(failure)).toMatchObject({ id: row, class: className });
  });

  test.each(API_CASES)('a call, %s: %s', (row, className, failure) => {
    expect(diagnoseApiError(failure)).toMatchObject({ id: row, class: className });
  });

  test.each(ENDPOINT_CASES)('an endpoint, %s: %s', (row, className, failure) => {
    expect(diagnoseEndpoint(failure)).toMatchObject({ id: row, class: className });
  });

  test('has the 105 kinds of failure that the platform is known for', () => {
    const known = (letter: string, count: number) =>
      Array.from({ length: count }, (_, index) => `${letter}${String(index + 1).padStart(2, '0')}`);
    const platform = [
      ...known('T', 42),
      ...known('A', 33),
      ...known('E', 16),
      ...known('I', 4),
      ...known('C', 10),
    ];
    const ids = describeCatalogue().map(({ id }) => id);
    expect(platform).toHaveLength(105);
    expect(ids.filter((id) => !id.startsWith('P')).sort()).toEqual(platform.sort());
  });

  test('has a failure for every row', () => {
    const shown = [...CASES, ...JOB_CASES, ...API_CASES, ...ENDPOINT_CASES].map(([row]) => row);
    expect(
      describeCatalogue()
        .map(({ id }) => id)
        .filter((id) => !shown.includes(id)),
    ).toEqual([]);
  });

  test('names every row and class once', () => {
    const entries = describeCatalogue();
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
    expect(new Set(entries.map((entry) => entry.class)).size).toBe(entries.length);
    for (const entry of entries) expect(entry.class).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  test('speaks in sentences, names a fix, and knows where it knows it from', () => {
    for (const row of MESSAGE_ROWS) {
      expect([row.id, row.cause, row.fix]).toEqual([
        row.id,
        expect.stringMatching(/\.$/),
        expect.stringMatching(/\.$/),
      ]);
      expect([row.id, row.source]).toEqual([row.id, expect.stringMatching(/\[(doc|obs|code|inf)\]/)]);
      expect([row.id, row.pattern ?? row.holds]).not.toEqual([row.id, undefined]);
      expect([row.id, row.pattern?.flags.replace('i', '') ?? '']).toEqual([row.id, '']);
    }
  });
});

test('a role that may not do something with one job is to be allowed it with every run’s', () => {
  const job = 'arn:aws:sagemaker:eu-west-1:123456789012:training-job/churn-42-1';
  const text = `User: u is not authorized to perform: sagemaker:CreateTrainingJob on resource: ${job} because no identity-based policy allows it`;
  const { cause, fix } = diagnoseApiError(call('CreateTrainingJob', 'AccessDeniedException', text));
  expect(cause).toContain(`\`${job}\``);
  expect(fix).toContain('on `arn:aws:sagemaker:eu-west-1:123456789012:training-job/*` in');
  expect(fix).toContain('docs/permissions.md');
});

describe('of a job that ran on SageMaker, no word is of the smoke test', () => {
  test.each(CASES.filter(([, , , { phase, timedOut }]) => phase === 'training' && timedOut !== true))(
    '%s, %s',
    (_row, _name, _class, failure) => {
      const { cause, fix } = diagnose({ ...failure, onPlatform: true });
      expect(cause + fix).not.toMatch(/smoke|the runner/);
    },
  );
});

describe('no row explains', () => {
  test.each<[string, JobFailure]>([
    ['a reason that nobody has seen', failedJob('ClientError: The moon is in the wrong phase.')],
    ['a job that goes on', { status: 'InProgress', secondaryStatus: 'Training', logTail: [] }],
    ['a status that is new', { status: 'Paused', logTail: [] }],
    ['a completed job of whose model nothing is known', { status: 'Completed', logTail: [] }],
    ['a completed job with a model', { status: 'Completed', modelWritten: true, logTail: [] }],
    ['a failed job without reason, whose log streams nobody may see', { status: 'Failed', logTail: [] }],
    [
      'a reason that nobody has seen, and a traceback in the log',
      failedJob('ClientError: The moon is in the wrong phase.', {
        logTail: raised('ValueError: Input contains NaN.').split('\n'),
      }),
    ],
    [
      'words of the platform in the mouth of the program',
      failedJob(
        'AlgorithmError: RuntimeError: Data download failed: 403 Access Denied by my server, exit code: 3',
      ),
    ],
    [
      'a reason that nobody has seen, and no log',
      failedJob('ClientError: The moon is in the wrong phase.', { logStreams: 0 }),
    ],
    ['an exit code that means nothing', failedJob('AlgorithmError: , exit code: 42')],
  ])('%s', (_name, failure) => {
    expect(diagnoseJob(failure)).toMatchObject({ id: 'unknown', class: 'unknown' });
  });

  test.each<[string, ApiFailure]>([
    ['a code that is new', call('CreateTrainingJob', 'TeapotException', 'I am a teapot')],
    ['a conflict', call('CreateModelPackage', 'ConflictException', 'The resource was modified.')],
    ['a number that looks like a status', call('DescribeTrainingJob', 'Weird', 'retry number 500 failed')],
    ['rates that are not calls', call('PutMetricData', 'Weird', 'The error rate exceeds 5 %')],
    ['nothing', call('DescribeTrainingJob', '', '')],
  ])('%s', (_name, failure) => {
    expect(diagnoseApiError(failure)).toMatchObject({ id: 'unknown', class: 'unknown' });
  });

  test.each<[string, EndpointFailure]>([
    ['a reason that nobody has seen', endpoint('Failed', 'The moon is in the wrong phase.')],
    [
      'an endpoint that is what it should be',
      endpoint('InService', undefined, { configName: 'a', requestedConfigName: 'a' }),
    ],
    ['an endpoint in the making', endpoint('Creating')],
  ])('%s', (_name, failure) => {
    expect(diagnoseEndpoint(failure)).toMatchObject({ id: 'unknown', class: 'unknown' });
  });

  test('says so, with the evidence', () => {
    expect(diagnoseJob(failedJob('ClientError: The moon is in the wrong phase.'))).toEqual({
      id: 'unknown',
      class: 'unknown',
      cause:
        'The cause is unknown: the job failed, and the failure catalogue does not know the reason that SageMaker gives.',
      fix: 'Read the reason and the last lines of the log; the console’s page of the job has the rest.',
      evidence: 'ClientError: The moon is in the wrong phase.',
    });
    expect(diagnoseApiError(call('CreateTrainingJob', 'TeapotException', 'I am a teapot'))).toMatchObject({
      cause:
        'The cause is unknown: `CreateTrainingJob` of sagemaker failed with `TeapotException`, which the failure catalogue does not know.',
      evidence: 'TeapotException: I am a teapot',
    });
    expect(
      diagnoseJob(failedJob(`AlgorithmError: ${raised('ValueError: Input contains NaN.')}, exit code: 1`)),
    ).toMatchObject({
      class: 'python-value-error',
      cause: expect.stringContaining('ended with exit code 1 after an uncaught `ValueError`'),
      evidence: 'ValueError: Input contains NaN.',
    });
    expect(diagnoseJob({ status: 'Failed', logTail: ['one', 'two', ' '] })).toMatchObject({
      evidence: 'two',
    });
  });
});

describe('what the sentences know', () => {
  test('of a quota: its name, its size, its use, and where to ask for more', () => {
    const diagnosis = diagnoseApiError(
      call(
        'CreateTrainingJob',
        'ResourceLimitExceeded',
        "The account-level service limit 'ml.g5.xlarge for training job usage' is 2 Instances, with current utilization of 2 Instances and a request delta of 4 Instances. Please use AWS Service Quotas to request an increase for this quota.",
        { region: 'eu-west-1' },
      ),
    );
    expect(diagnosis).toMatchObject({
      cause:
        'The account’s quota `ml.g5.xlarge for training job usage` is 2, 2 in use, and this call needs 4 more.',
      fix: expect.stringContaining('`ml.g5.xlarge for training job usage` in Service Quotas'),
      link: 'https://eu-west-1.console.aws.amazon.com/servicequotas/home/services/sagemaker/quotas?region=eu-west-1',
    });
  });

  test.each([
    ['cn-north-1', 'https://cn-north-1.console.amazonaws.cn/servicequotas/'],
    ['us-gov-west-1', 'https://console.amazonaws-us-gov.com/servicequotas/'],
    ['"><script>', undefined],
    [undefined, undefined],
  ])('of a quota in the Region %s: the page of its partition', (region, page) => {
    const { link } = diagnoseApiError(
      call('CreateTrainingJob', 'ResourceLimitExceeded', 'Too much.', region === undefined ? {} : { region }),
    );
    expect(link?.slice(0, page?.length)).toBe(page);
  });

  test('of a denial: the action, the resource, and whether a deny stands above the role', () => {
    const role = 'arn:aws:iam::123456789012:role/exec';
    expect(
      diagnoseApiError(
        call(
          'CreateTrainingJob',
          'AccessDeniedException',
          `User: arn:aws:sts::123456789012:assumed-role/ci/x is not authorized to perform: iam:PassRole on resource: ${role} because no identity-based policy allows the iam:PassRole action`,
        ),
      ),
    ).toMatchObject({
      cause: `The workflow’s role may not pass \`${role}\` to SageMaker.`,
      fix: expect.stringContaining(`Allow \`iam:PassRole\` on \`${role}\``),
    });
    expect(
      diagnoseApiError(
        call(
          'CreateTrainingJob',
          'AccessDeniedException',
          'User: x is not authorized to perform: sagemaker:CreateTrainingJob on resource: arn:aws:sagemaker:eu-west-1:123456789012:training-job/a with an explicit deny in a service control policy',
        ),
      ).cause,
    ).toContain('An explicit deny stands in its way');
  });

  test('of a job’s log: the fixes name the job’s inputs', () => {
    const log = raised(
      "FileNotFoundError: [Errno 2] No such file or directory: '/opt/ml/input/data/train/rows.csv'",
    ).split('\n');
    const failure = failedJob('AlgorithmError: , exit code: 1', {
      logTail: log,
      knownChannels: ['training'],
    });
    expect(diagnoseJob(failure)).toMatchObject({
      id: 'T39',
      fix: expect.stringContaining('Name a channel `train` in `channels`'),
    });
    expect(diagnose(training(log.join('\n'), { knownChannels: ['training'] })).fix).toContain(
      '`smoke-channels`',
    );
  });

  test('of a spot job that waited for capacity, and of one without checkpoints', () => {
    const waited = stoppedJob('MaxWaitTimeExceeded', {
      statusMessage: 'Insufficient capacity error from EC2 while launching instances, retrying!',
    });
    expect(diagnoseJob(waited).cause).toContain('no spot capacity');
    expect(diagnoseJob(stoppedJob('Interrupted')).fix).toContain('Set `checkpoint-path`');
    expect(diagnoseJob(stoppedJob('Interrupted', { checkpoints: true })).fix).toContain('Load the newest');
  });

  test('of a status alone: which, as evidence', () => {
    expect(diagnoseJob(stoppedJob('MaxRuntimeExceeded')).evidence).toBe(
      'TrainingJobStatus Stopped, SecondaryStatus MaxRuntimeExceeded',
    );
  });
});

describe('whatever AWS says', () => {
  const words = fc.constantFrom(
    ...JOB_CASES.map(([, , failure]) => failure.failureReason ?? ''),
    ...API_CASES.map(([, , failure]) => failure.message),
    ...ENDPOINT_CASES.map(([, , failure]) => failure.failureReason ?? ''),
  );
  const text = fc.oneof(
    words,
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .tuple(fc.string({ maxLength: 20 }), words, fc.string({ maxLength: 20 }))
      .map((parts) => parts.join('`')),
  );

  test('the answer is whole sentences with balanced code, and one line of evidence', () => {
    fc.assert(
      fc.property(
        text,
        fc.string({ maxLength: 40 }),
        fc.array(text, { maxLength: 5 }),
        (message, code, logTail) => {
          for (const diagnosis of [
            diagnoseJob({ status: 'Failed', failureReason: message, logTail }),
            diagnoseApiError({ service: code, operation: code, code, message, region: code }),
            diagnoseEndpoint({ status: code, failureReason: message, logTail }),
          ]) {
            expect(diagnosis.cause).toMatch(/\.$/);
            expect(diagnosis.fix.length).toBeGreaterThan(10);
            for (const sentence of [diagnosis.cause, diagnosis.fix])
              expect((sentence.match(/`/g) ?? []).length % 2).toBe(0);
            expect(diagnosis.evidence.length).toBeLessThanOrEqual(302);
            expect(diagnosis.evidence).not.toMatch(/[\n\x00-\x08\x1b\u202e]/);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    'a',
    ' ',
    "Value '",
    'not authorized to perform: ',
    'Data download failed:',
    'Artifact upload failed:',
    'alarm ',
    'model package group ',
    'MaxWaitTimeInSeconds',
    "account-level service limit '",
    ', exit code: 1',
    'Could not assume role ',
    's3://',
  ])('a megabyte of %j comes to an end', (piece) => {
    const long = piece.repeat(Math.ceil(2 ** 20 / piece.length));
    for (const message of [long, `AlgorithmError: ${long}`, `ClientError: ${long}`]) {
      expect(diagnoseApiError(call(long, long, message)).evidence.length).toBeLessThanOrEqual(302);
      expect(diagnoseJob(failedJob(message, { logTail: [long] })).evidence.length).toBeLessThanOrEqual(302);
      expect(diagnoseEndpoint(endpoint(long, message)).evidence.length).toBeLessThanOrEqual(302);
    }
  });
});
