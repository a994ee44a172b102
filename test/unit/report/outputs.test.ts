import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import type { CleanUpRecord, EndpointRecord } from '../../../src/plan.js';
import { outputsOf } from '../../../src/report/outputs.js';
import { buildFailed, canceled, failing, green, HOSTILE, hostile, invalidInput, warned } from './samples.js';

const DIAGNOSED = { id: 'T09', class: 'out-of-memory', cause: '', fix: '', evidence: '' };

describe('the outputs', () => {
  test('are those of action.yml, but for the paths, which are known where the files are written', () => {
    const { outputs } = parse(readFileSync('action.yml', 'utf8'));
    expect([...Object.keys(outputsOf(green)), 'report-path', 'junit-path'].sort()).toEqual(
      Object.keys(outputs).sort(),
    );
  });

  test('of a green run', () => {
    const {
      'image-digest': digest,
      'training-job-name': job,
      'training-seconds': seconds,
    } = outputsOf(green);
    expect([digest, job, seconds]).toEqual(['', '', '']);
    expect(outputsOf(green)).toMatchObject({
      outcome: 'passed',
      'image-uri': 'churn-model:6f1e0c5',
      'image-id': green.image?.id,
      'failed-checks': '',
      warnings: '',
      'skipped-checks': 'serve-bad-payload',
      'failure-class': '',
      'failure-reason': '',
      metrics: expect.stringMatching(
        /^\{"train:loss":0\.\d+,"validation:accuracy":0\.\d+,"model:size_bytes":187402\}$/,
      ),
    });
  });

  test('of an endpoint: what is live, and what went', () => {
    const endpoint: EndpointRecord = {
      name: 'churn',
      arn: 'arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn',
      region: 'eu-west-1',
      status: 'InService',
      action: 'updated',
      configName: 'churn-2',
      wantedConfigName: 'churn-2',
      variants: [
        { name: 'blue', modelName: 'churn-a' },
        { name: 'green', modelName: 'churn-b' },
        { name: 'red', modelName: 'churn-a' },
      ],
      transitions: [],
      removed: [{ kind: 'model', name: 'churn-0', why: 'Superseded.', result: 'removed' }],
      logTail: [],
      consoleUrl: 'https://console/churn',
    };
    const cleanUp: CleanUpRecord = {
      dryRun: true,
      resources: [{ kind: 'image', name: 'churn@sha256:0', why: 'Unused.', result: 'would-be-removed' }],
    };
    expect(outputsOf({ ...green, endpoint, cleanUp })).toMatchObject({
      'endpoint-name': 'churn',
      'endpoint-arn': 'arn:aws:sagemaker:eu-west-1:123456789012:endpoint/churn',
      'endpoint-status': 'InService',
      'endpoint-action': 'updated',
      'endpoint-config-name': 'churn-2',
      'model-name': 'churn-a,churn-b',
      'endpoint-url': 'https://console/churn',
      removed:
        '[{"kind":"model","name":"churn-0","result":"removed"},{"kind":"image","name":"churn@sha256:0","result":"would-be-removed"}]',
    });
    expect(outputsOf(green)).toMatchObject({ 'endpoint-name': '', 'model-name': '', removed: '[]' });
  });

  test('of runs that failed: which checks, of which class, and why', () => {
    expect(outputsOf(failing)).toMatchObject({
      outcome: 'failed',
      'failed-checks': 'train-exit-code,serve-port',
      warnings: 'image-user,train-failure-file',
      'failure-class': 'hyperparameter-is-a-string',
      'failure-reason': failing.diagnosis?.cause,
      metrics: '{"train:loss":null}',
    });
    const { diagnosis: _, ...undiagnosed } = failing;
    expect(outputsOf(undiagnosed)['failure-class']).toBe('checks-failed');
    expect(outputsOf(buildFailed)).toMatchObject({ 'failure-class': 'build-failed', 'image-uri': '' });
    expect(outputsOf(invalidInput)).toMatchObject({
      outcome: 'invalid-input',
      'failure-class': 'invalid-input',
    });
    expect(outputsOf(canceled)).toMatchObject({ outcome: 'canceled', 'failure-class': 'canceled' });
    expect(outputsOf({ ...buildFailed, stages: [] })['failure-class']).toBe('run-failed');
  });

  test('of a run that passed with warnings name no failure, even when one was diagnosed', () => {
    const record = { ...warned, ...(failing.diagnosis && { diagnosis: failing.diagnosis }) };
    expect(outputsOf(record)).toMatchObject({
      warnings: 'image-user,serve-sigterm',
      'failure-class': '',
      'failure-reason': '',
    });
  });

  test('are one line each, with metrics that JSON can read', () => {
    for (const value of Object.values(
      outputsOf({
        ...hostile,
        diagnosis: { ...DIAGNOSED, cause: HOSTILE },
        checks: [],
        image: { uri: 'a', id: 'b', platform: 'c', sizeBytes: 1 },
      }),
    )) {
      expect(value).not.toMatch(/[\r\n]/);
    }
    const metrics = [
      { name: '__proto__', values: [1] },
      { name: 'nan', values: [Number.NaN] },
      { name: '\ud800', values: [] },
    ];
    expect(JSON.parse(outputsOf({ ...green, metrics })['metrics'] ?? '')).toMatchObject({
      nan: null,
      '\ufffd': null,
    });
  });
});
