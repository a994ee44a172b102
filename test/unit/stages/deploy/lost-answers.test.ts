import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createDocker } from '../../../../src/docker/docker.js';
import type { EndpointPlan, Plan } from '../../../../src/plan.js';
import type { DeploymentState } from '../../../../src/runner/state.js';
import { tempDirOf } from '../../../../src/runner/temp-dir.js';
import { cleanUp } from '../../../../src/stages/clean-up.js';
import { undoDeployment } from '../../../../src/stages/deploy/undo.js';
import { type DeployResult, deploy } from '../../../../src/stages/deploy.js';
import { ENDPOINT_TAG, pinningTags, STEP_TAG } from '../../../../src/stages/pinning-tags.js';
import { SeenLog } from '../train/seen-log.js';
import { VirtualClock } from '../train/virtual-clock.js';
import { FakeHosting, json, refused, trouble, UPDATED } from './fake-hosting.js';
import { deployPlan, IMAGE_URI, SOURCE } from './plans.js';

const OLD = 'churn-old0000000';
const OLD_MODEL = 'churn-AllTraffic-old0000000';
const RUN_ID = '0123456789ab';

let folder: string;
let clock: VirtualClock;
let aws: FakeHosting;
let remembered: (DeploymentState | undefined)[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lost-answers-'));
  await writeFile(join(folder, 'rows.csv'), '1,2,3\n');
});
afterAll(() => rm(folder, { recursive: true }));

beforeEach(() => {
  clock = new VirtualClock();
  aws = new FakeHosting(clock);
  remembered = [];
});

function deployWith(
  change: Partial<EndpointPlan> = {},
  follow: Partial<Plan['follow']> = {},
): Promise<DeployResult> {
  const sample = {
    path: join(folder, 'rows.csv'),
    contentType: 'text/csv',
    accept: 'application/json',
    expect: 'true',
  };
  const context = {
    docker: createDocker({}),
    runId: RUN_ID,
    tempDir: folder,
    log: new SeenLog(),
    signal: new AbortController().signal,
    source: SOURCE,
  };
  const proof = { payloads: [sample], repeats: 2 };
  return clock.run(
    deploy(
      context,
      { ...deployPlan({ proof, ...change }, follow), workspace: folder },
      {},
      {
        onKnown: () => {},
        remember: (state) => remembered.push(state),
        clock,
        connect: aws.connect,
      },
    ),
  );
}

/** What the step does next, by itself or in post, with what it remembers. */
function cleanUpAfter(waitForCreation = 0): Promise<readonly string[]> {
  const deployment = remembered.at(-1);
  const tempDir = tempDirOf({ RUNNER_TEMP: folder }, RUN_ID);
  return clock.run(
    cleanUp(
      createDocker({ PATH: '/nowhere' }),
      { runId: RUN_ID, tempDir, ...(deployment && { deployment }) },
      undefined,
      {
        source: SOURCE,
        clock,
        waitForCreation,
        connectEndpoints: async () => (await aws.connect()).endpoints,
      },
    ),
  );
}

/** The endpoint as an earlier deployment of this repository has left it. */
function addLive(): void {
  const Tags = [...pinningTags(SOURCE), [ENDPOINT_TAG, 'churn'] as const].map(([Key, Value]) => ({
    Key,
    Value,
  }));
  const made = clock.now() - 3_600_000;
  const model = {
    ModelName: OLD_MODEL,
    PrimaryContainer: { Image: IMAGE_URI.replace(/ab/g, 'cd'), ModelDataUrl: 's3://models/0/model.tar.gz' },
    ExecutionRoleArn: 'arn:aws:iam::123456789012:role/serving',
    Tags,
  };
  const variant = {
    VariantName: 'AllTraffic',
    ModelName: OLD_MODEL,
    InitialInstanceCount: 1,
    InitialVariantWeight: 1,
    InstanceType: 'ml.m5.large' as const,
  };
  aws.models.set(OLD_MODEL, { request: model, made });
  aws.configs.set(OLD, { request: { EndpointConfigName: OLD, ProductionVariants: [variant], Tags }, made });
  aws.add('churn', OLD, pinningTags(SOURCE));
}

