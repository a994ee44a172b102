import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { leftovers } from './leftovers.js';
import { runAction } from './run-action.js';
import { makeWorkspace, type Workspace } from './workspace.js';

jest.setTimeout(120_000);

/** Trains for ever; as a server it takes the port and never answers. */
const DOCKERFILE = `FROM python:3.11-slim-bookworm
COPY train serve /usr/local/bin/
`;
const TRAIN = `#!/bin/sh
echo "training began"
if [ -e /opt/ml/input/data/train/forever ]; then exec sleep 600; fi
echo model >/opt/ml/model/model
`;
const SERVE = `#!/bin/sh
echo "serving began"
exec python3 -c "
import socket, time
server = socket.create_server(('', 8080))
time.sleep(600)
"
`;

let workspace: Workspace;
beforeAll(() => {
  workspace = makeWorkspace({
    'container/Dockerfile': DOCKERFILE,
    'container/train': TRAIN,
    'container/serve': SERVE,
    'data/forever/forever': 'yes\n',
    'data/short/rows.csv': '1,2\n',
  });
});
afterAll(() => workspace.remove());

const forever = { 'smoke-channels': 'train=data/forever', 'smoke-runs': 'train' };

async function canceled(inputs: Record<string, string>, cancel: Parameters<typeof runAction>[1]) {
  const run = await runAction(inputs, { workspace: workspace.path, ...cancel });
  removeImage(run.outputs['image-uri']);
  return run;
}

function removeImage(uri: string | undefined): void {
  if (uri) {
    execFileSync('docker', ['rmi', '--force', uri], { stdio: 'ignore' });
  }
}

describe('nothing is left behind', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('%s while training', async (signal) => {
    const run = await canceled(forever, { cancel: { after: /training began/, signal }, post: false });
    expect(run.outputs['outcome']).toBe('canceled');
    expect(run.exitCode).toBe(1);
    // GitHub's runner kills what is still there 10 seconds after SIGINT, 2.5 seconds after SIGTERM.
    expect(run.signal).toBeNull();
    expect(leftovers(run.runId)).toEqual([]);
    expect(run.temporaryFiles).toEqual([]);
    expect(run.summary).toContain('Canceled');
  });

  test('SIGINT while a server starts', async () => {
    const run = await canceled(
      { 'smoke-runs': 'serve' },
      { cancel: { after: /serving began/, signal: 'SIGINT' }, post: false },
    );
    expect(run.outputs['outcome']).toBe('canceled');
    expect(leftovers(run.runId)).toEqual([]);
    expect(run.temporaryFiles).toEqual([]);
  });

  test('SIGINT while several hosts train in Pipe mode', async () => {
    const run = await canceled(
      {
        ...forever,
        'smoke-channels': 'train=data/short',
        'smoke-hosts': '2',
        'input-mode': 'Pipe',
        entrypoint: 'sleep',
        arguments: '600',
      },
      { cancel: { after: /Run as a training job/, signal: 'SIGINT' }, post: false },
    );
    expect(run.outputs['outcome']).toBe('canceled');
    expect(leftovers(run.runId)).toEqual([]);
    expect(run.temporaryFiles).toEqual([]);
  });

  test('SIGKILL: post removes what main could not', async () => {
    const run = await canceled(forever, {
      cancel: { after: /training began/, signal: 'SIGKILL' },
      post: true,
    });
    expect(run.signal).toBe('SIGKILL');
    expect(run.post?.exitCode).toBe(0);
    expect(leftovers(run.runId)).toEqual([]);
    expect(run.temporaryFiles).toEqual([]);
  });

  test('SIGKILL without post does leave something: the test before can fail', async () => {
    const run = await canceled(forever, {
      cancel: { after: /training began/, signal: 'SIGKILL' },
      post: false,
    });
    expect(leftovers(run.runId)).not.toEqual([]);
    execFileSync('docker', ['rm', '--force', '--volumes', ...names(run.runId, 'container')]);
    execFileSync('docker', ['network', 'rm', ...names(run.runId, 'network')]);
  });

  test('a time-out', async () => {
    const run = await canceled({ ...forever, 'smoke-timeout': '2s' }, {});
    expect(run.outputs['failed-checks']).toBe('train-time');
    expect(leftovers(run.runId)).toEqual([]);
    expect(run.temporaryFiles).toEqual([]);
  });

  test('success and failure, side by side on one engine', async () => {
    const [good, bad] = await Promise.all([
      runAction(
        { 'smoke-channels': 'train=data/short', 'smoke-runs': 'train' },
        { workspace: workspace.path },
      ),
      runAction(
        { 'smoke-channels': 'train=data/short', 'smoke-runs': 'train', entrypoint: 'false' },
        { workspace: workspace.path },
      ),
    ]);
    removeImage(good.outputs['image-uri']);
    removeImage(bad.outputs['image-uri']);
    expect(good).toMatchObject({ exitCode: 0, outputs: { outcome: 'passed', 'failed-checks': '' } });
    expect(bad).toMatchObject({
      exitCode: 1,
      outputs: { outcome: 'failed', 'failed-checks': 'train-exit-code' },
    });
    expect([...leftovers(good.runId), ...leftovers(bad.runId)]).toEqual([]);
    expect([...good.temporaryFiles, ...bad.temporaryFiles]).toEqual([]);
  });
});

const names = (runId: string, kind: string): readonly string[] =>
  leftovers(runId).flatMap((item) => (item.startsWith(`${kind} `) ? [item.slice(kind.length + 1)] : []));
