import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeEndpointCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { pack } from 'tar-stream';
import { createDocker } from '../../../src/docker/docker.js';
import { type DeployResult, deploy } from '../../../src/stages/deploy.js';
import { deployPlan, variant } from '../../unit/stages/deploy/plans.js';
import { SOURCE } from '../../unit/stages/train/plans.js';
import { SeenLog } from '../../unit/stages/train/seen-log.js';
import { FastClock, hurryRetries } from './fast-clock.js';
import { DEPLOY_ROWS } from './fault-rows.js';
import { OwnKeys } from './own-keys.js';
import { localAws, type SharedLocalAws } from './shared.js';
import { pushTinyImage } from './tiny-image.js';

/** Every trouble at every call that a deployment makes, on local AWS. */
jest.setTimeout(300_000);

const PREFIX = `byoc-deploy-faults-${randomBytes(3).toString('hex')}`;
/** So many cells run at the same time. */
const ABREAST = 8;
const keys = new OwnKeys();

let aws: SharedLocalAws;
let sagemaker: SageMakerClient;
let image: string;
let model: string;
let workspace: string;
let number = 0;
const counts = { cells: 0, right: 0 };

beforeAll(async () => {
  aws = await localAws();
  sagemaker = new SageMakerClient(aws.client());
  const s3 = new S3Client({ ...aws.client(), forcePathStyle: true });
  keys.install(aws.env);
  hurryRetries();
  const pushed = await pushTinyImage(aws, PREFIX);
  image = pushed.uri.replace(/:[^:/]+$/, `@${pushed.digest}`);
  const key = `${PREFIX}/model.tar.gz`;
  const tar = pack();
  tar.entry({ name: 'weights.bin' }, 'weights');
  tar.finalize();
  await s3.send(new PutObjectCommand({ Bucket: aws.bucket, Key: key, Body: gzipSync(await buffer(tar)) }));
  s3.destroy();
  model = `s3://${aws.bucket}/${key}`;
  workspace = mkdtempSync(join(tmpdir(), 'deploy-faults-'));
  writeFileSync(join(workspace, 'request.json'), '{"instances": [1, 2]}');
});
afterAll(() => {
  keys.uninstall();
  sagemaker.destroy();
  rmSync(workspace, { recursive: true });
  process.stdout.write(`${counts.cells} cells, ${counts.right} right\n`);
});

