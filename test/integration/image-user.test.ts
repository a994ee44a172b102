import { spawnSync } from 'node:child_process';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { runAction } from './run-action.js';
import { makeWorkspace, type Workspace } from './workspace.js';

jest.setTimeout(120_000);

let workspace: Workspace;
const images: string[] = [];
beforeAll(() => {
  workspace = makeWorkspace({
    'named/Dockerfile': `FROM python:3.11-slim-bookworm
RUN useradd app
COPY train /usr/local/bin/
USER app
`,
    'named/train': '#!/bin/sh\necho model >/opt/ml/model/model || exit 1\n',
    'number/Dockerfile': `FROM python:3.11-slim-bookworm
COPY train /usr/local/bin/
USER 1000
`,
    'number/train': '#!/bin/sh\necho model >/opt/ml/model/model || exit 1\n',
  });
});
afterAll(() => {
  workspace.remove();
  spawnSync('docker', ['rmi', '--force', ...images]);
});

// The platform's folders belong to root, whoever the image's user is.
test.each(['named', 'number'])(
  'a program that is not root cannot write its model (USER: %s)',
  async (context) => {
    const run = await runAction({ context, 'smoke-runs': 'train' }, { workspace: workspace.path });
    images.push(run.outputs['image-uri'] ?? '');
    expect(run.outputs).toMatchObject({
      outcome: 'failed',
      'failed-checks': 'train-exit-code',
      warnings: expect.stringContaining('image-user'),
      'failure-class': 'opt-ml-not-permitted',
    });
  },
);
