import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { BatchGetImageCommand, ECRClient } from '@aws-sdk/client-ecr';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DeleteEndpointCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { pack } from 'tar-stream';
import { createDocker } from '../../../src/docker/docker.js';
import type { EndpointPlan } from '../../../src/plan.js';
import { type DeployResult, deploy } from '../../../src/stages/deploy.js';
import { deployPlan, variant } from '../../unit/stages/deploy/plans.js';
import { SOURCE } from '../../unit/stages/train/plans.js';
import { SeenLog } from '../../unit/stages/train/seen-log.js';
import { localAws, PYTHON, type SharedLocalAws } from './shared.js';

/** The stage deploy changes an endpoint of real containers on local AWS while clients ask it without a pause. */
jest.setTimeout(300_000);

const PREFIX = `byoc-load-${randomBytes(3).toString('hex')}`;
const SERVING = `${PREFIX}-serving`;
const before = { ...process.env };

let aws: SharedLocalAws;
let runtime: SageMakerRuntimeClient;
let serving: string;
let model: string;
let workspace: string;

beforeAll(async () => {
  aws = await localAws();
  // No client tries again: what is lost is seen.
  runtime = new SageMakerRuntimeClient(aws.client({ attempts: 1 }));
  Object.assign(process.env, aws.env);
  workspace = mkdtempSync(join(tmpdir(), 'load-'));
  writeFileSync(join(workspace, 'request.json'), '{"sample": 1}');

  const tar = pack();
  tar.entry({ name: 'weights.bin' }, 'weights');
  tar.finalize();
  const s3 = new S3Client({ ...aws.client(), forcePathStyle: true });
  const Key = `${PREFIX}/model.tar.gz`;
  await s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key, Body: gzipSync(await buffer(tar)) }));
  s3.destroy();
  model = `s3://${aws.bucket}/${Key}`;

  execFileSync('docker', ['build', '--quiet', '--tag', SERVING, join(__dirname, 'serving')]);
  const config = join(workspace, 'docker');
  const pushed = await promisify(execFile)(
    PYTHON,
    [join(__dirname, 'push_image.py'), SERVING, SERVING, config],
    { env: { PATH: process.env['PATH'], HOME: tmpdir(), ...aws.env } },
  );
  serving = await byDigest(pushed.stdout.trim());
}, 300_000);
afterAll(async () => {
  process.env = before;
  runtime.destroy();
  rmSync(workspace, { recursive: true, force: true });
  execFileSync('docker', ['rmi', '--force', SERVING], { stdio: 'ignore' });
});

/** `host/repository:tag` → `host/repository@sha256:…` */
async function byDigest(uri: string): Promise<string> {
  const [, host, repositoryName, imageTag] = /^([^/]+)\/(.+):([^:]+)$/.exec(uri) ?? [];
  const ecr = new ECRClient(aws.client());
  const { images = [] } = await ecr.send(
    new BatchGetImageCommand({ repositoryName, imageIds: [{ imageTag }] }),
  );
  ecr.destroy();
  return `${host}/${repositoryName}@${images[0]?.imageId?.imageDigest}`;
}

/** @param version is part of the model's environment, and of the server's answers */
function deployVersion(
  name: string,
  version: string,
  { expected = version, ...change }: Partial<EndpointPlan> & { readonly expected?: string } = {},
): Promise<DeployResult> {
  const plan = deployPlan({
    name,
    roleArn: aws.executionRoleArn,
    variants: [
      variant({
        model: { kind: 'artifacts', modelData: model, image: serving },
        hosting: { kind: 'instance', type: 'ml.m5.large', count: 2 },
      }),
    ],
    environment: new Map([['VERSION', version]]),
    proof: {
      payloads: [
        {
          path: join(workspace, 'request.json'),
          contentType: 'application/json',
          expect: `"version": "${expected}"`,
        },
      ],
      repeats: 2,
    },
    timeoutSeconds: 120,
    ...change,
  });
  const context = {
    docker: createDocker({}),
    runId: randomBytes(6).toString('hex'),
    tempDir: '/nowhere',
    log: new SeenLog(),
    signal: new AbortController().signal,
    source: SOURCE,
  };
  return deploy(
    context,
    { ...plan, workspace },
    {},
    {
      onKnown: () => {},
      remember: () => {},
    },
  );
}

interface Answer {
  readonly sent: number;
  readonly answered: number;
  /** Of the server; absent: there was no good answer. */
  readonly version?: string;
  readonly error?: string;
}

const CLIENTS = 4;
/** Of each client: the load is bounded. */
const PAUSE_MS = 15;
/** Of a quarter of the requests: some are always in the middle of being answered. */
const SLOW_SECONDS = 0.4;