/** The change is made, its answer is lost, and so is every way to AWS. */
function loseAllAfter(operation: string, nth = 1): void {
  let gone = false;
  aws.lostAnswer = (answered, count) => {
    if (answered !== operation || count !== nth) return undefined;
    gone = true;
    return trouble('network');
  };
  aws.fault = () => (gone ? trouble('expired-credentials') : undefined);
}

const loseAnswer = (operation: string, nth: number) => {
  aws.lostAnswer = (answered, count) =>
    answered === operation && count === nth ? trouble('network') : undefined;
};

/** AWS can be asked again, and time has passed. */
async function later(seconds = 3_600): Promise<void> {
  aws.fault = () => undefined;
  await clock.run(clock.sleep(seconds * 1_000));
}

const isBad = () => {
  aws.answer = (config) => json(config === OLD ? '{"ok": true}' : '"new"');
};

describe('a change whose answer is lost, with all ways to AWS, is left to post', () => {
  test('a creation, which then is deleted', async () => {
    loseAllAfter('createEndpoint');
    expect((await deployWith()).outcome).toBe('unknown');
    await later();
    expect(aws.status('churn')?.status).toBe('InService');
    expect(await cleanUpAfter()).toEqual([expect.stringContaining('is being deleted')]);
  });

  test('an update, which then is taken back', async () => {
    addLive();
    loseAllAfter('updateEndpoint');
    expect((await deployWith()).outcome).toBe('unknown');
    await later();
    expect(aws.status('churn')?.config).not.toBe(OLD);
    expect(await cleanUpAfter()).toEqual([expect.stringContaining(`${OLD} is being put back`)]);
  });

  test.each(['createEndpoint', 'updateEndpoint'])('but not one that is refused: %s', async (operation) => {
    if (operation === 'updateEndpoint') addLive();
    aws.fault = (called) => (called === operation ? refused('It is bad.') : undefined);
    expect((await deployWith()).outcome).toBe('failed');
    expect(remembered.at(-1)).toBeUndefined();
  });
});

