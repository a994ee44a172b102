import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml';
import { INPUTS } from '../../src/inputs.js';
import type { BuildPlan, JobPlan, Plan, PushPlan, SmokeTestPlan } from '../../src/plan.js';
import { ALL_STAGES, workspace } from './inputs/workspace.js';

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
  'endpoint-instance-type': [undefined, (plan) => expect(build(plan).platform).toBe('linux/amd64')],
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
  'baseline-ref': [undefined, ({ report }) => expect(report).not.toHaveProperty('baselineRef')],
  'github-token': [
    'what the variable `GITHUB_TOKEN` holds.',
    () => {
      const { report } = workspace().plan({ comment: 'true' }, { GITHUB_TOKEN: 'ghs_x' });
      expect(report.comment).toEqual({ token: 'ghs_x' });
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

/** What an example needs beside it, where it is about AWS. */
const NEEDED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  ...Object.fromEntries(AWS.map(({ name }) => [name, ALL_STAGES])),
  'execution-role-arn': ALL_STAGES,
  'max-wait': { ...ALL_STAGES, spot: 'true', 'max-runtime': '5h' },
  'metric-gates': { ...ALL_STAGES, ...ACCURACY },
  subnets: { ...ALL_STAGES, 'security-group-ids': 'sg-1', subnets: 'subnet-1' },
  'security-group-ids': { ...ALL_STAGES, 'security-group-ids': 'sg-1', subnets: 'subnet-1' },
  'stop-when': ACCURACY,
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
    const needsPayload = ['smoke-content-type', 'smoke-accept', 'smoke-expect'].includes(name);
    const rest = { ...(needsPayload && { 'smoke-payload': 'data/request.json' }), ...(NEEDED[name] ?? {}) };
    const before = repository.plan(rest);
    const after = repository.plan({ ...rest, [name]: value });
    // Taken in, not passed over. The endpoint's type may decide nothing: its effect is on the platform.
    expect(JSON.stringify(after, maps)).not.toBe(JSON.stringify(before, maps));
  });
});

const maps = (_: string, value: unknown): unknown => (value instanceof Map ? [...value] : value);
