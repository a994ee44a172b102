import { beforeEach, describe, expect, test } from '@jest/globals';
import { createDocker } from '../../../src/docker/docker.js';
import type { CleanUpPlan, CleanUpRecord, SourceRecord } from '../../../src/plan.js';
import { pinningTags } from '../../../src/stages/pinning-tags.js';
import { type RemoveUnusedResult, removeUnused } from '../../../src/stages/remove-unused.js';
import { refused, trouble } from './deploy/fake-hosting.js';
import { deployPlan, SOURCE } from './deploy/plans.js';
import { FakeAccount, REGISTRY } from './removal/fake-account.js';
import { SeenLog } from './train/seen-log.js';
import { VirtualClock } from './train/virtual-clock.js';

const REF = 'refs/heads/feature/x';
const OF_BRANCH = { ...SOURCE, ref: REF };
const OTHER = { ...SOURCE, repository: 'octo-org/other' };

let clock: VirtualClock;
let aws: FakeAccount;
let known: CleanUpRecord[];
let cancel: AbortController;

beforeEach(() => {
  clock = new VirtualClock();
  aws = new FakeAccount(clock);
  known = [];
  cancel = new AbortController();
});

function clean(
  change: Partial<CleanUpPlan> = {},
  source: SourceRecord = SOURCE,
): Promise<RemoveUnusedResult> {
  const context = {
    docker: createDocker({}),
    runId: '0123456789ab',
    tempDir: '/temp',
    log: new SeenLog(),
    signal: cancel.signal,
    source,
  };
  const { endpoint: _, ...plan } = deployPlan();
  return clock.run(
    removeUnused(
      context,
      { ...plan, stages: ['clean-up'], cleanUp: { keep: 2, dryRun: false, ...change } },
      {
        onKnown: (record) => known.push(record),
        clock,
        connect: aws.connect,
      },
    ),
  );
}

const told = ({ cleanUp }: RemoveUnusedResult) =>
  (cleanUp?.resources ?? []).map(({ result, kind, name }) => `${result} ${kind} ${name}`);

