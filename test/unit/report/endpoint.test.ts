import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { marked } from 'marked';
import type { EndpointRecord, RunRecord } from '../../../src/plan.js';
import { renderAnnotations } from '../../../src/report/annotations.js';
import { BUDGET_BYTES } from '../../../src/report/budget.js';
import { renderComment } from '../../../src/report/comment.js';
import { renderJunit } from '../../../src/report/junit.js';
import { renderSummary } from '../../../src/report/summary.js';
import {
  badProof,
  cleanUp,
  deployed,
  dryRun,
  ENDPOINT_SAMPLES,
  endpoint,
  endpointFilledWith,
  firstWasBad,
  rolledBack,
  runOf,
  shifted,
  shiftTakenBack,
  takenBack,
} from './endpoint-samples.js';
import { faultsOf, textOf } from './markdown.js';
import { HOSTILE } from './samples.js';
import { anyText, UNSEEN } from './texts.js';

const textFrom = (markdown: string): string => textOf(marked.parse(markdown, { async: false }));
const read = (record: RunRecord): string => textFrom(renderSummary(record));
const withEndpoint = (change: Partial<EndpointRecord>): RunRecord => ({
  ...deployed,
  endpoint: { ...endpoint, ...change },
});

describe('a summary', () => {
  test.each(Object.entries(ENDPOINT_SAMPLES))('of the run %s is well formed', (_name, record) => {
    expect(faultsOf(renderSummary(record))).toEqual([]);
  });

  test('says what is live now: configuration, traffic, machines, image, model, version and commit', () => {
    const text = read(deployed);
    for (const said of [
      'What is live now',
      'churn in eu-west-1',
      'InService',
      'updated it',
      'Configuration churn-9c1f0b7d2e4a',
      'Before churn-4d1f7a6b2c3e',
      'Commit 6f1e0c5',
      '2 to 6 instances a variant, for 600 invocations a minute of each',
      'AllTraffic 100 % weight 1 2 × ml.m5.large',
      `Image ${endpoint.variants[0]?.image}`,
      `Artifact ${endpoint.variants[0]?.modelArtifacts}`,
      'Model churn-AllTraffic-77e0aa13c9d2',
      'model-package/churn/4',
    ]) {
      expect(text.replace(/ +/g, ' ')).toContain(said);
    }
  });

  test('says what is another one than before, and what was only asked for', () => {
    const changed =
      'AllTraffic.ModelName churn-AllTraffic-51aa02b3c4d5 churn-AllTraffic-77e0aa13c9d2 DataCaptureConfig.EnableCapture – true';
    const words = (record: RunRecord) => read(record).replace(/\s+/g, ' ');
    expect(words(deployed)).toContain(`Changed Before Now ${changed}`);
    expect(words(takenBack)).toContain(`Asked for Before Instead ${changed}`);
    expect(words(withEndpoint({ changes: [] }))).not.toContain('Changed');
  });

  test.each(['Creating', 'Failed', 'OutOfService', 'Deleting', 'Deleted', 'Unknown'])(
    'claims nothing to be live while the endpoint is %s',
    (status) => {
      expect(renderSummary(withEndpoint({ status }))).not.toContain('What is live now');
    },
  );

  test('links the endpoint, its log, its image and the deployment', () => {
    const html = renderSummary(deployed);
    expect(html).toContain('#/endpoints/churn"><code>churn</code></a>');
    expect(html).toContain('#logsV2:log-groups/log-group/x"><code>CloudWatch</code></a>');
    expect(html).toMatch(/ecr\/repositories\/private\/123456789012\/team\/churn\/_\/image\/sha256:/);
    expect(html).toContain('href="https://github.com/octo-org/churn-model/deployments/production"');
  });

  test('links no deployment of another repository', () => {
    const record = withEndpoint({ deploymentUrl: 'https://github.com/evil/churn-model/deployments' });
    expect(renderSummary(record)).not.toContain('/deployments');
  });

  test('says how it answers, and how fast', () => {
    const text = read(deployed);
    expect(text).toContain('🟢 churn InService 📨 10 requests answered ⚡ p50 12 ms, p95 31 ms ⏱️ 4 min 12 s');
    expect(text).toMatch(/✅ Proof: 10 requests answered, p50 12 ms, p95 31 ms/);
    expect(text).toMatch(/✅ request\.json 5 \{"predictions": \[0, 1\]\}/);
  });

  test('has both proofs of a deployment that was taken back, the bad one first', () => {
    const text = read(takenBack);
    const bad = text.indexOf('❌ Proof: 1 of 2 samples not answered as expected');
    const good = text.indexOf('✅ Proof of what was put back : 10 requests answered');
    expect(bad).toBeGreaterThan(0);
    expect(good === -1 ? text.indexOf('✅ Proof of what was put back') : good).toBeGreaterThan(bad);
    expect(text).toContain('got “{"predictions": [1, 1]}”');
    expect(text).toContain('Asked for churn-9c1f0b7d2e4a , which is not live');
  });

  test('says that all was answered, too slowly', () => {
    const slow = { ...badProof, samples: endpoint.proof?.samples ?? [] };
    expect(read(withEndpoint({ proof: slow }))).toContain('p95 33 ms, which is too slow');
  });

  test('claims the commit for what this run made, and for nothing else', () => {
    const rows = (record: RunRecord) =>
      [...renderSummary(record).matchAll(/<th align="left">Commit</g)].length;
    // The chain of what ran has it too.
    expect(rows(deployed)).toBe(2);
    expect(rows(rolledBack)).toBe(0);
    expect(rows(shifted)).toBe(0);
  });

  test('of what is live already has the commit that made it, and the way back', () => {
    const commit = '0123456789012345678901234567890123456789';
    const html = renderSummary(withEndpoint({ action: 'unchanged', commit }));
    expect(html).toContain(`octo-org/churn-model/commit/${commit}"><code>0123456</code>`);
    expect(html).toContain(`<pre>${endpoint.goBack}</pre>`);
    const without = renderSummary(withEndpoint({ action: 'unchanged' }));
    expect([...without.matchAll(/<th align="left">Commit</g)]).toHaveLength(1);
  });

  test('shows the way back whole, and none when there is none', () => {
    expect(renderSummary(deployed)).toContain(`<pre>${endpoint.goBack}</pre>`);
    expect(renderSummary(rolledBack)).not.toContain('To go back');
    // It is on its way already.
    expect(renderSummary(withEndpoint({ action: 'restored' }))).not.toContain('To go back');
    expect(renderSummary(withEndpoint({ goBack: 'x'.repeat(5_000) }))).not.toContain('To go back');
  });

  test('shows what it went through, what was sent, and what the overrides set', () => {
    const text = read(rolledBack);
    expect(text).toMatch(/Updating 10:12:02 10 min 0 s ━+/);
    expect(text).toContain('The new version is not healthy.');
    expect(text).toContain('Requests, as they were sent: CreateEndpointConfig, UpdateEndpoint');
    expect(text).toContain(
      'Set by endpoint-overrides : CreateEndpointConfig.MetricsConfig.EnableEnhancedMetrics',
    );
  });

  test('opens the log where it explains something', () => {
    expect(renderSummary(rolledBack)).toContain('<details open><summary>Last 1 line of the endpoint’s log');
    expect(renderSummary(deployed)).toContain('<details><summary>Last 2 lines of the endpoint’s log');
  });

  test('shows weights of several variants as shares, and the steps of a shift', () => {
    const text = read(shifted);
    expect(text).toContain('blue 25 % weight 1 1 × ml.m5.large');
    expect(text).toContain('green 75 % weight 3 serverless, 2048 MB, 5 requests at a time');
    expect(text).toMatch(/Step blue green Time\s+1 2 2 1 min 1 s\s+2 1 3 1 min 2 s/);
  });

  test('lists what went, what stayed and why, what stayed first', () => {
    expect(read(firstWasBad)).toMatch(
      /📌 kept model churn-AllTraffic-1 no: access denied .*🗑️ removed endpoint/s,
    );
    expect(read(deployed)).toContain('Cleaned up: 2 removed');
  });

  test('of a dry run says that nothing was changed', () => {
    const text = read(dryRun);
    expect(text).toContain(
      'A dry run: nothing was changed. Without dry-run , 2 resources would be removed or stopped.',
    );
    expect(text).toMatch(/📌 kept image .*🔎 would be stopped training-job .*🔎 would be removed model/s);
    expect(read({ ...dryRun, cleanUp: { dryRun: false, resources: [] } })).toContain('Nothing was found');
    expect(read({ ...dryRun, cleanUp: { ...cleanUp, dryRun: false } })).not.toContain('A dry run');
  });

  test('of a cancel tells how things are in the words of the stage', () => {
    const record = runOf(
      'deploy',
      'canceled',
      { endpoint: { ...endpoint, action: 'restored', status: 'Updating' } },
      'The endpoint churn was live on b, which was not proven: a is being put back.',
    );
    expect(read(record)).toMatch(/What happened.*: a is being put back\./s);
  });
});