function deployed(name: string, version: string): Promise<DeployResult> {
  const plan = deployPlan({
    name,
    roleArn: aws.executionRoleArn,
    variants: [variant({ model: { kind: 'artifacts', modelData: model, image } })],
    environment: new Map([['VERSION', version]]),
    proof: {
      payloads: [
        {
          path: join(workspace, 'request.json'),
          contentType: 'application/json',
          expect: '{"instances": [1, 2]}',
        },
      ],
      repeats: 2,
    },
    timeoutSeconds: 120,
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
    { onKnown: () => {}, remember: () => {}, clock: new FastClock() },
  );
}

const live = async (name: string) => sagemaker.send(new DescribeEndpointCommand({ EndpointName: name }));

/** @param accessKeyId of those who called */
const changes = async (operation: string, accessKeyId: string): Promise<number> => {
  const counts = (await aws.control('GET', `calls?accessKeyId=${accessKeyId}`)) as Record<string, number>;
  return counts[`sagemaker:${operation}`] ?? 0;
};

/** How often the faults of this key were met: a call that is never made shows nothing. */
const metCount = async (key: string): Promise<number> => {
  const all = (await aws.control('GET', 'faults')) as { accessKeyId?: string; met: number }[];
  return all.filter(({ accessKeyId }) => accessKeyId === key).reduce((sum, { met }) => sum + met, 0);
};

const newKey = (): string => `AKIA${randomBytes(8).toString('hex').toUpperCase()}`;

async function newEndpoint(milliseconds = 0): Promise<string> {
  number += 1;
  const name = `${PREFIX}-${String(number).padStart(3, '0')}`;
  const delays = { Creating: milliseconds, Updating: milliseconds };
  await aws.control('POST', 'sagemaker/endpoints', { endpoints: name, script: {}, delays });
  return name;
}

const PASSING = {
  throttled: { kind: 'throttling', times: 2 },
  'an error of AWS': { kind: 'internal-error', times: 2 },
  'an answer that is lost': { kind: 'reset', times: 1, executed: true },
  'credentials that have run out for once': { kind: 'expired-token', times: 1 },
} as const;
type Passing = keyof typeof PASSING;

/** Creates an endpoint and updates it. @returns what is wrong; nothing when it is live on what was wanted */
async function problemsOf(call: string, fault: Passing): Promise<readonly string[]> {
  const [service = '', operation = ''] = call.split(':');
  const accessKeyId = newKey();
  // Long enough for a look at the logs, where that matters.
  const name = await newEndpoint(service === 'logs' ? 500 : 0);
  // What is superseded is removed by the second update.
  const versions = /^(?:List(?!Tags)|Delete)/.test(operation) ? ['1', '2', '3'] : ['1', '2'];
  await aws.control('POST', 'faults', { accessKeyId, service, operation, ...PASSING[fault] });
  const problems: string[] = [];
  let wanted: string | undefined;
  for (const version of versions) {
    const { outcome, endpoint, detail } = await keys.run(accessKeyId, () => deployed(name, version));
    const action = version === '1' ? 'created' : 'updated';
    if (outcome !== 'passed' || endpoint?.action !== action) {
      problems.push(`version ${version}: ${outcome}, ${endpoint?.action}: ${detail}`);
    }
    wanted = endpoint?.wantedConfigName;
  }
  const met = await metCount(accessKeyId);
  if (met !== PASSING[fault].times) problems.push(`met ${met} times`);
  const updates = await changes('UpdateEndpoint', accessKeyId);
  if (operation !== 'UpdateEndpoint' && updates !== versions.length - 1) problems.push(`${updates} updates`);
  const { EndpointStatus, EndpointConfigName } = await live(name);
  if (EndpointStatus !== 'InService' || EndpointConfigName !== wanted) {
    problems.push(`${EndpointStatus} on ${EndpointConfigName}, not on ${wanted}`);
  }
  await aws.control('DELETE', `faults?accessKeyId=${accessKeyId}`);
  return problems;
}

test.each(Object.keys(PASSING) as Passing[])(
  '%s, at each call: the endpoint is created, updated and live on what was wanted',
  async (fault) => {
    const wrong: Record<string, readonly string[]> = {};
    const work = DEPLOY_ROWS.values();
    await Promise.all(
      Array.from({ length: ABREAST }, async () => {
        for (const call of work) {
          const problems = await problemsOf(call, fault);
          counts.cells += 1;
          if (problems.length === 0) counts.right += 1;
          else wrong[call] = problems;
        }
      }),
    );
    expect(wrong).toEqual({});
  },
);

describe.each([
  ['CreateModel', 'was not deployed to'],
  ['CreateEndpointConfig', 'was not deployed to'],
  ['UpdateEndpoint', 'was not updated, and is as it was'],
])('sagemaker:%s that is denied', (operation, words) => {
  test('is red, with the action’s name, and what was live stays', async () => {
    counts.cells += 1;
    const name = await newEndpoint();
    const first = await deployed(name, '1');
    const accessKeyId = newKey();
    await aws.control('POST', 'faults', {
      ...{ accessKeyId, service: 'sagemaker', operation, kind: 'access-denied' },
    });
    const result = await keys.run(accessKeyId, () => deployed(name, '2'));
    expect(result.outcome).toBe('failed');
    expect(result.failure?.message).toContain(words);
    expect(result.failure?.message).toContain(`sagemaker:${operation}`);
    expect((await live(name)).EndpointConfigName).toBe(first.endpoint?.configName);
    counts.right += 1;
  });
});
