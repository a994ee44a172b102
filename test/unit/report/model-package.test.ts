import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { marked } from 'marked';
import type { ModelPackageRecord, RunRecord } from '../../../src/plan.js';
import { BUDGET_BYTES } from '../../../src/report/budget.js';
import { versionBefore } from '../../../src/report/model-package.js';
import { outputsOf } from '../../../src/report/outputs.js';
import { renderSummary } from '../../../src/report/summary.js';
import { verdictOf } from '../../../src/report/verdict.js';
import { jobCompleted } from './job-samples.js';
import { faultsOf, textOf } from './markdown.js';
import {
  approved,
  modelPackage,
  registered,
  registerFailed,
  registerUnknown,
  versionFilledWith,
} from './model-package-samples.js';
import { HOSTILE } from './samples.js';
import { anyText } from './texts.js';

const read = (record: RunRecord): string => textOf(marked.parse(renderSummary(record), { async: false }));
const withVersion = (record: RunRecord, change: Partial<ModelPackageRecord>): RunRecord => ({
  ...record,
  modelPackage: { ...modelPackage, ...change },
});

describe('the verdict on a version', () => {
  test.each<[string, RunRecord, string, string]>([
    [
      'registered by this run',
      registered,
      '✅',
      'The training job completed, its 2 metric gates passed; the model is registered as version 4, to be approved',
    ],
    [
      'that was there',
      withVersion(registered, { created: false, approvalStatus: 'Approved' }),
      '✅',
      'The training job completed, its 2 metric gates passed; the model is version 4 in the registry, approved',
    ],
    ['approved', approved, '✅', 'Version 4 of the model is approved'],
    ['not registered', registerFailed, '❌', 'The model could not be registered'],
    ['that may be there', registerUnknown, '⚠️', 'Whether the model was registered is not known'],
    [
      'not approved',
      { ...registerFailed, stages: [{ stage: 'approve', status: 'failed', seconds: 1, detail: '' }] },
      '❌',
      'The approval status of the model package could not be changed',
    ],
  ])('%s', (_, record, icon, headline) => {
    expect(verdictOf(record)).toMatchObject({ icon, headline });
  });

  test('gives the fix of the registry, not of the job', () => {
    expect(verdictOf(registerFailed).next?.text).toBe('Set `create-model-package-group: true`.');
    expect(verdictOf(registerUnknown).next?.text).toBe('Running this again is safe.');
    expect(read(registerFailed)).toContain('There is no model package group churn in eu-west-1.');
  });
});

describe('the section', () => {
  test('says what the version is, and where its report and card are', () => {
    const text = read(registered);
    expect(text).toContain('Model registry');
    expect(text).toMatch(/churn version 4 ?, registered by this run/);
    expect(text).toContain('PendingManualApproval');
    const html = renderSummary(registered);
    expect(html).toContain('#/model-cards/churn');
    expect(html).toMatch(
      /s3\/object\/models\?region=eu-west-1&amp;prefix=churn%2Fjob%2Foutput%2Fmodel-quality/,
    );
  });

  test('lists the versions, the newest first, with this one marked', () => {
    const rows = [...renderSummary(registered).matchAll(/<tr><td[^>]*>(.*?)<\/td><td[^>]*>(.*?)<\/td>/g)]
      .map(([, version = '', status = '']) => textOf(`${version} ${status}`).trim())
      .filter((row) => /Approved|Rejected|Pending/.test(row));
    expect(rows).toEqual(['4 ← ⏳ PendingManualApproval', '3 ⛔ Rejected', '2 ✅ Approved', '1 ✅ Approved']);
  });

  test('says how to decide on a version that waits for it', () => {
    expect(renderSummary(registered)).toContain(
      `<pre>stages: approve\nmodel-package: ${modelPackage.arn}</pre>`,
    );
    expect(renderSummary(approved)).not.toContain('stages: approve');
  });

  test('says how to go back to the approved version before', () => {
    for (const record of [registered, approved]) {
      expect(read(record)).toContain('To go back to version 2');
      expect(renderSummary(record)).toContain(
        `<pre>stages: deploy\nmodel-package: ${modelPackage.arn.replace(/4$/, '2')}</pre>`,
      );
    }
  });

  test('knows no way back from the first approved version', () => {
    expect(versionBefore({ ...modelPackage, version: 1, arn: modelPackage.arn.replace(/4$/, '1') })).toBe(
      undefined,
    );
    const only = withVersion(registered, { versions: modelPackage.versions.slice(0, 2) });
    expect(read(only)).not.toContain('To go back');
  });

  test('says who decided', () => {
    expect(read(approved)).toContain('Approved by grace at 2026-03-04T12:00:00.000Z');
  });

  test('is not there when no version is', () => {
    expect(read(jobCompleted)).not.toContain('Model registry');
  });
});

describe('texts from elsewhere', () => {
  test('stay texts', () => {
    const record = { ...registered, modelPackage: versionFilledWith(HOSTILE) };
    expect(faultsOf(renderSummary(record))).toEqual([]);
  });

  test('stay texts, whichever they are', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const record = { ...registered, modelPackage: versionFilledWith(text) };
        expect(faultsOf(renderSummary(record))).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test('fit into what GitHub shows', () => {
    const long = HOSTILE.repeat(2_000);
    const metadata = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`${index}${long}`, long]));
    const record = { ...registered, modelPackage: { ...versionFilledWith(long), metadata } };
    expect(Buffer.byteLength(renderSummary(record))).toBeLessThanOrEqual(BUDGET_BYTES);
  });
});

test('the outputs name the version', () => {
  expect(outputsOf(registered)).toMatchObject({
    'model-package-arn': modelPackage.arn,
    'model-package-version': '4',
    'model-package-group': 'churn',
    'approval-status': 'PendingManualApproval',
    'metrics-report': modelPackage.metricsReport,
    'model-card-version': '2',
    'failure-class': '',
  });
  expect(outputsOf(registerFailed)).toMatchObject({
    'model-package-arn': '',
    'failure-class': 'register-failed',
  });
  expect(outputsOf(registerUnknown)['failure-class']).toBe('outcome-unknown');
});
