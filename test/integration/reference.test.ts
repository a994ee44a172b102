import { execFileSync } from 'node:child_process';
import { afterAll, expect, jest, test } from '@jest/globals';
import { CHECKS } from '../../src/contract/checks/index.js';
import { type ActionRun, runAction } from './run-action.js';

jest.setTimeout(300_000);

const images: string[] = [];
afterAll(() => {
  execFileSync('docker', ['rmi', '--force', ...new Set(images)], { stdio: 'ignore' });
});

const INPUTS = {
  'smoke-channels': 'train=container/sample/train',
  'smoke-payload': 'container/sample/payload.csv\ncontainer/sample/payload.json',
  'metric-definitions': 'train:loss=train_loss: ([0-9.]+)',
};

async function act(inputs: Record<string, string>): Promise<ActionRun> {
  const run = await runAction({ ...INPUTS, ...inputs });
  images.push(run.outputs['image-uri'] ?? '');
  return run;
}

const passedIds = (run: ActionRun) =>
  (run.report?.checks ?? []).filter(({ status }) => status === 'passed').map(({ id }) => id);

test('the reference container passes every check without a warning, in the runs that are made by default', async () => {
  const run = await act({});
  expect(run.log).toContain('round 50');
  expect(run).toMatchObject({
    exitCode: 0,
    outputs: {
      outcome: 'passed',
      'failed-checks': '',
      warnings: '',
      'failure-class': '',
      'failure-reason': '',
    },
  });
  expect(Object.keys(JSON.parse(run.outputs['metrics'] ?? ''))).toEqual(['train:loss']);
  expect(run.summary).toContain('SageMaker would accept this container');
  expect(run.junit).toContain('<testsuite');
});

test('and in all the others: SIGTERM, several hosts, no network, expected answers', async () => {
  const run = await act({
    'smoke-runs': 'train, broken-input, stop, serve',
    'smoke-hosts': '2',
    'smoke-hyperparameters': 'rounds=400',
    'network-isolation': 'true',
    'smoke-payload': 'container/sample/payload.csv',
    'smoke-accept': 'text/csv',
    'smoke-expect': 'setosa\nversicolor\nvirginica',
    'smoke-memory': '1g',
  });
  expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'passed', warnings: '' } });
  // What is left needs another kind of image: CUDA, FIFOs, the multi-model label.
  const ids = CHECKS.map(({ id }) => id);
  const skipped = ids.filter((id) => !passedIds(run).includes(id));
  expect(skipped).toEqual(['image-cuda', 'train-pipe-mode', 'serve-multi-model']);
});

test('no inputs of AWS, no token and no network are needed at run time', async () => {
  const first = await act({});
  const run = await runAction(
    { ...INPUTS, 'image-uri': first.outputs['image-uri'] ?? '', 'network-isolation': 'true' },
    { env: { HTTP_PROXY: 'http://127.0.0.1:1', HTTPS_PROXY: 'http://127.0.0.1:1' } },
  );
  expect(run).toMatchObject({ exitCode: 0, outputs: { outcome: 'passed' } });
});
