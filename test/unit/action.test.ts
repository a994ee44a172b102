import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { INPUTS } from '../../src/inputs.js';
import type {
  BuildPlan,
  CleanUpPlan,
  EndpointPlan,
  JobPlan,
  Plan,
  PushPlan,
  RegisterPlan,
  ShiftPlan,
  SmokeTestPlan,
  UndeployPlan,
} from '../../src/plan.js';
import { ALL_STAGES, DEPLOY, DEPLOY_ONLY, workspace } from './inputs/workspace.js';

interface Input {
  readonly name: string;
  readonly group: string;
  readonly description: string;
  readonly fallback?: string;
}

const document = parseDocument(readFileSync('action.yml', 'utf8'));

function mapOf(key: string): YAMLMap {
  const map = document.get(key);
  if (!isMap(map)) throw new Error(`action.yml has no map ${key}`);
  return map;
}

/** The inputs in their order; a comment `# --- Name ---` begins a group. */
function readInputs(): readonly Input[] {
  const map = mapOf('inputs');
  let group = '';
  return map.items.map((pair: Pair, index) => {
    if (!isScalar(pair.key) || !isMap(pair.value)) throw new Error('an input is not a map');
    const comment = pair.key.commentBefore ?? (index === 0 ? map.commentBefore : '') ?? '';
    group = /--- (.+) ---/.exec(comment)?.[1]?.toLowerCase() ?? group;
    const description = String(pair.value.get('description'));
    const fallback = /^Default: (.+)$/m.exec(description)?.[1];
    return { name: String(pair.key.value), group, description, ...(fallback !== undefined && { fallback }) };
  });
}

const inputs = readInputs();
const groups = Map.groupBy(inputs, ({ group }) => group);

