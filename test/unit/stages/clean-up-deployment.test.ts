import { beforeEach, describe, expect, test } from '@jest/globals';
import { createDocker } from '../../../src/docker/docker.js';
import type { DeploymentState } from '../../../src/runner/state.js';
import { tempDirOf } from '../../../src/runner/temp-dir.js';
import { cleanUp, type StopWorld } from '../../../src/stages/clean-up.js';
import { PROVEN_TAG, pinningTags, STEP_TAG } from '../../../src/stages/pinning-tags.js';
import { temporaryFolder } from '../runner/temporary-folder.js';
import { FakeHosting, trouble } from './deploy/fake-hosting.js';
import { SOURCE } from './deploy/plans.js';
import { VirtualClock } from './train/virtual-clock.js';

const OLD = 'churn-old0000000';
const NEW = 'churn-new0000000';
const UPDATE: DeploymentState = {
  endpointName: 'churn',
  region: 'eu-west-1',
  wantedConfigName: NEW,
  previousConfigName: OLD,
  firstCreation: false,
  created: false,
  undo: true,
  excluded: ['DesiredWeight'],
  wasProven: false,
};
const { previousConfigName: _, ...ANEW } = UPDATE;
const CREATION: DeploymentState = { ...ANEW, firstCreation: true, excluded: [] };

let clock: VirtualClock;
let aws: FakeHosting;

beforeEach(() => {
  clock = new VirtualClock();
  aws = new FakeHosting(clock);
  for (const name of [OLD, NEW]) {
    aws.configs.set(name, {
      request: { EndpointConfigName: name, ProductionVariants: [] },
      made: clock.now(),
    });
  }
});

/** A program `docker` that is not there: nothing was made with it. */
const noDocker = createDocker({ PATH: '/nowhere' });

function cleanUpDeployment(
  deployment: DeploymentState,
  world: Partial<StopWorld> = {},
): Promise<readonly string[]> {
  const runId = '0123456789ab';
  const tempDir = tempDirOf({ RUNNER_TEMP: temporaryFolder() }, runId);
  const connectEndpoints = async () => (await aws.connect()).endpoints;
  return clock.run(
    cleanUp(noDocker, { runId, tempDir, deployment }, undefined, {
      source: SOURCE,
      clock,
      connectEndpoints,
      ...world,
    }),
  );
}

/** Tags of an endpoint that this very step has created. */
const OWN = new Map([...pinningTags(SOURCE), [STEP_TAG, '0123456789ab']]);
const add = (config: string, status = 'InService', tags: ReadonlyMap<string, string> = OWN) =>
  aws.add('churn', config, tags, [{ at: 0, status, config }]);

/** As a run does that has asked it and been answered well. */
function prove(config: string): void {
  const { request } = aws.configs.get(config) ?? {};
  Object.assign(request ?? {}, { Tags: [{ Key: PROVEN_TAG, Value: 'true' }] });
}

const NEVER = new AbortController().signal;