/** Asks the endpoint until it is told to stop. */
function load(EndpointName: string): { stop(): Promise<readonly Answer[]> } {
  const answers: Answer[] = [];
  let isOver = false;
  const ask = async (client: number): Promise<Answer> => {
    const Body = JSON.stringify(client === 0 ? { sleep: SLOW_SECONDS } : {});
    const sent = Date.now();
    try {
      const { Body: body } = await runtime.send(
        new InvokeEndpointCommand({ EndpointName, Body, ContentType: 'application/json' }),
      );
      const { version } = JSON.parse(Buffer.from(body ?? []).toString()) as { version: string };
      return { sent, answered: Date.now(), version };
    } catch (error) {
      return { sent, answered: Date.now(), error: String(error) };
    }
  };
  const clients = Array.from({ length: CLIENTS }, async (_, client) => {
    while (!isOver) {
      answers.push(await ask(client));
      await sleep(PAUSE_MS);
    }
  });
  return {
    stop: async () => {
      isOver = true;
      await Promise.all(clients);
      return answers.toSorted((a, b) => a.sent - b.sent);
    },
  };
}

/** Under load, from a second before the deployment to a second after it. */
async function underLoad(
  name: string,
  work: () => Promise<DeployResult>,
): Promise<{ readonly result: DeployResult; readonly answers: readonly Answer[] }> {
  const asking = load(name);
  try {
    await sleep(1_000);
    const result = await work();
    await sleep(1_000);
    return { result, answers: await asking.stop() };
  } finally {
    await asking.stop();
  }
}

const lost = (answers: readonly Answer[]) => answers.filter(({ version }) => version === undefined);

/**
 * The versions in the order in which they took the requests, each once for each time that it began to. A request that
 * was sent before another version gave its first answer may still be answered by the one before.
 */
function succession(answers: readonly Answer[]): readonly string[] {
  const versions: string[] = [];
  let since = 0;
  for (const { sent, answered, version = 'lost' } of answers.toSorted((a, b) => a.answered - b.answered)) {
    if (version === versions.at(-1)) continue;
    if (version === versions.at(-2) && sent <= since) continue;
    versions.push(version);
    since = answered;
  }
  return versions;
}

describe('under load, no request is lost', () => {
  const name = PREFIX;
  let config = '';

  beforeAll(async () => {
    const first = await deployVersion(name, '1');
    expect(first.failure).toBeUndefined();
  }, 120_000);
  afterAll(async () => {
    const sagemaker = new SageMakerClient(aws.client());
    await sagemaker.send(new DeleteEndpointCommand({ EndpointName: name }));
    sagemaker.destroy();
  });

  test('when an update brings a new model: the answers are the old ones, then the new ones', async () => {
    const { result, answers } = await underLoad(name, () => deployVersion(name, '2'));
    expect(result).toMatchObject({ outcome: 'passed', endpoint: { action: 'updated' } });
    config = result.endpoint?.configName ?? '';
    expect(lost(answers)).toEqual([]);
    expect(succession(answers)).toEqual(['1', '2']);
    expect(answers.length).toBeGreaterThan(100);
  });

  test('when a new model fails its proof, and the one before is put back', async () => {
    const { result, answers } = await underLoad(name, () => deployVersion(name, '3', { expected: '2' }));
    expect(result).toMatchObject({
      outcome: 'failed',
      endpoint: { action: 'restored', configName: config, restoredProof: { passed: true } },
    });
    expect(lost(answers)).toEqual([]);
    expect(succession(answers)).toEqual(['2', '3', '2']);
  });

  test('when a new model does not start, and SageMaker goes back', async () => {
    const { result, answers } = await underLoad(name, () =>
      deployVersion(name, '4', {
        expected: '2',
        environment: new Map([
          ['VERSION', '4'],
          ['CRASH', '1'],
        ]),
      }),
    );
    expect(result).toMatchObject({
      outcome: 'failed',
      endpoint: { action: 'restored', configName: config, restoredProof: { passed: true } },
    });
    expect(lost(answers)).toEqual([]);
    expect(succession(answers)).toEqual(['2']);
  });

  test('when the update goes in the steps of a rolling deployment', async () => {
    const rolling = await underLoad(name, () =>
      deployVersion(name, '5', { policy: { kind: 'rolling', percent: 50, waitSeconds: 0 } }),
    );
    expect(rolling.result).toMatchObject({ outcome: 'passed', endpoint: { action: 'updated' } });
    expect(lost(rolling.answers)).toEqual([]);
    expect(new Set(rolling.answers.map(({ version }) => version))).toEqual(new Set(['2', '5']));
    expect(rolling.answers.at(-1)?.version).toBe('5');
  });

  test('and a server that fails is seen', async () => {
    const broken = await runtime
      .send(
        new InvokeEndpointCommand({
          EndpointName: name,
          Body: '{"status": 500}',
          ContentType: 'application/json',
        }),
      )
      .then(
        () => 'answered',
        (error: unknown) => String(error),
      );
    expect(broken).toContain('ModelError');
  });
});

test('the succession of versions sees a mixture', () => {
  const at = (sent: number, version: string): Answer => ({ sent, answered: sent + 10, version });
  expect(succession([at(0, '1'), at(20, '2'), at(40, '1'), at(60, '2')])).toEqual(['1', '2', '1', '2']);
  expect(succession([at(0, '1'), at(20, '2'), { sent: 5, answered: 60, version: '1' }, at(70, '2')])).toEqual(
    ['1', '2'],
  );
});