describe('action.yml and the inputs that are read', () => {
  test('have the same groups, with the same inputs in the same order', () => {
    expect([...groups].map(([group, members]) => [group, members.map(({ name }) => name)])).toEqual(
      Object.entries(INPUTS).map(([group, names]) => [group, [...names]]),
    );
  });

  test('say what each input is in sentences, and its default and example on lines of their own', () => {
    for (const { name, description } of inputs) {
      const [first = ''] = description.split('\n');
      expect([name, first]).toEqual([name, expect.stringMatching(/^[A-Z`].{10,}/)]);
      for (const line of description.split('\n')) {
        expect([name, line]).not.toEqual([name, expect.stringMatching(/\S.*\b(Default|Example): /)]);
      }
    }
  });

  test('hold no expression, at which the runner would refuse to load the action', () => {
    expect(readFileSync('action.yml', 'utf8')).not.toContain('${{');
  });

  test('have a second chance after a cancel', () => {
    expect(mapOf('runs').toJSON()).toEqual({
      using: 'node24',
      main: 'dist/index.js',
      post: expect.stringMatching(/^dist\/[a-z]+\.js$/),
      'post-if': 'always()',
    });
  });
});

const build = (plan: Plan): BuildPlan => {
  if (plan.image.kind !== 'build') throw new Error('nothing is built');
  return plan.image.build;
};

/** The plan where AWS is used, with no input that is not needed. */
const withAws = (inputs: Record<string, string> = {}): Plan => workspace().plan({ ...ALL_STAGES, ...inputs });

function job(inputs?: Record<string, string>): JobPlan {
  const plan = withAws(inputs).job;
  if (!plan) throw new Error('no job is planned');
  return plan;
}

function push(inputs?: Record<string, string>): PushPlan {
  const plan = withAws(inputs).push;
  if (!plan) throw new Error('no push is planned');
  return plan;
}

function register(inputs?: Record<string, string>): RegisterPlan {
  const plan = workspace().plan({ ...DEPLOY, ...inputs }).register;
  if (!plan) throw new Error('no version is planned');
  return plan;
}

function endpoint(inputs?: Record<string, string>): EndpointPlan {
  const plan = workspace().plan({ ...DEPLOY, ...inputs }).endpoint;
  if (!plan) throw new Error('no endpoint is planned');
  return plan;
}

const SHIFT = {
  stages: 'shift',
  'aws-region': 'eu-central-1',
  'endpoint-name': 'forecast',
  'shift-weights': 'green=1',
};

function shift(inputs?: Record<string, string>): ShiftPlan {
  const plan = workspace().plan({ ...SHIFT, ...inputs }).shift;
  if (!plan) throw new Error('no shift is planned');
  return plan;
}

const REMOVE = {
  stages: 'undeploy, clean-up',
  'aws-region': 'eu-central-1',
  'endpoint-name': 'forecast',
  repository: 'forecast',
};

function removal(inputs?: Record<string, string>): { undeploy: UndeployPlan; cleanUp: CleanUpPlan } {
  const { undeploy, cleanUp } = workspace().plan({ ...REMOVE, ...inputs });
  if (!undeploy || !cleanUp) throw new Error('no removal is planned');
  return { undeploy, cleanUp };
}

/** The endpoint of a container that brings its own sample. */
function endpointWithSample(inputs: Record<string, string> = {}): EndpointPlan {
  const repository = workspace();
  repository.file('container/sample/payload.csv');
  repository.file('container/sample/expected.csv', 'yes\n');
  repository.file('other.json');
  const plan = repository.plan({ ...DEPLOY, 'smoke-accept': 'text/csv', ...inputs }).endpoint;
  if (!plan) throw new Error('no endpoint is planned');
  return plan;
}

/** The plan of empty inputs where the container brings its own sample. */
function withSample(): SmokeTestPlan {
  const repository = workspace();
  repository.file('container/sample/train/rows.csv');
  repository.file('container/sample/payload.csv');
  repository.file('container/sample/payload.json');
  repository.file('container/sample/expected.csv', 'yes\n');
  return repository.plan().smokeTest;
}

/**
 * Each `Default:` line in its words, and what the plan of empty inputs must hold for it to be true. An input
 * without such a line must leave nothing in that plan.
 */
const DEFAULTS: Readonly<
  Record<string, readonly [words: string | undefined, holds: (plan: Plan, path: string) => void]>
> = {
  stages: [
    '`build, smoke-test`; with `image-uri`: `smoke-test`.',
    ({ stages }) => {
      expect(stages).toEqual(['build', 'smoke-test']);
      expect(workspace().plan({ 'image-uri': 'model:1' }).stages).toEqual(['smoke-test']);
    },
  ],
  'aws-region': [
    'what the environment or the AWS profile says (`AWS_REGION`, `AWS_DEFAULT_REGION`).',
    () => {
      const region = (env: Record<string, string>) =>
        workspace().plan({ ...ALL_STAGES, 'aws-region': '' }, env).aws.region;
      expect(region({ AWS_REGION: 'eu-west-1', AWS_DEFAULT_REGION: 'us-east-1' })).toBe('eu-west-1');
      expect(region({ AWS_DEFAULT_REGION: 'us-east-1' })).toBe('us-east-1');
    },
  ],
  'execution-role-arn': [undefined, (plan) => expect(plan).not.toHaveProperty('job')],
  tags: [undefined, ({ aws }) => expect(aws.tags.size).toBe(0)],
  context: ['`container`.', (plan, path) => expect(build(plan).context).toBe(join(path, 'container'))],
  dockerfile: [
    '`Dockerfile` in the context.',
    (plan) => expect(build(plan).dockerfile).toBe(join(build(plan).context, 'Dockerfile')),
  ],
  target: ['the last stage.', (plan) => expect(build(plan).target).toBeUndefined()],
  'build-args': [undefined, (plan) => expect(build(plan).buildArgs.size).toBe(0)],
  'build-secrets': [undefined, (plan) => expect(build(plan).secrets.size).toBe(0)],
  'build-secret-files': [undefined, (plan) => expect(build(plan).secrets.size).toBe(0)],
  labels: [undefined, (plan) => expect(build(plan).labels.size).toBe(0)],
  platform: [
    'from the instance types: `linux/arm64` for Graviton and Grace types, otherwise `linux/amd64`.',
    (plan) => {
      expect(build(plan).platform).toBe('linux/amd64');
      const graviton = workspace().plan({ 'endpoint-instance-type': 'ml.c7g.xlarge' });
      expect(build(graviton).platform).toBe('linux/arm64');
    },
  ],
  'cache-from': [undefined, (plan) => expect(build(plan).cacheFrom).toEqual([])],
  'cache-to': [undefined, (plan) => expect(build(plan).cacheTo).toEqual([])],
  pull: ['`false`.', (plan) => expect(build(plan).pull).toBe(false)],
  'image-uri': [undefined, ({ image }) => expect(image.kind).toBe('build')],
  repository: [undefined, (plan) => expect(plan).not.toHaveProperty('push')],
  'image-tags': [undefined, () => expect(push().imageTags).toEqual([])],
  'create-repository': ['`false`.', () => expect(push().createRepository).toBe(false)],
  'keep-images': ['all are kept.', () => expect(push()).not.toHaveProperty('keepImages')],
  'training-job-name': [
    'made from the repository, the workflow, the run and the attempt.',
    () => expect(job()).not.toHaveProperty('name'),
  ],
  'instance-type': ['`ml.m5.xlarge`.', ({ training }) => expect(training.instanceType).toBe('ml.m5.xlarge')],
  'instance-count': ['`1`.', () => expect(job().instanceCount).toBe(1)],
  'volume-size': ['`30`.', () => expect(job().volumeSizeInGB).toBe(30)],
  'max-runtime': ['`24h`.', () => expect(job().maxRuntimeInSeconds).toBe(24 * 3600)],
  spot: ['`false`.', () => expect(job().spot).toBe(false)],
  'max-wait': [
    'twice `max-runtime`.',
    () => {
      expect(job()).not.toHaveProperty('maxWaitTimeInSeconds');
      expect(job({ spot: 'true', 'max-runtime': '2h' }).maxWaitTimeInSeconds).toBe(4 * 3600);
    },
  ],
  'keep-alive': ['not kept.', () => expect(job()).not.toHaveProperty('keepAlivePeriodInSeconds')],
  'fallback-instance-types': [undefined, () => expect(job().fallbackInstanceTypes).toEqual([])],
  channels: [undefined, () => expect(job().channels).toEqual([])],
  'input-mode': ['`File`.', ({ training }) => expect(training.inputMode).toBe('File')],
  'output-path': [undefined, (plan) => expect(plan).not.toHaveProperty('job')],
  hyperparameters: [undefined, () => expect(job().hyperparameters.size).toBe(0)],
  entrypoint: ["the image's own.", ({ training }) => expect(training.entrypoint).toBeUndefined()],
  arguments: [
    '`train` alone, or nothing when there is an `entrypoint`.',
    ({ training }) => expect(training.arguments).toBeUndefined(),
  ],
  environment: [undefined, ({ training }) => expect(training.environment.size).toBe(0)],
  'toolkit-environment': ['`false`.', ({ training }) => expect(training.toolkitEnvironment).toBe(false)],
  'metric-definitions': [undefined, ({ training }) => expect(training.metricDefinitions).toEqual([])],
  'metric-gates': [undefined, () => expect(job().metricGates).toEqual([])],
  'checkpoint-path': [undefined, () => expect(job()).not.toHaveProperty('checkpointPath')],
  subnets: [undefined, () => expect(job().subnets).toEqual([])],
  'security-group-ids': [undefined, () => expect(job().securityGroupIds).toEqual([])],
  'network-isolation': ['`false`.', ({ training }) => expect(training.networkIsolation).toBe(false)],
  'kms-key-id': ['the keys that AWS uses by default.', () => expect(job()).not.toHaveProperty('kmsKeyId')],
  'training-overrides': [undefined, () => expect(job().overrides).toEqual({})],
  'hourly-price': [
    "asked of AWS's Price List API, where the role allows it.",
    () => expect(job()).not.toHaveProperty('hourlyPrice'),
  ],
  wait: ['`true`.', ({ follow }) => expect(follow.wait).toBe(true)],
  timeout: ["to the job's end.", ({ follow }) => expect(follow).not.toHaveProperty('timeoutSeconds')],
  'stall-timeout': ['never.', ({ follow }) => expect(follow).not.toHaveProperty('stallTimeoutSeconds')],
  'stop-when': ['never.', ({ follow }) => expect(follow).not.toHaveProperty('stopWhen')],
  'stop-on-cancel': ['`true`.', ({ follow }) => expect(follow.stopOnCancel).toBe(true)],
  'stream-logs': ['`true`.', ({ follow }) => expect(follow.streamLogs).toBe(true)],
  'model-package-group': [undefined, (plan) => expect(plan).not.toHaveProperty('register')],
  'create-model-package-group': ['`false`.', () => expect(register().createGroup).toBe(false)],
  'approval-status': [
    '`PendingManualApproval`; in the stage `approve`: `Approved`.',
    () => {
      expect(register().approvalStatus).toBe('PendingManualApproval');
      const { approve } = workspace().plan({
        ...DEPLOY_ONLY,
        stages: 'approve',
        'model-package': 'latest',
      });
      expect(approve?.status).toBe('Approved');
    },
  ],
  'model-description': [undefined, () => expect(register()).not.toHaveProperty('description')],
  'model-metadata': [undefined, () => expect(register().metadata.size).toBe(0)],
  'model-card': [undefined, () => expect(register()).not.toHaveProperty('card')],
  'model-content-types': [
    'those of the sample requests, otherwise `application/json`.',
    () => {
      expect(register().contentTypes).toEqual(['application/json']);
      const repository = workspace();
      repository.file('container/sample/payload.csv');
      expect(repository.plan(DEPLOY).register?.contentTypes).toEqual(['text/csv']);
    },
  ],
  'model-response-types': [
    'what the sample requests accept, otherwise `application/json`.',
    () => {
      expect(register().responseTypes).toEqual(['application/json']);
      const repository = workspace();
      repository.file('container/sample/payload.csv');
      const accepting = repository.plan({ ...DEPLOY, 'smoke-accept': 'text/csv' });
      expect(accepting.register?.responseTypes).toEqual(['text/csv']);
    },
  ],
  'model-instance-types': [
    'those of the endpoint.',
    () => expect(register().instanceTypes).toEqual(['ml.m5.large']),
  ],
  'model-package': [undefined, () => expect(endpoint().variants[0]?.model).toEqual({ kind: 'run' })],
  'approval-description': [undefined, (plan) => expect(plan).not.toHaveProperty('approve')],
  'endpoint-name': [undefined, (plan) => expect(plan).not.toHaveProperty('endpoint')],
  'endpoint-instance-type': [undefined, (plan) => expect(build(plan).platform).toBe('linux/amd64')],
  'endpoint-instance-count': [
    '`1`.',
    () => expect(endpoint().variants[0]?.hosting).toMatchObject({ kind: 'instance', count: 1 }),
  ],
  serverless: [
    'on instances. Of the map: 2048 MB, 5 at a time, none provisioned.',
    () => {
      const plan = endpoint({ 'endpoint-instance-type': '', serverless: '{}' });
      expect(plan.variants[0]?.hosting).toEqual({
        kind: 'serverless',
        memorySizeInMB: 2048,
        maxConcurrency: 5,
      });
    },
  ],
  variants: [
    'one, called `AllTraffic`.',
    () => expect(endpoint().variants.map(({ name }) => name)).toEqual(['AllTraffic']),
  ],
  'model-artifacts': [
    'what the stage `train` of this run wrote.',
    () => expect(endpoint().variants[0]?.model).toEqual({ kind: 'run' }),
  ],
  'endpoint-environment': [
    'those of `environment`.',
    () => expect([...endpoint({ environment: 'A=b' }).environment]).toEqual([['A', 'b']]),
  ],
  'async-inference': ['requests are answered at once.', () => expect(endpoint()).not.toHaveProperty('async')],
  'data-capture-path': ['they are not kept.', () => expect(endpoint()).not.toHaveProperty('dataCapture')],
  'data-capture-percentage': [
    '`100`.',
    () => expect(endpoint({ 'data-capture-path': 's3://bucket/x' }).dataCapture?.percentage).toBe(100),
  ],
  'deployment-policy': [
    '`all-at-once`. Of the map: 10 % (canary), 25 % (linear, rolling); `wait` 5 minutes with alarms.',
    () => {
      expect(endpoint()).not.toHaveProperty('policy');
      const policy = (text: string) => endpoint({ 'deployment-policy': text, 'rollback-alarms': 'a' }).policy;
      expect(policy('')).toMatchObject({ kind: 'all-at-once', waitSeconds: 300 });
      expect(policy('canary')).toMatchObject({ percent: 10, waitSeconds: 300 });
      expect(policy('linear')).toMatchObject({ percent: 25, waitSeconds: 300 });
      expect(policy('rolling')).toMatchObject({ percent: 25, waitSeconds: 300 });
    },
  ],
  'rollback-alarms': [undefined, () => expect(endpoint().rollbackAlarms).toEqual([])],
  'auto-scaling': ['left as it is.', () => expect(endpoint()).not.toHaveProperty('autoScaling')],
  'startup-timeout': [
    "SageMaker's own, 8 minutes.",
    () => expect(endpoint()).not.toHaveProperty('startupTimeoutSeconds'),
  ],
  'model-download-timeout': [
    "SageMaker's own.",
    () => expect(endpoint()).not.toHaveProperty('downloadTimeoutSeconds'),
  ],
  'endpoint-timeout': [
    '`60m`, and what the policy, the steps and the other two times take.',
    () => {
      expect(endpoint().timeoutSeconds).toBe(3600);
      expect(endpoint({ 'startup-timeout': '10m' }).timeoutSeconds).toBe(3600 + 600);
      expect(endpoint({ 'model-download-timeout': '10m' }).timeoutSeconds).toBe(3600 + 600);
      expect(endpoint({ 'rollback-alarms': 'a' }).timeoutSeconds).toBe(3600 + 300);
      expect(shift({ 'shift-steps': '2' }).timeoutSeconds).toBe(3600 + 600);
      expect(removal().undeploy.timeoutSeconds).toBe(3600);
    },
  ],
  'endpoint-payload': [
    'those of the smoke test.',
    () =>
      expect(endpointWithSample().proof.payloads.map(({ path }) => basename(path))).toEqual(['payload.csv']),
  ],
  'endpoint-content-type': [
    "that of the smoke test for its own; otherwise by the file's extension.",
    () => {
      const typesOf = (inputs: Record<string, string>) =>
        endpointWithSample(inputs).proof.payloads.map(({ contentType }) => contentType);
      expect(typesOf({ 'smoke-content-type': 'text/x' })).toEqual(['text/x']);
      expect(typesOf({ 'smoke-content-type': 'text/x', 'endpoint-payload': 'other.json' })).toEqual([
        'application/json',
      ]);
    },
  ],
  'endpoint-accept': [
    'that of the smoke test for its own; otherwise none is sent.',
    () => {
      expect(endpointWithSample().proof.payloads[0]?.accept).toBe('text/csv');
      expect(endpointWithSample({ 'endpoint-payload': 'other.json' }).proof.payloads[0]).not.toHaveProperty(
        'accept',
      );
    },
  ],
  'endpoint-expect': [
    'what the smoke test expects of its own.',
    () => expect(endpointWithSample().proof.payloads[0]?.expect).toBe('yes'),
  ],
  'endpoint-requests': ['`5`.', () => expect(endpoint().proof.repeats).toBe(5)],
  'endpoint-max-latency': [
    'it is shown, and judges nothing.',
    () => expect(endpoint().proof).not.toHaveProperty('maxLatencySeconds'),
  ],
  'failed-endpoint': ['`delete`.', () => expect(endpoint().failedEndpoint).toBe('delete')],
  'remove-superseded': ['`true`.', () => expect(endpoint().removeSuperseded).toBe(true)],
  'endpoint-overrides': [undefined, () => expect(endpoint().overrides).toEqual({})],
  'github-environment': [undefined, () => expect(endpoint()).not.toHaveProperty('github')],
  'shift-weights': [undefined, (plan) => expect(plan).not.toHaveProperty('shift')],
  'shift-steps': ['`1`.', () => expect(shift().steps).toBe(1)],
  'shift-interval': ['`5m`.', () => expect(shift().intervalSeconds).toBe(300)],
  'shift-gates': [undefined, () => expect(shift().gates).toEqual([])],
  'delete-repository': ['`false`.', () => expect(removal().undeploy).not.toHaveProperty('repository')],
  'delete-artifacts': ['`false`.', () => expect(removal().undeploy.artifacts).toBe(false)],
  'clean-up-ref': ['what is superseded, of any.', () => expect(removal().cleanUp).not.toHaveProperty('ref')],
  'keep-models': ['`2`.', () => expect(removal().cleanUp.keep).toBe(2)],
  'dry-run': [
    '`false`.',
    () => {
      expect(removal().undeploy.dryRun).toBe(false);
      expect(removal().cleanUp.dryRun).toBe(false);
    },
  ],
  'smoke-runs': ['`auto`.', ({ smokeTest }) => expect(smokeTest.runs).toBe('auto')],
  'smoke-channels': [
    'each folder in the folder `sample` of the context, as a channel of its name.',
    ({ smokeTest }) => {
      expect(smokeTest.channels.size).toBe(0);
      expect([...withSample().channels.keys()]).toEqual(['train']);
    },
  ],
  'smoke-hyperparameters': [
    'those of `hyperparameters`.',
    ({ smokeTest }) => {
      expect(smokeTest.hyperparameters.size).toBe(0);
      const both = workspace().plan({ hyperparameters: 'epochs=20' }).smokeTest.hyperparameters;
      expect([...both]).toEqual([['epochs', '20']]);
    },
  ],
  'smoke-model': [undefined, ({ smokeTest }) => expect(smokeTest.model).toBeUndefined()],
  'smoke-payload': [
    'each `payload.*` in the folder `sample` of the context.',
    ({ smokeTest }) => {
      expect(smokeTest.payloads).toEqual([]);
      expect(withSample().payloads.map(({ path }) => basename(path))).toEqual([
        'payload.csv',
        'payload.json',
      ]);
    },
  ],
  'smoke-content-type': [
    "by the file's extension: JSON, JSON Lines, CSV, text, NPY, images; otherwise `application/octet-stream`.",
    () => {
      const types = {
        'a.json': 'application/json',
        'a.jsonl': 'application/jsonlines',
        'a.csv': 'text/csv',
        'a.txt': 'text/plain',
        'a.npy': 'application/x-npy',
        'a.png': 'image/png',
        'a.jpg': 'image/jpeg',
        'a.bin': 'application/octet-stream',
      };
      const repository = workspace();
      for (const name of Object.keys(types)) repository.file(name);
      const plan = repository.plan({ 'smoke-payload': Object.keys(types).join('\n') });
      expect(plan.smokeTest.payloads.map(({ contentType }) => contentType)).toEqual(Object.values(types));
    },
  ],
  'smoke-accept': [
    'none is sent.',
    () => {
      const repository = workspace();
      repository.file('a.json');
      const [payload] = repository.plan({ 'smoke-payload': 'a.json' }).smokeTest.payloads;
      expect(payload).not.toHaveProperty('accept');
    },
  ],
  'smoke-expect': [
    'for `payload.csv` in the folder `sample`, what is in `expected.csv` beside it, if anything.',
    () => expect(withSample().payloads.map(({ expect: text }) => text)).toEqual(['yes', undefined]),
  ],
  'smoke-hosts': ['`1`.', ({ smokeTest }) => expect(smokeTest.hosts).toBe(1)],
  'smoke-memory': [
    "the Docker engine's memory.",
    ({ smokeTest }) => expect(smokeTest.memoryBytes).toBeUndefined(),
  ],
  'smoke-timeout': ['`10m`.', ({ smokeTest }) => expect(smokeTest.timeoutSeconds).toBe(10 * 60)],
  'smoke-severity': [undefined, ({ smokeTest }) => expect(smokeTest.severities.size).toBe(0)],
  summary: ['`true`.', ({ report }) => expect(report.summary).toBe(true)],
  annotations: ['`true`.', ({ report }) => expect(report.annotations).toBe(true)],
  comment: ['`false`.', ({ report }) => expect(report).not.toHaveProperty('comment')],
  'comment-key': [
    undefined,
    () => {
      const { report } = workspace().plan({ comment: 'true', 'github-token': 'ghs_x' });
      expect(report.comment?.subject.join('')).toBe('');
    },
  ],
  'baseline-ref': [undefined, ({ report }) => expect(report).not.toHaveProperty('baselineRef')],
  'github-token': [
    'what the variable `GITHUB_TOKEN` holds.',
    () => {
      const { report } = workspace().plan({ comment: 'true' }, { GITHUB_TOKEN: 'ghs_x' });
      expect(report.comment?.token).toBe('ghs_x');
    },
  ],
  'report-path': [
    "a folder in the runner's temporary directory.",
    () => {
      const { report } = workspace().plan({}, { RUNNER_TEMP: '/runner/temp' });
      expect(report.path).toMatch(/^\/runner\/temp\/./);
    },
  ],
};

describe('The default that action.yml says', () => {
  test.each(inputs.map(({ name, fallback }) => [name, fallback]))('of %s is true: %s', (name, fallback) => {
    const [words, holds] = DEFAULTS[name as string] ?? [];
    expect(fallback).toBe(words);
    const repository = workspace();
    holds?.(repository.plan(), repository.path);
    expect(holds).toBeDefined();
  });

  test('is known here for no input that does not exist', () => {
    expect(Object.keys(DEFAULTS)).toEqual(inputs.map(({ name }) => name));
  });
});

const ACCURACY = { 'metric-definitions': 'validation:accuracy=accuracy: ([0-9.]+)' };
const AWS = ['push', 'train'].flatMap((group) => groups.get(group) ?? []);

const membersOf = (group: string, needed: Readonly<Record<string, string>>) =>
  Object.fromEntries((groups.get(group) ?? []).map(({ name }) => [name, needed]));
const GIVEN = { ...DEPLOY, stages: 'build, push, deploy' };

/** What an example needs beside it, where it is about AWS. */
const NEEDED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...membersOf('register', DEPLOY),
  ...membersOf('deploy', DEPLOY),
  'model-package-group': { ...DEPLOY, 'model-package-group': 'other' },
  'endpoint-name': { ...DEPLOY, 'endpoint-name': 'other' },
  'model-package': { ...DEPLOY_ONLY, 'model-package': 'latest' },
  'approval-description': { ...DEPLOY_ONLY, stages: 'approve', 'model-package': 'latest' },
  'model-artifacts': { ...GIVEN, 'model-artifacts': 's3://bucket/other/model.tar.gz' },
  serverless: { ...DEPLOY, 'endpoint-instance-type': '', serverless: '{}' },
  'data-capture-percentage': { ...DEPLOY, 'data-capture-path': 's3://bucket/captured' },
  'endpoint-content-type': { ...DEPLOY, 'endpoint-payload': 'data/request.json' },
  'endpoint-accept': { ...DEPLOY, 'endpoint-payload': 'data/request.json' },
  'endpoint-expect': { ...DEPLOY, 'endpoint-payload': 'data/request.json' },
  'github-environment': { ...DEPLOY, 'github-token': 'ghs_x' },
  ...membersOf('shift, undeploy and clean-up', SHIFT),
  ...Object.fromEntries(
    ['delete-repository', 'delete-artifacts', 'clean-up-ref', 'keep-models', 'dry-run'].map((name) => [
      name,
      REMOVE,
    ]),
  ),
  ...Object.fromEntries(AWS.map(({ name }) => [name, ALL_STAGES])),
  'execution-role-arn': ALL_STAGES,
  'max-wait': { ...ALL_STAGES, spot: 'true', 'max-runtime': '5h' },
  'metric-gates': { ...ALL_STAGES, ...ACCURACY },
  subnets: { ...ALL_STAGES, 'security-group-ids': 'sg-1', subnets: 'subnet-1' },
  'security-group-ids': { ...ALL_STAGES, 'security-group-ids': 'sg-1', subnets: 'subnet-1' },
  'stop-when': ACCURACY,
  'comment-key': { comment: 'true', 'github-token': 'ghs_x' },
};

describe('The example that action.yml gives', () => {
  const examples = inputs.flatMap(({ name, description }) => {
    const example = /^Example: (.+)$/m.exec(description)?.[1];
    return example === undefined ? [] : [[name, example] as const];
  });

  test.each(examples)('for %s is accepted: %s', (name, example) => {
    const value = /^`([^`]+)`/.exec(example)?.[1] ?? '';
    const repository = workspace();
    for (const file of [
      'docker/train.Dockerfile',
      'secrets/netrc',
      'data/sample/rows.csv',
      'data/request.json',
    ]) {
      repository.file(file);
    }
    repository.file('container/sample-model/model.bin');
    repository.file('docs/model-card.md', '## Intended uses\n\nForecasts.\n');
    const needsPayload = ['smoke-content-type', 'smoke-accept', 'smoke-expect'].includes(name);
    const rest = { ...(needsPayload && { 'smoke-payload': 'data/request.json' }), ...(NEEDED[name] ?? {}) };
    const before = repository.plan(rest);
    const after = repository.plan({ ...rest, [name]: value });
    // Taken in, not passed over. The endpoint's type may decide nothing: its effect is on the platform.
    expect(JSON.stringify(after, maps)).not.toBe(JSON.stringify(before, maps));
  });
});

const maps = (_: string, value: unknown): unknown => (value instanceof Map ? [...value] : value);