describe('texts from elsewhere', () => {
  const filled = (text: string): RunRecord => ({
    ...deployed,
    outcome: 'failed',
    stages: [{ stage: 'deploy', status: 'failed', seconds: 1, detail: text }],
    failure: { message: text, fix: text, lines: [text] },
    endpoint: endpointFilledWith(text),
    cleanUp: { dryRun: true, resources: endpointFilledWith(text).removed },
  });

  test('stay texts', () => {
    expect(faultsOf(renderSummary(filled(HOSTILE)))).toEqual([]);
  });

  test('stay texts, whichever they are', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(faultsOf(renderSummary(filled(text)))).toEqual([]);
        const junit = renderJunit(filled(text));
        expect(junit.isWellFormed()).toBe(true);
        expect(junit).not.toMatch(UNSEEN);
      }),
      { numRuns: 50 },
    );
  });

  test('fit into what GitHub shows', () => {
    const long = HOSTILE.repeat(500);
    const removed = Array.from({ length: 300 }, () => ({
      kind: long,
      name: long,
      why: long,
      result: 'kept' as const,
    }));
    const record = { ...filled(long), endpoint: { ...endpointFilledWith(long), removed } };
    expect(Buffer.byteLength(renderSummary(record))).toBeLessThanOrEqual(BUDGET_BYTES);
  });
});

