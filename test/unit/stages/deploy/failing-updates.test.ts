import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { CanceledError, createDocker } from '../../../../src/docker/docker.js';
import type { EndpointPlan } from '../../../../src/plan.js';
import { type DeployResult, deploy } from '../../../../src/stages/deploy.js';
import { StageFailure } from '../../../../src/stages/stage-failure.js';
import { SeenLog } from '../train/seen-log.js';
import { VirtualClock } from '../train/virtual-clock.js';
import { FakeHosting, json, ROLLED_BACK, refused, type Step, trouble, UPDATED } from './fake-hosting.js';
import { deployPlan, SOURCE } from './plans.js';

/** Each way in which an update can fail: whatever AWS says, the run is red, and says what is live. */

let folder: string;
let clock: VirtualClock;
let aws: FakeHosting;
let cancel: AbortController;
/** The configuration that is live, and good. */
let good: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'failing-updates-'));
  await writeFile(join(folder, 'rows.csv'), '1,2,3\n');
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(startAnew);

async function startAnew(): Promise<void> {
  clock = new VirtualClock();
  aws = new FakeHosting(clock);
  cancel = new AbortController();
  good = (await update('1'))?.endpoint?.configName ?? '';
  expect(good).not.toBe('');
}

/** @returns undefined when nothing was changed: canceled, or refused before */
async function update(
  version: string,
  change: Partial<EndpointPlan> = {},
): Promise<DeployResult | undefined> {
  const payload = {
    ...{ path: join(folder, 'rows.csv'), contentType: 'text/csv' },
    ...{ accept: 'application/json', expect: 'true' },
  };
  const plan = deployPlan({
    environment: new Map([['VERSION', version]]),
    proof: { payloads: [payload], repeats: 1 },
    ...change,
  });
  const context = {
    ...{ docker: createDocker({}), runId: '0123456789ab', tempDir: folder, log: new SeenLog() },
    ...{ source: SOURCE, signal: cancel.signal },
  };
  const world = { onKnown: () => {}, remember: () => {}, clock, connect: aws.connect };
  try {
    return await clock.run(deploy(context, { ...plan, workspace: folder }, {}, world));
  } catch (error) {
    if (!(error instanceof CanceledError) && !(error instanceof StageFailure)) throw error;
    return undefined;
  }
}

const onlyGood = (config: string) => json(config === good ? '{"ok": true}' : '{"ok": false}');
const steps = (of: (config: string) => readonly Step[]) => {
  aws.update = of;
};
const fails = (operation: string, error: Error) => {
  aws.fault = (called) => (called === operation ? error : undefined);
};

