import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { marked } from 'marked';
import type { JobRecord, RunRecord } from '../../../src/plan.js';
import { renderAnnotations } from '../../../src/report/annotations.js';
import { BUDGET_BYTES } from '../../../src/report/budget.js';
import { imagePage, isConsole, objectPage } from '../../../src/report/console.js';
import { renderJson } from '../../../src/report/json-report.js';
import { renderJunit } from '../../../src/report/junit.js';
import { outputsOf } from '../../../src/report/outputs.js';
import { renderSummary } from '../../../src/report/summary.js';
import { verdictOf } from '../../../src/report/verdict.js';
import {
  capacity,
  gateFailed,
  JOB_SAMPLES,
  job,
  jobCanceled,
  jobCompleted,
  jobFailed,
  jobFilledWith,
  jobStopped,
  maxRuntime,
  maxWaitTime,
  notWaited,
  push,
  pushedOnly,
  quota,
  stalled,
  unknownOutcome,
} from './job-samples.js';
import { faultsOf, textOf } from './markdown.js';
import { failing, filledWith, green, HOSTILE, warned } from './samples.js';
import { anyText, UNSEEN } from './texts.js';

const docsUrl = 'https://github.com/octo-org/sagemaker-byoc/blob/v1/docs/checks';
const read = (record: RunRecord): string =>
  textOf(marked.parse(renderSummary(record, { docsUrl }), { async: false }));
