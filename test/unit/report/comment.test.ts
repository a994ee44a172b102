import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { marked } from 'marked';
import type { RunRecord } from '../../../src/plan.js';
import { markerOf, renderComment } from '../../../src/report/comment.js';
import { JOB_SAMPLES, jobCompleted, jobFailed, jobFilledWith } from './job-samples.js';
import { faultsOf, textOf } from './markdown.js';
import { failing, filledWith, green, HOSTILE, huge, invalidInput } from './samples.js';

const key = '0123456789abcdef';
const docsUrl = 'https://github.com/octo-org/sagemaker-byoc/blob/v1/docs/checks';
const render = (record: RunRecord): string => renderComment(record, { key, docsUrl });
/** Without its hidden first line, which is no part of the report. */
const shown = (record: RunRecord): string => render(record).replace(`${markerOf(key)}\n`, '');
const read = (record: RunRecord): string => textOf(marked.parse(shown(record), { async: false }));

describe('a comment', () => {
  test('begins with its hidden marker, then the verdict', () => {
    expect(render(jobCompleted).split('\n').slice(0, 2)).toEqual([
      '<!-- sagemaker-byoc 0123456789abcdef -->',
      '### ✅ The training job completed, its 2 metric gates passed',
    ]);
  });

  test('is short: next step, place, figures, metrics, and a link to all the rest', () => {
    const text = read(jobFailed);
    expect(text).toContain('Next: Set toolkit-environment: true');
    expect(text).toContain('Where: container/train:61');
    expect(text).not.toContain('Traceback');
    expect(render(jobFailed)).toContain(
      '<a href="https://github.com/octo-org/churn-model/actions/runs/1234567890">The whole report</a>',
    );
    expect(render(jobCompleted)).not.toContain('mermaid');
    expect(read(jobCompleted)).toMatch(/validation:accuracy 0\.934 0\.921 \+0\.013 \(\+1\.4 %\) ✅ >= 0\.9/);
    expect(render(jobCompleted).length).toBeLessThan(4_000);
  });

  test('names the checks that failed', () => {
    expect(read(failing)).toContain('❌ Training ends with exit code 0 train-exit-code');
    expect(read(failing)).toContain('⚠️ The image runs as root image-user');
    expect(read(green)).toContain('Metric of the smoke test');
  });

  test.each(Object.entries({ ...JOB_SAMPLES, failing, green, invalidInput }))(
    'of the run %s is well formed',
    (_name, record) => {
      expect(faultsOf(shown(record))).toEqual([]);
    },
  );

  test('of a huge run is no longer than people read', () => {
    expect(Buffer.byteLength(render(huge))).toBeLessThanOrEqual(20_000);
    expect(faultsOf(shown(huge))).toEqual([]);
  });

  test('keeps text from elsewhere text', () => {
    for (const text of [HOSTILE, ...HOSTILE.split('\n')]) {
      expect(faultsOf(shown({ ...filledWith(text), ...jobFilledWith(text) }))).toEqual([]);
    }
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(faultsOf(shown({ ...filledWith(text), ...jobFilledWith(text) }))).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test('cannot have its marker ended by a key', () => {
    expect(markerOf('--> <b>')).toBe('<!-- sagemaker-byoc b -->');
  });
});