describe('an update that main has left unproven', () => {
  test('is taken back, and that is said', async () => {
    add(NEW);
    expect(await cleanUpDeployment(UPDATE)).toEqual([expect.stringContaining(`${OLD} is being put back`)]);
    expect(aws.updates).toEqual([
      {
        EndpointName: 'churn',
        EndpointConfigName: OLD,
        RetainAllVariantProperties: true,
        ExcludeRetainedVariantProperties: [{ VariantPropertyType: 'DesiredWeight' }],
      },
    ]);
  });

  test('and is as before already needs no words', async () => {
    add(OLD);
    expect(await cleanUpDeployment(UPDATE)).toEqual([]);
    expect(aws.updates).toEqual([]);
  });

  test.each(['Updating', 'RollingBack', 'SystemUpdating', 'Failed', 'Deleting'])(
    'and is %s cannot be changed: its state is said',
    async (status) => {
      add(OLD, status);
      const [said, ...more] = await cleanUpDeployment(UPDATE);
      expect(said).toContain(`It is ${status} (${OLD}), and takes no change now`);
      expect(said).toContain(`--endpoint-config-name ${OLD}`);
      expect(more).toEqual([]);
      expect(aws.updates).toEqual([]);
    },
  );

  test('and that another run has deployed over is left alone', async () => {
    add('churn-newer00000');
    expect(await cleanUpDeployment(UPDATE)).toEqual([]);
    expect(aws.updates).toEqual([]);
  });

  test('and that another run has changed since is left alone', async () => {
    add(NEW);
    expect(await cleanUpDeployment({ ...UPDATE, modifiedAt: clock.now() - 60_000 })).toEqual([]);
    expect(aws.updates).toEqual([]);
    expect(await cleanUpDeployment({ ...UPDATE, modifiedAt: clock.now() })).toHaveLength(1);
    expect(aws.updates).toHaveLength(1);
  });

  test('and that others have created anew is left alone', async () => {
    add(NEW);
    const { CreationTime } =
      (await clock.run((await aws.connect()).endpoints.describe('churn', NEVER))) ?? {};
    const bornAt = CreationTime?.getTime() ?? 0;
    expect(await cleanUpDeployment({ ...UPDATE, bornAt: bornAt - 60_000 })).toEqual([]);
    expect(aws.updates).toEqual([]);
    expect(await cleanUpDeployment({ ...UPDATE, bornAt })).toHaveLength(1);
    expect(aws.updates).toHaveLength(1);
  });

  test('and that another run has proven since stays', async () => {
    add(NEW);
    prove(NEW);
    expect(await cleanUpDeployment(UPDATE)).toEqual([]);
    expect(aws.updates).toEqual([]);
    // It had been proven before this run, too: that says nothing of now.
    expect(await cleanUpDeployment({ ...UPDATE, wasProven: true })).toHaveLength(1);
    expect(aws.updates).toHaveLength(1);
  });

  test('is taken back when the tags may not be read', async () => {
    add(NEW);
    aws.fault = (operation) => (operation === 'tags' ? trouble('access-denied') : undefined);
    expect(await cleanUpDeployment(UPDATE)).toEqual([expect.stringContaining('is being put back')]);
  });

  test('and that is gone needs no words', async () => {
    expect(await cleanUpDeployment(UPDATE)).toEqual([]);
  });

  test('and that is on its way back already is said to be', async () => {
    add(NEW);
    aws.change('churn', [{ at: 0, status: 'Updating' }], OLD);
    expect(await cleanUpDeployment(UPDATE)).toEqual([expect.stringContaining(`${OLD} is being put back`)]);
    expect(aws.updates).toEqual([]);
  });

  test.each([
    ['put back', NEW, 'InService', ['restoring']],
    ['as before', OLD, 'InService', ['previous']],
    ['changed by others', 'churn-newer00000', 'InService', ['not-ours']],
    ['on its way', OLD, 'Updating', []],
  ])('and is %s is settled, or not', async (_, config, status, settled) => {
    add(config, status);
    const seen: string[] = [];
    await cleanUpDeployment(UPDATE, { onDeploymentSettled: (how) => seen.push(how) });
    expect(seen).toEqual(settled);
  });

  test('and is gone or cannot be reached is not settled', async () => {
    const seen: string[] = [];
    const world = { within: 3_000, onDeploymentSettled: (how: string) => seen.push(how) };
    await cleanUpDeployment(UPDATE, world);
    aws.fault = () => trouble('expired-credentials');
    await cleanUpDeployment(UPDATE, world);
    expect(seen).toEqual([]);
  });

  test('is left with stop-on-cancel: false, and that is said', async () => {
    add(NEW);
    expect(await cleanUpDeployment({ ...UPDATE, undo: false })).toEqual([
      expect.stringContaining('stop-on-cancel is false'),
    ]);
    expect(aws.calls).toEqual([]);
  });

  test('is tried again through trouble', async () => {
    add(NEW);
    aws.fault = (_operation, nth) => (nth === 1 ? trouble('network') : undefined);
    expect(await cleanUpDeployment(UPDATE)).toEqual([expect.stringContaining('is being put back')]);
  });

  test('and cannot be reached is said, with what to do', async () => {
    aws.fault = () => trouble('expired-credentials', 'The credentials have expired.');
    const [said] = await cleanUpDeployment(UPDATE, { within: 3_000 });
    expect(said).toContain('could not be taken back. The credentials have expired.');
    expect(said).toContain('aws sagemaker update-endpoint');
  });
});