describe('superseded configurations and models', () => {
  /** The oldest first. */
  let names: string[];

  beforeEach(() => {
    names = [1, 2, 3, 4, 5].map((number) => aws.addConfig(`churn-${number}`, 100 - number));
    aws.hosting.add('churn', names[4] ?? '', pinningTags(SOURCE));
  });

  test('go, but for the live one and the newest besides it', async () => {
    const result = await clean();
    expect(result).toMatchObject({ outcome: 'passed', detail: '4 things removed, 2 kept.' });
    expect([...aws.hosting.configs.keys()]).toEqual(names.slice(2));
    expect([...aws.hosting.models.keys()]).toEqual(names.slice(2));
    const changes = aws.hosting.changes.map((change) => change.split(' ')[0]);
    expect(changes).toEqual(['removeConfig', 'removeConfig', 'removeModel', 'removeModel']);
    expect(result.cleanUp?.resources.find(({ result: how }) => how === 'removed')?.why).toContain(
      'the endpoint churn has newer ones and does not use it',
    );
  });

  test('are gone the second time: green, and nothing changes', async () => {
    await clean();
    const before = aws.hosting.changes.length;
    expect(await clean()).toMatchObject({
      outcome: 'passed',
      detail: 'Unchanged: there is nothing to remove.',
    });
    expect(aws.hosting.changes).toHaveLength(before);
  });

  test('are only listed in a dry run, with the reason', async () => {
    const result = await clean({ dryRun: true });
    expect(result).toMatchObject({
      outcome: 'passed',
      detail: 'Dry run: 4 things would be removed, 2 kept.',
      cleanUp: { dryRun: true },
    });
    expect(told(result)).toContain(`would-be-removed endpoint-config ${names[0]}`);
    expect(told(result)).toContain(`would-be-removed model ${names[0]}`);
    expect(aws.hosting.changes).toEqual([]);
  });

  test('all go with keep 0; what is live, or on its way to be, never does', async () => {
    aws.hosting.change('churn', [{ at: 0, status: 'Updating' }], names[0]);
    await clean({ keep: 0 });
    expect([...aws.hosting.configs.keys()]).toEqual([names[0], names[4]]);
    expect([...aws.hosting.models.keys()]).toEqual([names[0], names[4]]);
  });

  test('stay when any endpoint is on them, whoever made it', async () => {
    aws.hosting.add('second', names[0] ?? '', new Map());
    await clean({ keep: 0 });
    expect([...aws.hosting.configs.keys()]).toEqual([names[0], names[4]]);
  });

  test('of others stay, and so does what carries no tag', async () => {
    const others = [
      aws.addConfig('churn-theirs', 200, { source: OTHER }),
      aws.addConfig('churn-by-hand', 200, { source: {} as typeof SOURCE }),
    ];
    await clean({ keep: 0 });
    expect([...aws.hosting.configs.keys()]).toEqual([names[4], ...others]);
    expect([...aws.hosting.models.keys()]).toEqual([names[4], ...others]);
  });

  test('that share a model: it stays with the last of them', async () => {
    const shared = aws.addConfig('churn-again', 99, { model: 'churn-5' });
    await clean({ keep: 0 });
    expect(aws.hosting.configs.has(shared)).toBe(false);
    expect([...aws.hosting.models.keys()]).toEqual([names[4]]);
  });

  test('of an endpoint that is gone: the newest stay, and undeploy removes them', async () => {
    aws.hosting.endpoints.clear();
    await clean({ keep: 1 });
    expect([...aws.hosting.configs.keys()]).toEqual([names[4]]);
  });

  test('that were proven stay before newer ones that were not', async () => {
    const good = [60, 70, 80].map((hours) => aws.addConfig(`churn-good-${hours}`, hours, { proven: true }));
    const bad = [10, 20, 30].map((hours) => aws.addConfig(`churn-bad-${hours}`, hours));
    const result = await clean();
    expect([...aws.hosting.configs.keys()].sort()).toEqual([names[4], good[0], good[1]].sort());
    expect([...aws.hosting.models.keys()].sort()).toEqual([names[4], good[0], good[1]].sort());
    const why = (name: string | undefined) =>
      result.cleanUp?.resources.find((one) => one.name === name && one.kind === 'endpoint-config')?.why;
    expect(why(good[0])).toBe('one of the 2 newest proven ones of the endpoint churn besides the live ones');
    expect(why(bad[0])).toBe('the endpoint churn has proven ones to go back to and does not use it');
  });

  test('that were not proven stay when there are too few that were', async () => {
    const good = aws.addConfig('churn-good', 80, { proven: true });
    const newest = aws.addConfig('churn-newest', 10);
    aws.addConfig('churn-newer', 20);
    await clean();
    expect([...aws.hosting.configs.keys()].sort()).toEqual([names[4], good, newest].sort());
  });

  test('that are younger than one hour stay: a deployment is about to use them', async () => {
    const made = aws.addConfig('churn-made', 0.9);
    aws.addConfig('churn-older', 1.1);
    const result = await clean({ keep: 0 });
    expect([...aws.hosting.configs.keys()].sort()).toEqual([names[4], made].sort());
    expect([...aws.hosting.models.keys()].sort()).toEqual([names[4], made].sort());
    expect(result.cleanUp?.resources.filter(({ result: how }) => how === 'kept')).toEqual([
      {
        kind: 'endpoint-config',
        name: made,
        why: 'it is younger than one hour: a deployment may be about to use it',
        result: 'kept',
      },
    ]);
  });

  test('that a deployment has made no configuration of yet: the model stays for an hour', async () => {
    const made = aws.addConfig('churn-made', 0.9);
    aws.hosting.configs.delete(made);
    await clean({ keep: 0 });
    expect([...aws.hosting.models.keys()].sort()).toEqual([names[4], made].sort());
  });

  test('that AWS does not remove stay with the model that they need, and the run is red', async () => {
    aws.hosting.fault = (operation, nth) =>
      operation === 'removeConfig' && nth === 1 ? refused('No.') : undefined;
    const result = await clean({ keep: 0 });
    expect(result).toMatchObject({
      outcome: 'failed',
      failure: { message: expect.stringContaining('Not everything could be removed (1 thing is left).') },
    });
    expect([...aws.hosting.configs.keys()]).toEqual([names[3], names[4]]);
    expect([...aws.hosting.models.keys()]).toEqual([names[3], names[4]]);
  });
});