const WAYS: readonly (readonly [
  way: string,
  how: () => void,
  live: 'good' | 'new' | 'neither',
  change?: Partial<EndpointPlan>,
])[] = [
  ['the update is denied', () => fails('updateEndpoint', trouble('access-denied')), 'good'],
  ['the update is over a quota', () => fails('updateEndpoint', trouble('quota')), 'good'],
  ['the update is refused', () => fails('updateEndpoint', refused('No such instance type.')), 'good'],
  ['the configuration is refused', () => fails('createConfig', refused('No such instance type.')), 'good'],
  [
    'the image has a manifest that hosting refuses',
    () =>
      fails(
        'createModel',
        refused('Unsupported manifest media type application/vnd.oci.image.index.v1+json'),
      ),
    'good',
  ],
  ['the image is missing', () => fails('createModel', refused('Requested image x not found.')), 'good'],
  [
    'the new fleet answers no ping',
    () => steps(() => ROLLED_BACK('The primary container did not pass the ping health check.')),
    'good',
  ],
  [
    'there is no capacity',
    () => steps(() => ROLLED_BACK('Unable to provision requested ML compute capacity.')),
    'good',
  ],
  ['an alarm goes off', () => steps(() => ROLLED_BACK('One or more alarms are in ALARM: churn-5xx')), 'good'],
  ['it is in service as before, without a word', () => steps(() => ROLLED_BACK()), 'good'],
  [
    'it goes back so quickly that nothing else is ever seen',
    () => steps(() => [{ at: 0, status: 'InService', reason: 'No.' }]),
    'good',
  ],
  [
    'going back fails, too',
    () =>
      steps(() => [
        { at: 0, status: 'Updating' },
        { at: 90, status: 'RollingBack' },
        { at: 150, status: 'UpdateRollbackFailed', reason: 'It broke.' },
      ]),
    'neither',
  ],
  [
    'it fails',
    () =>
      steps(() => [
        { at: 0, status: 'Updating' },
        { at: 90, status: 'Failed', reason: 'It broke.' },
      ]),
    'neither',
  ],
  ['it does not end', () => steps(() => [{ at: 0, status: 'Updating' }]), 'good', { timeoutSeconds: 600 }],
  [
    'others update it to something else meanwhile',
    () => {
      aws.configs.set('theirs', {
        request: { EndpointConfigName: 'theirs', ProductionVariants: [] },
        made: 0,
      });
      steps(() => [
        { at: 0, status: 'Updating' },
        { at: 90, status: 'InService', config: 'theirs' },
      ]);
    },
    'neither',
  ],
  [
    'others delete it meanwhile',
    () =>
      steps(() => [
        { at: 0, status: 'Updating' },
        { at: 90, status: 'Gone' },
      ]),
    'neither',
  ],
  [
    'the new model answers wrongly',
    () => {
      aws.answer = onlyGood;
    },
    'good',
  ],
  [
    'the new model does not answer in time',
    () => {
      aws.answer = (config) => (config === good ? json('{"ok": true}') : trouble('throttled', 'Not ready.'));
    },
    'new',
  ],
  [
    'the endpoint cannot be asked any more',
    () => {
      aws.fault = (called) =>
        called === 'describeEndpoint' && aws.updates.length > 0 ? trouble('network') : undefined;
    },
    'new',
  ],
];

describe('an update is never green when', () => {
  test.each(WAYS.map(([way, how, live, change = {}]) => ({ way, how, live, change })))(
    '$way',
    async ({ how, live, change }) => {
      how();
      const result = await update('2', change);
      expect(result?.outcome ?? 'failed').toMatch(/^(?:failed|unknown)$/);
      if (result !== undefined) expect(result.failure?.message).toMatch(/churn/);
      aws.fault = () => undefined;
      await clock.run(clock.sleep(30 * 60_000));
      const now = aws.status('churn')?.config;
      if (live === 'good') {
        expect(now).toBe(good);
        // The run that says so has seen it.
        if (result?.endpoint?.status === 'InService') expect(result.endpoint.configName).toBe(good);
      }
      if (live === 'new')
        expect(result).toMatchObject({ outcome: 'unknown', failure: { fix: expect.anything() } });
    },
  );
});

describe('a cancel at each call', () => {
  async function canceledAtEach(how: () => void): Promise<number> {
    for (let nth = 1; ; nth += 1) {
      await startAnew();
      how();
      let calls = 0;
      aws.fault = () => {
        calls += 1;
        if (calls === nth) cancel.abort();
        return undefined;
      };
      const result = await update('2');
      if (calls < nth) return nth - 1;
      await clock.run(clock.sleep(60 * 60_000));
      const now = aws.status('churn');
      expect([nth, result?.outcome ?? 'canceled', now?.status]).toEqual([
        nth,
        // The last call of all may be answered before the cancel is heard.
        expect.stringMatching(/^(?:canceled|failed)$/),
        'InService',
      ]);
      if (now?.config !== good) expect(result?.detail).toContain('an update cannot be stopped');
    }
  }

  test('of an update whose proof fails leaves the good one live, or says exactly how it stands', async () => {
    const count = await canceledAtEach(() => {
      aws.answer = onlyGood;
      steps(UPDATED);
    });
    expect(count).toBeGreaterThan(25);
  });

  test('of an update that SageMaker takes back leaves the good one live', async () => {
    const count = await canceledAtEach(() => steps(() => ROLLED_BACK('No.')));
    expect(count).toBeGreaterThan(25);
  });
});