describe('a shift that main has not brought to its end', () => {
  const SHIFT = { endpointName: 'churn', region: 'eu-west-1', weights: { AllTraffic: 0.5 } };
  const tell = () => {
    const runId = '0123456789ab';
    const tempDir = tempDirOf({ RUNNER_TEMP: temporaryFolder() }, runId);
    const connectEndpoints = async () => (await aws.connect()).endpoints;
    return clock.run(
      cleanUp(noDocker, { runId, tempDir, shift: SHIFT }, undefined, {
        source: SOURCE,
        clock,
        connectEndpoints,
      }),
    );
  };
  const withWeight = (InitialVariantWeight: number) => {
    add(NEW);
    const { request } = aws.configs.get(NEW) ?? {};
    Object.assign(request ?? {}, {
      ProductionVariants: [{ VariantName: 'AllTraffic', InitialVariantWeight }],
    });
  };

  test('is told of with the weights that are live, and how to take them back', async () => {
    withWeight(0.25);
    expect(await tell()).toEqual([
      expect.stringMatching(
        /its weights are AllTraffic 0\.25, and stay\. Before it, they were AllTraffic 0\.5\. .*`aws sagemaker update-endpoint-weights.*VariantName=AllTraffic,DesiredWeight=0\.5/,
      ),
    ]);
  });

  test('and is as before, or gone, needs no words', async () => {
    expect(await tell()).toEqual([]);
    withWeight(0.5);
    expect(await tell()).toEqual([]);
  });

  test('and cannot be looked at is told of, too', async () => {
    withWeight(0.25);
    aws.fault = () => trouble('network', 'No answer.');
    expect(await tell()).toEqual([
      expect.stringMatching(/could not be looked at: No answer\..*`aws sagemaker/),
    ]);
  });
});

describe('an endpoint that main has just created', () => {
  test('is deleted when it is this run’s', async () => {
    add(NEW);
    expect(await cleanUpDeployment(CREATION)).toEqual([expect.stringContaining('is being deleted')]);
    expect(aws.status('churn')?.status).toBe('Deleting');
  });

  test('is left alone when another step has created it, of this run or another', async () => {
    add(NEW, 'InService', new Map([...pinningTags(SOURCE), [STEP_TAG, 'ba9876543210']]));
    expect(await cleanUpDeployment(CREATION)).toEqual([]);
    expect(aws.count('removeEndpoint')).toBe(0);
  });

  test('is left alone when others have created it anew', async () => {
    add(NEW);
    expect(await cleanUpDeployment({ ...CREATION, created: true, bornAt: clock.now() })).toEqual([]);
    expect(aws.count('removeEndpoint')).toBe(0);
  });

  test('stays when another run has proven it since', async () => {
    add(NEW);
    prove(NEW);
    expect(await cleanUpDeployment(CREATION)).toEqual([]);
    expect(aws.count('removeEndpoint')).toBe(0);
  });

  test('and is still being created cannot be deleted: its state is said', async () => {
    add(NEW, 'Creating');
    const [said] = await cleanUpDeployment(CREATION);
    expect(said).toContain('It is Creating');
    expect(said).toContain('it comes into service all the same, unproven, and is paid for');
    expect(said).toContain('aws sagemaker delete-endpoint --endpoint-name churn --region eu-west-1');
  });

  test.each([
    ['into service', 'InService'],
    ['to nothing', 'Failed'],
  ])('and comes %s while post waits is deleted then', async (_, status) => {
    aws.add('churn', NEW, OWN, [
      { at: 0, status: 'Creating', config: NEW },
      { at: 200, status },
    ]);
    const said: string[] = [];
    const began = clock.now();
    const world = { waitForCreation: 240_000, say: (message: string) => said.push(message) };
    expect(await cleanUpDeployment(CREATION, world)).toEqual([expect.stringContaining('is being deleted')]);
    expect(aws.status('churn')?.status).toBe('Deleting');
    expect(clock.now() - began).toBeLessThan(220_000);
    expect(said).toEqual([expect.stringContaining('it is waited for, up to 4 min')]);
  });

  test('and is created for longer than post waits is said to come into service unproven', async () => {
    add(NEW, 'Creating');
    const began = clock.now();
    const [said] = await cleanUpDeployment(CREATION, { waitForCreation: 240_000 });
    expect(said).toContain('unproven, and is paid for');
    expect(clock.now() - began).toBeLessThanOrEqual(240_000);
  });

  test('and that another run proves while post waits stays', async () => {
    aws.add('churn', NEW, OWN, [
      { at: 0, status: 'Creating', config: NEW },
      { at: 200, status: 'InService' },
    ]);
    clock.after(100, () => prove(NEW));
    expect(await cleanUpDeployment(CREATION, { waitForCreation: 240_000 })).toEqual([]);
    await clock.run(clock.sleep(240_000));
    expect(aws.status('churn')?.status).toBe('InService');
  });

  test('and never came to be needs no words', async () => {
    expect(await cleanUpDeployment(CREATION)).toEqual([]);
  });
});