describe('a branch that is gone', () => {
  test('leaves what others made, what is live, and the newest of an endpoint that is there', async () => {
    const main = aws.addConfig('churn-main', 10);
    const live = aws.addConfig('churn-live', 20, { source: OF_BRANCH });
    const older = [30, 40, 50].map((hours) => aws.addConfig(`churn-${hours}`, hours, { source: OF_BRANCH }));
    const preview = aws.addConfig('preview-1', 5, { source: OF_BRANCH, endpoint: 'preview' });
    aws.hosting.add('churn', live, pinningTags(SOURCE));
    const result = await clean({ ref: REF });
    expect([...aws.hosting.configs.keys()].sort()).toEqual([main, live, older[0]].sort());
    expect([...aws.hosting.models.keys()].sort()).toEqual([main, live, older[0]].sort());
    expect(result.cleanUp?.resources.find(({ name }) => name === preview)?.why).toBe(
      `${REF} made it, and there is no endpoint preview any more`,
    );
  });

  test('has its endpoints listed, not removed, with how to', async () => {
    const config = aws.addConfig('preview-1', 5, { source: OF_BRANCH, endpoint: 'preview' });
    aws.hosting.add('preview', config, pinningTags(OF_BRANCH));
    aws.hosting.add('churn', config, pinningTags(SOURCE));
    const result = await clean({ ref: REF, keep: 0 });
    expect(told(result)).toEqual(['kept endpoint preview']);
    expect(result.notices).toEqual([expect.stringContaining('`endpoint-name: preview`')]);
    expect(aws.hosting.changes).toEqual([]);
  });

  test('has its jobs in progress stopped, and those that were stopped without a model removed', async () => {
    aws.addJob('running', 'InProgress', REF);
    aws.addJob('stopped', 'Stopped', REF);
    aws.addJob('early', 'Stopped', REF, { modelArtifacts: 's3://models/early/output/model.tar.gz' });
    aws.addJob('completed', 'Completed', REF);
    aws.addJob('of-main', 'InProgress', 'refs/heads/main');
    aws.addJob('of-others', 'InProgress', REF, { tags: pinningTags({ ...OTHER, ref: REF }) });
    const dry = await clean({ ref: REF, dryRun: true });
    expect(told(dry)).toEqual([
      'would-be-stopped training-job running',
      'would-be-removed training-job stopped',
      'kept training-job early',
    ]);
    expect(dry.detail).toBe('Dry run: 1 thing would be removed, 1 job would be stopped, 1 kept.');
    const result = await clean({ ref: REF });
    expect(told(result)).toEqual([
      'stopped training-job running',
      'removed training-job stopped',
      'kept training-job early',
    ]);
    expect(Object.fromEntries([...aws.jobs].map(([name, { status }]) => [name, status]))).toEqual({
      running: 'Stopping',
      early: 'Stopped',
      completed: 'Completed',
      'of-main': 'InProgress',
      'of-others': 'InProgress',
    });
  });

  test('has no jobs ended when none is named', async () => {
    aws.addJob('running', 'InProgress', REF);
    await clean();
    expect(aws.jobs.get('running')?.status).toBe('InProgress');
    expect(aws.hosting.count('searchJobs')).toBe(0);
  });
});

