import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import { runAction } from './run-action.js';
import { makeWorkspace, type Workspace } from './workspace.js';

jest.setTimeout(120_000);

let workspace: Workspace;
const images: string[] = [];
beforeAll(() => {
  workspace = makeWorkspace({
    'container/Dockerfile': `FROM python:3.11-slim-bookworm
ENV NO_PROXY=of-the-image
COPY train /usr/local/bin/
`,
    'container/train': `#!/bin/sh
echo "SEEN $(env | grep -i proxy | sort | tr '\\n' ' ')"
echo model >/opt/ml/model/model
`,
  });
});
afterAll(() => {
  workspace.remove();
  spawnSync('docker', ['rmi', '--force', ...images]);
});

test('a container is not given the proxies of the runner’s docker, unless it is to have one', async () => {
  const config = join(workspace.path, 'docker-config');
  mkdirSync(config);
  const proxy = 'http://127.0.0.1:9';
  const proxies = { default: { httpProxy: proxy, httpsProxy: proxy, noProxy: 'of-the-runner' } };
  writeFileSync(join(config, 'config.json'), JSON.stringify({ proxies }));
  const run = await runAction(
    { 'smoke-runs': 'train', environment: 'HTTPS_PROXY=http://asked-for:3128' },
    { workspace: workspace.path, env: { DOCKER_CONFIG: config } },
  );
  images.push(run.outputs['image-uri'] ?? '');
  expect(run.outputs['outcome']).toBe('passed');
  const seen = /SEEN (.*)/.exec(run.log)?.[1]?.trim();
  expect(seen).toBe('HTTPS_PROXY=http://asked-for:3128 NO_PROXY=of-the-image');
  expect(run.temporaryFiles).toEqual([]);
});