describe('a comment', () => {
  test('says why the deployment was taken back, how the endpoint is, and what to do', () => {
    const text = textFrom(renderComment(takenBack, { key: 'ab' }));
    expect(text).toContain('The new model was bad and was taken back');
    expect(text).toContain('was put back, and is live. It answers.');
    expect(text).toContain('🟢 churn InService');
    expect(text).toContain('Next: Compare what the smoke test of the image answers.');
    expect(faultsOf(renderComment(takenBack, { key: 'ab' }).replace(/^<!--.*-->\n/, ''))).toEqual([]);
  });
});

describe('the JUnit report', () => {
  const cases = (record: RunRecord) =>
    [...renderJunit(record).matchAll(/<testcase classname="([^"]*)" name="([^"]*)"[^>]*>\s*<([\w-]+)/g)]
      .map(([, ...parts]) => parts)
      .filter(([classname = '']) => classname.startsWith('sagemaker-byoc.endpoint'));

  test('has the endpoint and each sample of a good deployment', () => {
    expect(cases(deployed)).toEqual([
      ['sagemaker-byoc.endpoint.deploy', 'The endpoint is live on what was asked for', 'system-out'],
      ['sagemaker-byoc.endpoint.proof', 'request.json is answered', 'system-out'],
      ['sagemaker-byoc.endpoint.proof', 'many.csv is answered', 'system-out'],
    ]);
  });

  test('has a failure for a deployment that was taken back, and for the sample, and no other error', () => {
    expect(cases(takenBack)).toEqual([
      ['sagemaker-byoc.endpoint.deploy', 'The endpoint is live on what was asked for', 'failure'],
      ['sagemaker-byoc.endpoint.proof', 'request.json is answered', 'failure'],
      ['sagemaker-byoc.endpoint.proof', 'many.csv is answered', 'system-out'],
      [
        'sagemaker-byoc.endpoint.restored',
        'request.json is answered, once more after going back',
        'system-out',
      ],
      ['sagemaker-byoc.endpoint.restored', 'many.csv is answered, once more after going back', 'system-out'],
    ]);
    expect(renderJunit(takenBack)).not.toContain('<error');
  });

  test('has an error for what is not known', () => {
    const unknown: RunRecord = { ...takenBack, outcome: 'unknown' };
    expect(cases(unknown)[0]?.[2]).toBe('error');
    expect(cases({ ...shiftTakenBack })).toEqual([
      ['sagemaker-byoc.endpoint.shift', 'The traffic is split as asked for', 'failure'],
    ]);
  });
});

test('an annotation says what became of the deployment', () => {
  expect(renderAnnotations(takenBack)).toMatchObject([
    {
      level: 'error',
      title: 'The new model was bad and was taken back: the previous one is live and answers',
      message: expect.stringContaining('Fix: Compare'),
    },
  ]);
});