const headings = (record: RunRecord): string[] =>
  renderSummary(record)
    .split('\n')
    .filter((line) => /^### /.test(line));
const withJob = (record: RunRecord, changes: Partial<JobRecord>): RunRecord => ({
  ...record,
  job: { ...(record.job ?? job), ...changes },
});

const { diagnosis: _, ...notStarted } = quota;

describe('the verdict on a training job', () => {
  test.each<[string, RunRecord, string, string]>([
    ['completed', jobCompleted, '✅', 'The training job completed, its 2 metric gates passed'],
    [
      'joined, completed',
      withJob(jobCompleted, { joined: true }),
      '✅',
      'Joined a training job that was there already: it completed, its 2 metric gates passed',
    ],
    ['completed, without gates', withJob(jobCompleted, { gates: [] }), '✅', 'The training job completed'],
    [
      'completed, after a warning',
      { ...warned, job: { ...job, gates: [] } },
      '✅',
      'The training job completed; the smoke test has 2 warnings',
    ],
    ['failed', jobFailed, '❌', 'The training job failed'],
    [
      'completed below its gate',
      gateFailed,
      '❌',
      'The training job completed, and 1 of 2 metric gates failed',
    ],
    ['ran too long', maxRuntime, '❌', 'The training job reached its time limit and was stopped'],
    ['waited too long', maxWaitTime, '❌', 'The spot training job used up its waiting time and was stopped'],
    [
      'was interrupted for good',
      withJob(jobStopped, { secondaryStatus: 'Interrupted' }),
      '❌',
      'The training job lost its spot capacity',
    ],
    ['was stopped by somebody', jobStopped, '❌', 'The training job was stopped, not by this run'],
    ['stalled', stalled, '❌', 'The training job was stopped by this run'],
    ['got no capacity', capacity, '❌', 'AWS has no capacity for the training job now: nothing was trained'],
    [
      'fell to a fault of SageMaker',
      { ...jobFailed, diagnosis: { ...(jobFailed.diagnosis ?? fail()), class: 'platform-error' } },
      '❌',
      'The training job failed by a fault that SageMaker reports of itself',
    ],
    [
      'was stopped early as it got no better',
      withJob(jobCompleted, {
        status: 'Stopped',
        stoppedEarly: true,
        stoppedBecause: 'no better for 5 values',
      }),
      '✅',
      'The training job was stopped early, as good as it gets, its 2 metric gates passed',
    ],
    [
      'was stopped early below its gate',
      withJob(gateFailed, {
        status: 'Stopped',
        stoppedEarly: true,
        stoppedBecause: 'no better for 5 values',
      }),
      '❌',
      'The training job was stopped early, and 1 of 2 metric gates failed',
    ],
    [
      'completed what it had when its time was over',
      withJob(
        { ...jobCompleted, outcome: 'failed', checks: [] },
        {
          gates: [],
          transitions: [...job.transitions, { status: 'MaxRuntimeExceeded', startedAt: '' }],
        },
      ),
      '❌',
      'The training job reached its time limit and was stopped',
    ],
    [
      'has a name that is taken',
      { ...notStarted, failure: { class: 'job-name-taken', message: 'It is there already.' } },
      '❌',
      'The name of the training job is taken by another one: nothing was trained',
    ],
    ['met a quota', quota, '❌', 'A quota of the account does not allow the training job'],
    [
      'could no longer be asked',
      unknownOutcome,
      '⚠️',
      'How the training job ends is not known: it could no longer be asked',
    ],
    [
      'was left running',
      withJob(unknownOutcome, { status: 'InProgress' }),
      '⚠️',
      'The training job was left running: this run follows it no longer',
    ],
    [
      'outlives this run’s patience',
      { ...notWaited, outcome: 'failed', checks: [] },
      '❌',
      'The training job still runs: this run waits no longer',
    ],
    [
      'has no model',
      {
        ...withJob(jobCompleted, { gates: [] }),
        outcome: 'failed',
        diagnosis: { ...(jobFailed.diagnosis ?? fail()), class: 'no-model-artifacts' },
      },
      '❌',
      'The training job completed without a model',
    ],
    [
      'is not waited for',
      notWaited,
      '✅',
      'The training job was started and goes on: this run does not wait for it',
    ],
    [
      'is joined, and not waited for',
      withJob(notWaited, { joined: true }),
      '✅',
      'Joined a training job that was there already: it goes on, and this run does not wait for it',
    ],
    [
      'is being stopped by a cancel',
      jobCanceled,
      '⏹️',
      'Canceled during train after 11 min 40 s: the training job is being stopped',
    ],
    [
      'goes on after a cancel',
      withJob(jobCanceled, { status: 'InProgress' }),
      '⏹️',
      'Canceled during train after 11 min 40 s: the training job goes on',
    ],
    [
      'could not be asked after a cancel',
      withJob(jobCanceled, { status: 'Unknown' }),
      '⏹️',
      'Canceled during train after 11 min 40 s: whether the training job stopped is not known',
    ],
    [
      'was not reached: the image is known',
      pushedOnly,
      '✅',
      'SageMaker would accept this container; the image was in ECR already',
    ],
    [
      'was not reached: nothing was tested',
      { ...pushedOnly, checks: [], push },
      '✅',
      'The image is in ECR; nothing was tested',
    ],
  ])('that %s', (_what, record, icon, headline) => {
    expect(verdictOf(record)).toMatchObject({ icon, headline });
  });

  test('gives as the next step the diagnosis’ fix and place', () => {
    expect(verdictOf(jobFailed).next).toEqual({
      text: jobFailed.diagnosis?.fix,
      location: { path: 'container/train', line: 61 },
    });
    expect(verdictOf(quota).next?.text).toContain('in Service Quotas');
    expect(verdictOf(jobCompleted).next).toBeUndefined();
  });

  test('gives the numbers of the first gate that failed', () => {
    expect(verdictOf(gateFailed).next?.text).toBe(
      '`train:loss` is 0.24, and the gate asks for < 0.2. Improve it, or change `metric-gates`.',
    );
    const silent = withJob(gateFailed, {
      gates: [{ metric: 'f1', operator: '>', value: 0.5, passed: false }],
    });
    expect(verdictOf(silent).next?.text).toContain('`f1` has no value: no line of the log matched');
    expect(verdictOf(silent).next?.text).toMatch(
      /Let `metric-definitions` have .* or correct the name in `metric-gates`\.$/,
    );
  });

  test('gives why this run stopped the job, and of the unknown how to join it', () => {
    expect(verdictOf(stalled).next?.text).toContain('No log line and no metric for 15 min');
    expect(verdictOf(unknownOutcome).next?.text).toContain('it joins the job, and starts no second one');
    const { failure: _failure, ...bare } = unknownOutcome;
    expect(verdictOf(bare).next?.text).toContain('it joins the job, and starts no second one');
  });

  test('leaves the word to failed checks, which come before a job', () => {
    expect(verdictOf({ ...failing, push }).headline).toContain('SageMaker would refuse this container');
  });
});

function fail(): never {
  throw new Error('the sample has no diagnosis');
}

describe('the summary of a training job', () => {
  test.each(Object.entries(JOB_SAMPLES))('of the run %s is well formed', (_name, record) => {
    expect(faultsOf(renderSummary(record, { docsUrl }))).toEqual([]);
  });

  test('tells what matters most first', () => {
    expect(headings(jobCompleted)).toEqual(['### Metrics', '### Training job', '### What ran', '### Run']);
    expect(headings(jobFailed)).toEqual([
      '### Why it failed',
      '### Training job',
      '### Metrics',
      '### What ran',
      '### Run',
    ]);
    expect(headings(unknownOutcome)[0]).toBe('### What happened');
    const markdown = renderSummary(jobFailed);
    expect(markdown.indexOf('the job’s log')).toBeLessThan(markdown.indexOf('### Training job'));
    expect(markdown).toContain('<details open><summary>Last 5 lines of the job’s log</summary>');
    // Without a push, the image is the one that the job names.
    const image = 'registry/model@sha256:<12>';
    const { push: _, ...notPushed } = jobFailed;
    expect(read({ ...notPushed, job: { ...jobFailed.job, image } as JobRecord })).toContain(image);
    const ofTwo = { ...jobFailed.job, instanceCount: 2, logTailHost: 'algo-<2>' } as JobRecord;
    expect(renderSummary({ ...jobFailed, job: ofTwo }, { docsUrl })).toContain(
      '<details open><summary>Last 5 lines of the log of algo-&lt;2&gt;</summary>',
    );
    expect(
      renderSummary({ ...jobFailed, job: { ...ofTwo, logTailBeforeRestart: true } }, { docsUrl }),
    ).toContain(
      '<details><summary>Last 5 lines of the log of algo-&lt;2&gt;, from before it was started again<',
    );
    expect(renderSummary(jobCompleted)).toContain(
      '<details><summary>Last 2 lines of the job’s log</summary>',
    );
  });

  test('has final values beside the baseline’s and the gates', () => {
    const text = read(jobCompleted);
    expect(text).toMatch(/validation:accuracy 0\.934 0\.921 \+0\.013 \(\+1\.4 %\) ✅ >= 0\.9/);
    expect(text).toMatch(/train:loss 0\.11834 0\.1266 −0\.00826 \(−6\.5 %\) ✅ < 0\.2/);
    expect(text).toContain('Baseline: the job churn-model-container-1234500000-1 of main');
    expect(read(gateFailed)).toMatch(/train:loss 0\.24 .* ❌ < 0\.2/);
    // Not judged, and so not failed.
    expect(read(jobFailed)).toMatch(/validation:accuracy no value ⏭️ >= 0\.9/);
  });

  test('compares with a baseline of nothing without a share', () => {
    const record = withJob(jobCompleted, {
      finalMetrics: [
        { name: 'a', value: 2 },
        { name: 'b', value: 1 },
      ],
      series: [],
      gates: [],
      baseline: {
        jobName: 'x',
        ref: 'main',
        metrics: [
          { name: 'a', value: 0 },
          { name: 'b', value: 1 },
        ],
      },
    });
    expect(read(record)).toMatch(/a 2 0 \+2\s+b 1 1 ±0/);
  });

  test('draws the curves of at most 60 points', () => {
    const charts = renderSummary(jobCompleted).match(/line \[[^\]]*\]/g) ?? [];
    expect(charts).toHaveLength(2);
    for (const chart of charts) expect(chart.split(',')).toHaveLength(60);
  });

  test('says what it took and cost, and what spot saved', () => {
    const text = read(jobCompleted);
    expect(text).toContain('17 min 43 s trained, 5 min 19 s billed for each instance, spot saved 70 %');
    expect(text).toContain('about 0.25 USD , an estimate: billed time at 1.408 USD an hour and instance');
    expect(read(jobFailed).match(/allow the workflow’s role pricing:GetProducts/g)).toHaveLength(1);
  });

  test('has the statuses that the job went through, each with its time', () => {
    const text = read(jobCompleted);
    expect(text).toMatch(/Starting 10:13:02 2 min 21 s ━+ Preparing the instances/);
    expect(text).toMatch(/Interrupted 10:26:12 4\.0 s ━ Spot capacity was reclaimed/);
    expect(text).toMatch(/Completed 10:36:20 +Training job completed/);
  });

  test('keeps of many interruptions the last, and says so', () => {
    const transitions = Array.from({ length: 200 }, (_, index) => ({
      status: `Step${index}`,
      startedAt: '2026-02-03T10:13:02.000Z',
      seconds: index,
    }));
    const text = read(withJob(jobCompleted, { transitions }));
    expect(text).toContain('Step199');
    expect(text).not.toContain('Step139 ');
    expect(text).toContain('140 more earlier status');
  });

  test('shows the request folded, and unfolded what overrides set', () => {
    const markdown = renderSummary(jobCompleted).replaceAll('<wbr>', '');
    expect(markdown).toContain(
      '<p><strong>Set by <code>training-overrides</code>:</strong> <code>RetryStrategy.MaximumRetryAttempts</code></p>',
    );
    expect(markdown).toContain('<details><summary>Request of CreateTrainingJob, as it was sent</summary>');
    expect(markdown).toContain('&quot;MaximumRetryAttempts&quot;: 2');
  });

  test('pins commit, image, job and model, each with its page', () => {
    const links = [...renderSummary(jobCompleted).matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
    const console = 'https://eu-west-1.console.aws.amazon.com';
    expect(links).toEqual(
      expect.arrayContaining([
        'https://github.com/octo-org/churn-model/commit/6f1e0c5a9d3b7482e1c0f4a6b8d2e3f5a7091c3d',
        `${console}/ecr/repositories/private/123456789012/team/churn/_/image/${push.digest}/details?region=eu-west-1`,
        `${console}/sagemaker/home?region=eu-west-1#/jobs/${job.name}`,
        `${console}/s3/object/churn-models?region=eu-west-1&amp;prefix=jobs%2F${job.name}%2Foutput%2Fmodel.tar.gz`,
      ]),
    );
    expect(read(pushedOnly)).toContain('unchanged: it was in ECR already');
  });

  test('leads to the quota', () => {
    expect(renderSummary(quota)).toContain(
      '<a href="https://eu-west-1.console.aws.amazon.com/servicequotas/home/services/sagemaker/quotas?region=eu-west-1">',
    );
  });

  test('says that a job was joined, and why it was stopped', () => {
    expect(read(withJob(jobCompleted, { joined: true }))).toContain(
      'joined: it was there when this run looked',
    );
    expect(read(stalled)).toContain('Stopped because No log line and no metric for 15 min');
  });

  test('tells a failure once: by its diagnosis, or else by the stage’s own words', () => {
    const failure = { message: 'The training job failed: it did.', fix: 'Read on.', lines: ['a', 'b'] };
    expect(read({ ...jobFailed, failure })).not.toContain('it did');
    const { diagnosis: _diagnosis, ...bare } = jobFailed;
    const text = read({ ...bare, failure });
    expect(text).toContain('The training job failed: it did.');
    expect(text).not.toContain('of output');
    expect(text.match(/Last \d+ lines/g)).toHaveLength(1);
  });

  test('does not call the stage failed whose outcome is not known', () => {
    expect(read(unknownOutcome)).toContain('⚠️ train');
    expect(read(unknownOutcome)).not.toContain('❌');
  });

  test('of text from elsewhere keeps it text', () => {
    for (const text of [HOSTILE, ...HOSTILE.split('\n')]) {
      expect(faultsOf(renderSummary({ ...filledWith(text), ...jobFilledWith(text) }, { docsUrl }))).toEqual(
        [],
      );
    }
    fc.assert(
      fc.property(anyText, (text) => {
        const record = { ...filledWith(text), ...jobFilledWith(text) };
        expect(faultsOf(renderSummary(record, { docsUrl }))).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test('stays within the budget, however much there is', () => {
    const text = '<b>&😀'.repeat(2_000);
    const { push: filled, job: one } = jobFilledWith(text);
    const many = <T>(item: T): T[] => Array.from({ length: 300 }, () => item);
    const record: RunRecord = {
      ...filledWith(text),
      push: { ...filled, tags: many(text), removed: many(text) },
      job: {
        ...one,
        transitions: one.transitions.flatMap(many),
        finalMetrics: many({ name: text, value: 1 }),
        series: Array.from({ length: 300 }, (_, index) => ({ name: `${text}${index}`, values: [1, 2] })),
        gates: one.gates.flatMap(many),
        overridden: many(text),
        logTail: many(text),
        request: Object.fromEntries(many(text).map((value, index) => [`${index}`, value])),
      },
    };
    const markdown = renderSummary(record, { docsUrl });
    expect(Buffer.byteLength(markdown)).toBeLessThanOrEqual(BUDGET_BYTES);
    expect(faultsOf(markdown)).toEqual([]);
  });
});

describe('a link to the console', () => {
  test.each([
    'https://eu-west-1.console.aws.amazon.com/x',
    'https://console.aws.amazon.com/x',
    'https://cn-north-1.console.amazonaws.cn/x',
    'https://console.amazonaws-us-gov.com/x',
  ])('may lead to %s', (url) => {
    expect(isConsole(url)).toBe(true);
  });

  test.each([
    'http://console.aws.amazon.com/x',
    'https://console.aws.amazon.com.evil.example/x',
    'https://evilconsole.aws.amazon.com/x',
    'https://console.aws.amazon.com@evil.example/x',
    'https://evil.example/console.aws.amazon.com',
    'https://console.aws.amazon.com/\nx',
    'javascript:alert(1)',
    'https://console.aws.amazon.com/`x`',
    'https://console.aws.amazon.com/"><b>',
    `https://console.aws.amazon.com/${'x'.repeat(3_000)}`,
    undefined,
  ])('may not lead to %s', (url) => {
    expect(isConsole(url)).toBe(false);
  });

  test('of an image is made for ECR’s own registries alone', () => {
    const china = { ...push, registry: '123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn' };
    expect(imagePage(china)).toMatch(/^https:\/\/cn-north-1\.console\.amazonaws\.cn\/ecr\//);
    expect(imagePage({ ...push, registry: 'localhost:5000' })).toBeUndefined();
    expect(imagePage({ ...push, repository: 'a"b' })).toBeUndefined();
    expect(imagePage({ ...push, digest: 'latest' })).toBeUndefined();
  });

  test('of an object has its key', () => {
    expect(objectPage('s3://b-1/a b/c#d', 'us-gov-west-1')).toBe(
      'https://console.amazonaws-us-gov.com/s3/object/b-1?region=us-gov-west-1&prefix=a%20b%2Fc%23d',
    );
    expect(objectPage('s3://b-1', 'eu-west-1')).toBeUndefined();
    expect(objectPage('s3://b-1/x', 'evil.example/')).toBeUndefined();
    expect(objectPage(undefined, 'eu-west-1')).toBeUndefined();
  });
});

describe('the outputs of a training job', () => {
  test('are complete', () => {
    expect(outputsOf(jobCompleted)).toMatchObject({
      outcome: 'passed',
      'image-uri': push.uri,
      'image-digest': push.digest,
      repository: 'team/churn',
      'image-tags': 'content-4f1c2d9e8b7a6053,6f1e0c5a9d3b7482e1c0f4a6b8d2e3f5a7091c3d,main',
      'training-job-name': job.name,
      'training-job-arn': job.arn,
      'training-job-status': 'Completed',
      'secondary-status': 'Completed',
      'model-artifacts': job.modelArtifacts,
      'training-seconds': '1063',
      'billable-seconds': '319',
      cost: '0.2495',
      'job-url': job.consoleUrl,
      'failure-class': '',
      'failure-reason': '',
      metrics: '{"train:loss":0.11834,"validation:accuracy":0.934,"validation:f1":0.912}',
    });
  });

  test('that later jobs need hold no account id, which GitHub may hide', () => {
    const outputs = outputsOf(jobCompleted);
    for (const name of ['image-digest', 'repository', 'image-tags', 'training-job-name', 'model-artifacts']) {
      expect(outputs[name]).not.toContain('123456789012');
    }
  });

  test.each<[string, RunRecord, string, RegExp]>([
    ['a diagnosis', jobFailed, 'toolkit-environment-missing', /SM_CHANNEL_TRAIN/],
    ['a gate', gateFailed, 'metric-gate-failed', /^`train:loss` is 0\.24, and the gate asks for < 0\.2\.$/],
    ['a stall', stalled, 'job-stopped', /stall-timeout/],
    ['an unknown outcome', unknownOutcome, 'outcome-unknown', /credentials have expired/],
    ['a quota', quota, 'quota-exceeded', /is 0, and this call needs 2/],
  ])('have class and reason of %s', (_what, record, className, reason) => {
    expect(outputsOf(record)).toMatchObject({
      outcome: record.outcome,
      'failure-class': className,
      'failure-reason': expect.stringMatching(reason),
    });
  });

  test('have the last values of the log while the API has none', () => {
    expect(JSON.parse(outputsOf(unknownOutcome)['metrics'] ?? '')).toMatchObject({ 'validation:f1': 0.912 });
  });
});

describe('the JUnit report of a training job', () => {
  interface Case {
    readonly classname: string;
    readonly name: string;
    readonly failure?: { readonly type: string; readonly message: string; readonly '#text': string };
    readonly error?: { readonly type: string };
    readonly skipped?: object;
  }
  const parser = new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '',
    isArray: (name) => ['testsuite', 'testcase'].includes(name),
    parseAttributeValue: false,
  });
  const suites = (record: RunRecord): readonly { name: string; testcase: readonly Case[] }[] => {
    const xml = renderJunit(record);
    expect(XMLValidator.validate(xml)).toBe(true);
    return parser.parse(xml).testsuites.testsuite;
  };
  const kinds = (record: RunRecord): (readonly [string, string])[] =>
    (suites(record).find(({ name }) => name === 'training-job')?.testcase ?? []).map((one) => [
      one.name,
      one.failure ? 'failure' : one.error ? 'error' : one.skipped !== undefined ? 'skipped' : 'passed',
    ]);

  test.each<[string, RunRecord, (readonly [string, string])[]]>([
    [
      'completed',
      jobCompleted,
      [
        ['The training job completes', 'passed'],
        ['validation:accuracy >= 0.9', 'passed'],
        ['train:loss < 0.2', 'passed'],
      ],
    ],
    [
      'below its gate',
      gateFailed,
      [
        ['The training job completes', 'passed'],
        ['validation:accuracy >= 0.9', 'passed'],
        ['train:loss < 0.2', 'failure'],
      ],
    ],
    [
      'failed',
      jobFailed,
      [
        ['The training job completes', 'failure'],
        ['validation:accuracy >= 0.9', 'skipped'],
      ],
    ],
    ['stopped', jobStopped, [['The training job completes', 'failure']]],
    [
      'stopped early below its gate',
      withJob(gateFailed, { status: 'Stopped', stoppedEarly: true }),
      [
        ['The training job completes', 'passed'],
        ['validation:accuracy >= 0.9', 'passed'],
        ['train:loss < 0.2', 'failure'],
      ],
    ],
    [
      'at its time limit with what it had',
      withJob(
        { ...jobCompleted, outcome: 'failed', checks: [] },
        {
          gates: [],
          transitions: [{ status: 'MaxRuntimeExceeded', startedAt: '' }],
        },
      ),
      [['The training job completes', 'failure']],
    ],
    ['not waited for', notWaited, [['The training job completes', 'skipped']]],
    ['of unknown outcome', unknownOutcome, [['The training job completes', 'error']]],
    ['never started', quota, []],
  ])('that is %s', (_what, record, expected) => {
    expect(kinds(record)).toEqual(expected);
  });

  test('tells a failure once, with its cause, fix and log', () => {
    const bad = suites(jobFailed)
      .flatMap(({ testcase }) => testcase)
      .filter(({ failure, error }) => failure ?? error);
    expect(bad).toHaveLength(1);
    expect(bad[0]?.failure).toMatchObject({
      type: 'toolkit-environment-missing',
      message: expect.stringContaining('SM_CHANNEL_TRAIN'),
      '#text': expect.stringMatching(/AlgorithmError.*Fix: Set.*KeyError/s),
    });
  });

  test.each(Object.entries(JOB_SAMPLES))(
    'of the run %s is green exactly when the run is',
    (_name, record) => {
      const bad = suites(record)
        .flatMap(({ testcase }) => testcase)
        .filter(({ failure, error }) => failure ?? error);
      expect(bad.length > 0).toBe(record.outcome !== 'passed');
    },
  );

  test('is XML that can be seen, whatever AWS or the container said', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const xml = renderJunit({ ...filledWith(text), ...jobFilledWith(text) });
        expect(XMLValidator.validate(xml)).toBe(true);
        expect(xml).not.toMatch(UNSEEN);
      }),
    );
  });
});

describe('annotations of a training job', () => {
  const titles = (record: RunRecord) => renderAnnotations(record).map(({ level, title }) => [level, title]);

  test.each<[string, RunRecord, string[][]]>([
    ['completed: none', jobCompleted, []],
    [
      'failed in a line of the repository: that line alone',
      jobFailed,
      [['error', 'Toolkit environment missing']],
    ],
    ['below its gate', gateFailed, [['error', 'Metric gate failed: train:loss < 0.2']]],
    [
      'without capacity',
      capacity,
      [['error', 'AWS has no capacity for the training job now: nothing was trained']],
    ],
    ['stalled', stalled, [['error', 'The training job was stopped by this run']]],
    [
      'of unknown outcome',
      unknownOutcome,
      [['error', 'How the training job ends is not known: it could no longer be asked']],
    ],
    ['not waited for: none', notWaited, []],
  ])('that is %s', (_what, record, expected) => {
    expect(titles(record)).toEqual(expected);
  });

  test('of a job that this run stopped say what the stage says', () => {
    const failure = { message: 'The training job was stopped by the action: silence.', fix: 'Look at it.' };
    expect(renderAnnotations({ ...stalled, failure })[0]).toMatchObject({
      title: 'The training job was stopped by this run',
      message: 'The training job was stopped by the action: silence.\nFix: Look at it.',
    });
  });

  test('say cause and fix', () => {
    expect(renderAnnotations(capacity)[0]?.message).toMatch(
      /^AWS has no free capacity.*\nFix: Run again later/s,
    );
    expect(renderAnnotations(gateFailed)[0]?.message).toBe(
      '`train:loss` is 0.24, and the gate asks for < 0.2.',
    );
  });
});

describe('the JSON report of a training job', () => {
  test.each(Object.entries(JOB_SAMPLES))('of the run %s is the record', (_name, record) => {
    expect(JSON.parse(renderJson(record))).toEqual(JSON.parse(JSON.stringify(record)));
  });

  test('has image, push and job before the many checks', () => {
    const keys = Object.keys(JSON.parse(renderJson({ ...green, push, job })));
    expect(keys.slice(6, 10)).toEqual(['image', 'push', 'job', 'checks']);
  });
});