describe('a bad first creation', () => {
  test('that is merely slow is said to come into service, and left to post', async () => {
    aws.creation = (config) => [
      { at: 0, status: 'Creating', config },
      { at: 700, status: 'InService', config },
    ];
    const result = await deployWith({ timeoutSeconds: 600 }, { stopOnCancel: false });
    expect(result).toMatchObject({ outcome: 'failed', endpoint: { status: 'Creating' } });
    expect(result.detail).toContain('it comes into service all the same, unproven, and is paid for');
    expect(result.detail).not.toContain('gives up');
    expect(await cleanUpAfter(240_000)).toEqual([expect.stringContaining('is being deleted')]);
  });

  test('whose deletion cannot be asked for is unknown, and left to post', async () => {
    aws.answer = () => json('"new"');
    aws.fault = (operation) => (operation === 'removeEndpoint' ? trouble('network') : undefined);
    const result = await deployWith({}, { stopOnCancel: false });
    expect(result).toMatchObject({ outcome: 'unknown', endpoint: { status: 'Unknown' } });
    expect(result.detail).toContain('does not answer as it should');
    expect(result.detail).not.toContain('may be well');
    await later(60);
    expect(await cleanUpAfter()).toEqual([expect.stringContaining('is being deleted')]);
  });

  test('whose deletion has come through although its answer was lost is deleted', async () => {
    aws.answer = () => json('"new"');
    loseAnswer('removeEndpoint', 1);
    const result = await deployWith();
    expect(result).toMatchObject({ outcome: 'failed', endpoint: { action: 'deleted', status: 'Deleted' } });
    expect(aws.status('churn')).toBeUndefined();
    expect(aws.models.size + aws.configs.size).toBe(0);
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('that settles just when it cannot be deleted yet is left to post', async () => {
    aws.answer = () => json('"new"');
    aws.fault = (operation, nth) =>
      operation === 'removeEndpoint' && nth === 1
        ? refused('Cannot update in-progress endpoint.')
        : undefined;
    expect((await deployWith()).detail).toContain('could not be deleted');
    expect(await cleanUpAfter()).toEqual([expect.stringContaining('is being deleted')]);
  });

  test('that AWS refuses to delete is said, with the command', async () => {
    aws.answer = () => json('"new"');
    aws.fault = (operation) => (operation === 'removeEndpoint' ? trouble('access-denied') : undefined);
    const result = await deployWith();
    expect(result.detail).toMatch(/could not be deleted.*`aws sagemaker delete-endpoint/);
    expect(remembered.at(-1)).toBeUndefined();
  });
});

describe('going back', () => {
  test('that has come through although its answer was lost is followed and proven', async () => {
    addLive();
    isBad();
    loseAnswer('updateEndpoint', 2);
    expect(await deployWith()).toMatchObject({
      outcome: 'failed',
      endpoint: { action: 'restored', configName: OLD, restoredProof: { passed: true } },
    });
    expect(remembered.at(-1)).toBeUndefined();
  });

  test('that is through before AWS can be asked again is proven, too', async () => {
    addLive();
    isBad();
    aws.update = (config, nth) => (nth === 1 ? UPDATED(config) : [{ at: 0, status: 'InService', config }]);
    loseAnswer('updateEndpoint', 2);
    expect(await deployWith()).toMatchObject({ endpoint: { action: 'restored', configName: OLD } });
  });

  test('that cannot be asked for is unknown, and left to post', async () => {
    addLive();
    isBad();
    aws.fault = (operation, nth) =>
      operation === 'updateEndpoint' && nth >= 2 ? trouble('network') : undefined;
    const result = await deployWith({}, { stopOnCancel: false });
    expect(result).toMatchObject({ outcome: 'unknown', endpoint: { status: 'Unknown' } });
    expect(result.detail).toContain('does not answer as it should');
    expect(result.detail).not.toContain('is live.');
    await later(60);
    expect(await cleanUpAfter()).toEqual([expect.stringContaining(`${OLD} is being put back`)]);
  });

  test('stops where others have begun to change the endpoint', async () => {
    addLive();
    isBad();
    let looks = 0;
    aws.fault = (operation) => {
      if (operation !== 'updateEndpoint' || aws.updates.length !== 1) return undefined;
      if (looks++ === 0) aws.change('churn', [{ at: 0, status: 'Updating' }], 'churn-theirs0000');
      return undefined;
    };
    const result = await deployWith();
    // The first update has gone through already: this is the one that goes back.
    expect(aws.count('updateEndpoint')).toBe(2);
    expect(result).toMatchObject({ outcome: 'failed', endpoint: { changedByOthers: true } });
  });
});

describe('what another step of the same run has created', () => {
  const orderOf = (step: string) => ({
    state: {
      endpointName: 'churn',
      region: 'eu-west-1',
      wantedConfigName: [...aws.configs.keys()].at(-1) ?? '',
      firstCreation: true,
      created: false,
      undo: true,
      excluded: [],
      wasProven: true,
    },
    within: 30_000,
    step,
  });
  const undo = (step: string) =>
    clock.run(undoDeployment(async () => (await aws.connect()).endpoints, orderOf(step), clock));

  test('is not deleted; what this one has created is', async () => {
    expect((await deployWith()).outcome).toBe('passed');
    expect(aws.endpoints.get('churn')?.tags.get(STEP_TAG)).toBe(RUN_ID);
    expect(await undo('ba9876543210')).toEqual({ kind: 'not-ours' });
    expect(aws.status('churn')?.status).toBe('InService');
    expect(await undo(RUN_ID)).toEqual({ kind: 'deleting' });
  });

  test('is not taken for its own when both create it at once', async () => {
    aws.fault = (operation, nth) => {
      if (operation !== 'createEndpoint' || nth !== 1) return undefined;
      const config = [...aws.configs.keys()].at(-1) ?? '';
      aws.add('churn', config, new Map([...pinningTags(SOURCE), [STEP_TAG, 'ba9876543210']]));
      return undefined;
    };
    await deployWith();
    expect(remembered.some((state) => state?.created)).toBe(false);
  });
});