describe('images', () => {
  const labels = (ref: string, commit = 'c0ffee', repository = 'octo-org/churn-model') => ({
    'org.opencontainers.image.source': `https://github.com/${repository}`,
    'org.opencontainers.image.revision': commit,
    'io.github.sagemaker-byoc.ref': ref,
  });
  const digests = () => aws.repositories.get('churn')?.images.map(({ digest }) => digest);

  beforeEach(() => {
    aws.repositories.set('churn', { tags: pinningTags(SOURCE), images: [] });
  });

  test('of the branch go; of others, of other repositories, or with further tags, they stay', async () => {
    aws.addImage(labels(REF), ['c0ffee']);
    const kept = [
      aws.addImage(labels('refs/heads/main'), ['c0ffee']),
      aws.addImage(labels('refs/tags/feature/x'), []),
      aws.addImage(labels(REF, 'c0ffee', 'octo-org/other'), []),
      aws.addImage({}, []),
      aws.addImage(labels(REF), ['c0ffee', 'stable']),
    ];
    const result = await clean({ ref: REF, repository: 'churn' });
    expect(digests()).toEqual(kept);
    expect(result.cleanUp?.resources).toMatchObject([
      { kind: 'image', result: 'kept', why: 'it has further tags: stable' },
      { kind: 'image', result: 'removed', why: expect.stringContaining(`built for ${REF}, which is gone`) },
    ]);
    expect(told(await clean({ ref: REF, repository: 'churn' }))).toEqual([expect.stringMatching(/^kept/)]);
  });

  test.each<[string, (uri: string) => void]>([
    ['a model', (uri) => aws.addConfig('second', 3, { endpoint: 'second', image: uri })],
    [
      'a registered version',
      (uri) =>
        aws.registered.push({
          arn: 'arn:aws:sagemaker:eu-west-1:1:model-package/churn/3',
          images: [uri],
          modelData: [],
        }),
    ],
    ['a job of main', (uri) => aws.addJob('job-1', 'InProgress', 'refs/heads/main', { image: uri })],
  ])('stay that %s needs', async (_what, arrange) => {
    const digest = aws.addImage(labels(REF), []);
    arrange(`${REGISTRY}/churn@${digest}`);
    const result = await clean({ ref: REF, repository: 'churn' });
    expect(digests()).toEqual([digest]);
    expect(told(result)).toEqual([`kept image ${REGISTRY}/churn@${digest}`]);
  });

  test.each([undefined, REF])('that are younger than one hour stay (ref %s)', async (ref) => {
    const digest = aws.addImage(labels(REF), [], 0.5);
    const result = await clean({ ...(ref && { ref }), repository: 'churn', keep: 0 });
    expect(digests()).toEqual([digest]);
    expect(result.cleanUp?.resources).toMatchObject([
      { kind: 'image', result: 'kept', why: expect.stringContaining('younger than one hour') },
    ]);
  });

  test('that only what goes itself needs go too', async () => {
    const digest = aws.addImage(labels(REF), []);
    aws.addConfig('preview-1', 5, {
      source: OF_BRANCH,
      endpoint: 'preview',
      image: `${REGISTRY}/churn@${digest}`,
    });
    aws.addJob('running', 'InProgress', REF, { image: `${REGISTRY}/churn@${digest}` });
    await clean({ ref: REF, repository: 'churn' });
    expect(digests()).toEqual([]);
  });

  test('of any branch: the newest stay, and those in use', async () => {
    const old = [1, 2, 3].map(() => aws.addImage(labels('refs/heads/main'), []));
    aws.addConfig('second', 3, { endpoint: 'second', image: `${REGISTRY}/churn@${old[0]}` });
    const result = await clean({ repository: 'churn', keep: 1 });
    expect(digests()).toEqual([old[0], old[2]]);
    expect(told(result)).toContain(`removed image ${REGISTRY}/churn@${old[1]}`);
  });

  test('are left alone without a repository, or when it is gone', async () => {
    aws.addImage(labels(REF), []);
    await clean({ ref: REF });
    expect(digests()).toHaveLength(1);
    aws.repositories.clear();
    expect(await clean({ ref: REF, repository: 'churn' })).toMatchObject({ outcome: 'passed' });
  });

  test('stay, all of them, when it cannot be told what needs them', async () => {
    aws.addImage(labels(REF), []);
    aws.hosting.fault = (operation) =>
      operation === 'describeModel' ? trouble('access-denied', 'Denied.') : undefined;
    aws.addConfig('second', 3, { endpoint: 'second' });
    await expect(clean({ ref: REF, repository: 'churn' })).rejects.toMatchObject({
      failure: { message: expect.stringContaining('Nothing was removed. Denied.') },
    });
    expect(digests()).toHaveLength(1);
  });
});

describe('the run', () => {
  test('is refused without a repository: nothing could be told apart', async () => {
    aws.addConfig('churn-1', 5, { source: {} as typeof SOURCE });
    await expect(clean({ keep: 0 }, {})).rejects.toMatchObject({
      failure: { message: expect.stringContaining('GITHUB_REPOSITORY') },
    });
    expect(aws.hosting.calls).toEqual([]);
  });

  test('is unknown when AWS is out of sight', async () => {
    aws.addConfig('churn-1', 5);
    aws.hosting.fault = (operation) => (operation === 'removeConfig' ? trouble('server') : undefined);
    expect(await clean({ keep: 0 })).toMatchObject({ outcome: 'unknown' });
  });

  test('tells what was removed when it is canceled', async () => {
    for (const number of [1, 2, 3]) aws.addConfig(`churn-${number}`, number);
    aws.hosting.fault = (operation, nth) => {
      if (operation === 'removeConfig' && nth === 3) cancel.abort();
      return undefined;
    };
    expect(await clean({ keep: 0 })).toMatchObject({
      outcome: 'canceled',
      detail: expect.stringMatching(/^Canceled: [23] things were removed/),
    });
    expect(aws.hosting.models.size).toBe(3);
  });
});
