import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { INPUTS, readPlan } from '../../src/inputs.js';
import { ALL_STAGES, only, temporaryFolder, workspace } from './inputs/workspace.js';

const names: readonly string[] = Object.values(INPUTS).flat();
const action = parse(readFileSync('action.yml', 'utf8'));

describe('the inputs', () => {
  test('are those of action.yml, in its order', () => {
    expect(Object.keys(action.inputs).sort()).toEqual([...names].sort());
  });

  test('have no default in action.yml, where it could not be told from a value that was given', () => {
    for (const [name, input] of Object.entries(action.inputs)) {
      expect([name, Object.keys(input as object)]).toEqual([name, ['description']]);
    }
  });

  test('need none of them given: the defaults build container/ and smoke-test it', () => {
    const repository = workspace();
    expect(repository.plan({}, { RUNNER_TEMP: '/temp', GITHUB_ACTION: 'step' })).toEqual({
      stages: ['build', 'smoke-test'],
      workspace: repository.path,
      image: {
        kind: 'build',
        build: {
          context: join(repository.path, 'container'),
          dockerfile: join(repository.path, 'container/Dockerfile'),
          buildArgs: new Map(),
          secrets: new Map(),
          labels: new Map(),
          platform: 'linux/amd64',
          cacheFrom: [],
          cacheTo: [],
          pull: false,
        },
      },
      training: {
        instanceType: 'ml.m5.xlarge',
        inputMode: 'File',
        environment: new Map(),
        metricDefinitions: [],
        networkIsolation: false,
        toolkitEnvironment: false,
      },
      smokeTest: {
        runs: 'auto',
        channels: new Map(),
        hyperparameters: new Map(),
        payloads: [],
        hosts: 1,
        timeoutSeconds: 600,
        severities: new Map(),
      },
      aws: { tags: new Map() },
      follow: { wait: true, stopOnCancel: true, streamLogs: true },
      report: { summary: true, annotations: true, path: '/temp/sagemaker-byoc/step' },
    });
  });

  test('that are given as the empty string or blanks, as the runner passes those that are not, are not given', () => {
    const repository = workspace();
    const empty = Object.fromEntries(names.map((name) => [name, name.length % 2 === 0 ? '' : ' \n ']));
    expect(repository.plan(empty)).toEqual(repository.plan());
  });

  test('all at once end up in the plan', () => {
    const repository = workspace();
    repository.file('app/Dockerfile.train');
    repository.file('data/train/a.csv');
    repository.file('model/model.bin');
    repository.file('request.json', '{}');
    repository.file('.netrc');
    const plan = repository.plan({
      stages: 'train, smoke-test, push, build',
      'aws-region': 'eu-central-1',
      'execution-role-arn': 'arn:aws:iam::123456789012:role/team/sagemaker',
      tags: 'team=forecasting',
      context: 'app',
      dockerfile: 'app/Dockerfile.train',
      target: 'final',
      'build-args': 'PYTHON_VERSION=3.13\nURL=https://a/?b=c',
      'build-secrets': 'token=s3cr3t==',
      'build-secret-files': 'netrc=.netrc',
      labels: 'team=forecasting',
      platform: 'linux/amd64',
      'cache-from': 'type=gha\ntype=registry,ref=ghcr.io/o/r:cache',
      'cache-to': 'type=gha,mode=max',
      pull: 'true',
      repository: '123456789012.dkr.ecr.eu-central-1.amazonaws.com/team/model',
      'image-tags': 'latest, v1.4',
      'create-repository': 'true',
      'keep-images': '20',
      'training-job-name': 'forecast-7',
      'instance-type': 'ml.g5.xlarge',
      'instance-count': '2',
      'volume-size': '100',
      'max-runtime': '3h',
      spot: 'true',
      'max-wait': '6h',
      'fallback-instance-types': 'ml.g5.2xlarge, ml.g6.xlarge',
      channels: 'train=s3://bucket/train\ntest=s3://bucket/test',
      'input-mode': 'FastFile',
      'output-path': 's3://bucket/models',
      hyperparameters: 'epochs=20',
      entrypoint: '["python", "train.py"]',
      arguments: '["--epochs", "3"]',
      environment: 'LOG_LEVEL=debug',
      'metric-definitions': 'loss=loss: ([0-9.]+)',
      'metric-gates': 'loss <= 0.25',
      'checkpoint-path': 's3://bucket/checkpoints',
      subnets: 'subnet-1, subnet-2',
      'security-group-ids': 'sg-1',
      'kms-key-id': 'alias/training',
      'training-overrides': 'RetryStrategy: {MaximumRetryAttempts: 2}',
      'hourly-price': '1.41',
      timeout: '5h',
      'stall-timeout': '30m',
      'stop-when': '{metric: loss, direction: minimize, patience: 10}',
      'stop-on-cancel': 'false',
      'stream-logs': 'false',
      'network-isolation': 'true',
      'toolkit-environment': 'true',
      'endpoint-instance-type': 'ml.m5.large',
      'smoke-runs': 'train, serve',
      'smoke-channels': 'train=data/train',
      'smoke-hyperparameters': 'lr: 0.10\nlayers: [1, 2]\nflag: true',
      'smoke-model': 'model',
      'smoke-payload': 'request.json',
      'smoke-accept': 'application/json',
      'smoke-expect': '{"ok": true}',
      'smoke-hosts': '2',
      'smoke-memory': '4g',
      'smoke-timeout': '90s',
      'smoke-severity': 'image-size=off\nserve-ping=warning',
      summary: 'false',
      annotations: 'false',
      comment: 'true',
      'comment-key': 'cuda',
      'github-token': 'ghs_secret',
      'report-path': 'reports',
    });
    const at = (path: string) => join(repository.path, path);
    expect(plan).toEqual({
      stages: ['build', 'smoke-test', 'push', 'train'],
      workspace: repository.path,
      image: {
        kind: 'build',
        build: {
          context: at('app'),
          dockerfile: at('app/Dockerfile.train'),
          target: 'final',
          buildArgs: new Map([
            ['PYTHON_VERSION', '3.13'],
            ['URL', 'https://a/?b=c'],
          ]),
          secrets: new Map([
            ['token', { kind: 'value', value: 's3cr3t==' }],
            ['netrc', { kind: 'file', path: at('.netrc') }],
          ]),
          labels: new Map([['team', 'forecasting']]),
          platform: 'linux/amd64',
          cacheFrom: ['type=gha', 'type=registry,ref=ghcr.io/o/r:cache'],
          cacheTo: ['type=gha,mode=max'],
          pull: true,
        },
      },
      training: {
        instanceType: 'ml.g5.xlarge',
        inputMode: 'FastFile',
        entrypoint: ['python', 'train.py'],
        arguments: ['--epochs', '3'],
        environment: new Map([['LOG_LEVEL', 'debug']]),
        metricDefinitions: [{ name: 'loss', regex: 'loss: ([0-9.]+)' }],
        networkIsolation: true,
        toolkitEnvironment: true,
      },
      smokeTest: {
        runs: ['train', 'serve'],
        channels: new Map([['train', at('data/train')]]),
        hyperparameters: new Map([
          ['lr', '0.10'],
          ['layers', '[1,2]'],
          ['flag', 'true'],
        ]),
        model: at('model'),
        payloads: [
          {
            path: at('request.json'),
            contentType: 'application/json',
            accept: 'application/json',
            expect: '{"ok": true}',
          },
        ],
        hosts: 2,
        memoryBytes: 4 * 2 ** 30,
        timeoutSeconds: 90,
        severities: new Map([
          ['image-size', 'off'],
          ['serve-ping', 'warning'],
        ]),
      },
      aws: { region: 'eu-central-1', tags: new Map([['team', 'forecasting']]) },
      push: {
        repository: 'team/model',
        registryId: '123456789012',
        imageTags: ['latest', 'v1.4'],
        createRepository: true,
        keepImages: 20,
      },
      job: {
        name: 'forecast-7',
        roleArn: 'arn:aws:iam::123456789012:role/team/sagemaker',
        instanceCount: 2,
        volumeSizeInGB: 100,
        maxRuntimeInSeconds: 10_800,
        spot: true,
        maxWaitTimeInSeconds: 21_600,
        fallbackInstanceTypes: ['ml.g5.2xlarge', 'ml.g6.xlarge'],
        channels: ['train', 'test'].map((name) => ({
          name,
          uri: `s3://bucket/${name}`,
          s3DataType: 'S3Prefix',
          distribution: 'FullyReplicated',
        })),
        outputPath: 's3://bucket/models',
        hyperparameters: new Map([['epochs', '20']]),
        checkpointPath: 's3://bucket/checkpoints',
        subnets: ['subnet-1', 'subnet-2'],
        securityGroupIds: ['sg-1'],
        kmsKeyId: 'alias/training',
        overrides: { RetryStrategy: { MaximumRetryAttempts: 2 } },
        metricGates: [{ metric: 'loss', operator: '<=', value: 0.25 }],
        hourlyPrice: 1.41,
      },
      follow: {
        wait: true,
        timeoutSeconds: 18_000,
        stallTimeoutSeconds: 1_800,
        stopWhen: { metric: 'loss', direction: 'minimize', patience: 10 },
        stopOnCancel: false,
        streamLogs: false,
      },
      report: {
        summary: false,
        annotations: false,
        comment: { token: 'ghs_secret', subject: expect.arrayContaining(['cuda']) },
        path: at('reports'),
      },
    });
  });

  test('wrong in every way are all told at once, each with its rule and its fix', () => {
    const problems = workspace().problems({
      stages: 'bild',
      'aws-region': 'frankfurt',
      'execution-role-arn': 'sagemaker-role',
      tags: 'aws:team=x',
      context: 'nowhere',
      target: 'a b',
      'build-args': 'nonsense',
      'build-secrets': 'nonsense',
      'build-secret-files': 'id=nowhere',
      labels: 'a b=c',
      platform: 'linux/arm',
      'cache-from': '["open',
      'cache-to': '- {a: b}',
      pull: 'yes',
      repository: 'Team/Model',
      'image-tags': 'v 1',
      'create-repository': 'yes',
      'keep-images': '0',
      'training-job-name': 'forecast_7',
      'instance-type': 'huge',
      'instance-count': '0',
      'volume-size': '30 GB',
      'max-runtime': '29d',
      spot: 'yes',
      'max-wait': 'long',
      'keep-alive': '7h',
      'fallback-instance-types': 'ml.c7g.xlarge',
      channels: 'train=data/train',
      'input-mode': 'file',
      'output-path': 'bucket/models',
      hyperparameters: '- a',
      entrypoint: 'python train.py',
      arguments: '--epochs 3',
      environment: '1A=b',
      'metric-definitions': 'loss=loss',
      'metric-gates': 'loss is small',
      'checkpoint-path': 's3:/bucket',
      subnets: 'sg-1',
      'security-group-ids': 'subnet-1',
      'kms-key-id': 'my key',
      'training-overrides': 'retryStrategy: {}',
      'hourly-price': '$1',
      wait: 'no',
      timeout: '0',
      'stall-timeout': '5s',
      'stop-when': 'metric=loss',
      'stop-on-cancel': 'no',
      'stream-logs': 'no',
      'network-isolation': '1',
      'toolkit-environment': 'on',
      'endpoint-instance-type': 'm5.large',
      'model-package-group': 'fore_cast',
      'create-model-package-group': 'yes',
      'approval-status': 'approved',
      'model-description': 'x'.repeat(1025),
      'model-metadata': 'a=',
      'model-card': 'nowhere.md',
      'model-content-types': 'csv',
      'model-response-types': 'csv',
      'model-instance-types': 'm5.large',
      'model-package': 'newest',
      'approval-description': 'x'.repeat(1025),
      'endpoint-name': 'fore_cast',
      'endpoint-instance-count': '0',
      serverless: 'memory=2048',
      variants: 'blue: 1',
      'model-artifacts': 'bucket/model',
      'endpoint-environment': '1A=b',
      'async-inference': 'failure-path=s3://bucket/x',
      'data-capture-path': 'bucket',
      'data-capture-percentage': '101',
      'deployment-policy': 'cannary',
      'rollback-alarms': 'arn:aws:cloudwatch:eu-central-1:123456789012:alarm:x',
      'auto-scaling': 'min=1',
      'startup-timeout': '2h',
      'model-download-timeout': '5s',
      'endpoint-timeout': 'long',
      'endpoint-payload': 'nowhere',
      'endpoint-content-type': 'json',
      'endpoint-accept': 'ü',
      'endpoint-expect': 'x',
      'endpoint-requests': '-1',
      'endpoint-max-latency': '500',
      'failed-endpoint': 'remove',
      'remove-superseded': 'yes',
      'endpoint-overrides': 'ProductionVariants: []',
      'github-environment': 'a\nb',
      'shift-weights': 'blue=much',
      'shift-steps': '0',
      'shift-interval': '5s',
      'shift-gates': 'Latency < 5ms',
      'delete-repository': 'yes',
      'delete-artifacts': 'yes',
      'clean-up-ref': 'a..b',
      'keep-models': '-1',
      'dry-run': 'yes',
      'smoke-runs': 'training',
      'smoke-channels': 'train=nowhere',
      'smoke-hyperparameters': '- a',
      'smoke-model': 'nowhere',
      'smoke-payload': 'nowhere',
      'smoke-content-type': 'json',
      'smoke-accept': 'ü',
      'smoke-expect': 'x',
      'smoke-hosts': '0',
      'smoke-memory': '1',
      'smoke-timeout': 'ten',
      'smoke-severity': 'image-size=fatal',
      summary: 'maybe',
      annotations: 'maybe',
      comment: 'maybe',
      'baseline-ref': 'main..next',
      'report-path': '../out',
      'smoke-chanels': 'train=data',
    });
    // All but `dockerfile`, whose absence follows from the context's, `image-uri`, which would forbid the others,
    // `smoke-expect`, `endpoint-expect` and `comment-key`, which take any text, and `github-token`, which only a
    // comment needs.
    const any = ['smoke-expect', 'endpoint-expect', 'comment-key'];
    const right = ['dockerfile', 'image-uri', 'github-token', ...any];
    const wrong = names.filter((name) => !right.includes(name));
    expect([...new Set(problems.map(({ input }) => input))].sort()).toEqual(
      [...wrong, 'smoke-chanels'].sort(),
    );
    for (const { rule, fix } of problems) {
      expect(rule).toMatch(/\.$/);
      expect(fix.length).toBeGreaterThan(5);
    }
  });

  test('with line ends of Windows mean the same', () => {
    const repository = workspace();
    const plan = repository.plan({ 'build-args': 'A=1\r\nB=2\r\n', stages: 'build\r\nsmoke-test\r\n' });
    expect(plan.image).toMatchObject({
      build: {
        buildArgs: new Map([
          ['A', '1'],
          ['B', '2'],
        ]),
      },
    });
  });

  test('come from the environment alone: no check of files without a workspace', () => {
    const problems = readPlan({ GITHUB_WORKSPACE: '/nowhere/at/all' }, []);
    expect('problems' in problems && problems.problems[0]).toMatchObject({
      input: 'GITHUB_WORKSPACE',
      fix: expect.stringContaining('actions/checkout'),
    });
  });
});

describe('an unknown input', () => {
  test('that is nearly one of ours: which one', () => {
    expect(only(workspace().problems({}, { 'INPUT_SMOKE-CHANELS': 'train=data' }))).toEqual({
      input: 'smoke-chanels',
      value: 'train=data',
      rule: 'This action has no input of this name.',
      fix: 'Did you mean `smoke-channels`?',
    });
  });

  test('that is none of ours: its value is not shown, and where it can have come from is', () => {
    const problem = only(workspace().problems({}, { 'INPUT_ROLE-TO-ASSUME': 'arn:aws:iam::1:role/x' }));
    expect(problem).toMatchObject({ input: 'role-to-assume', value: '***' });
    expect(problem.fix).toContain('Remove it from `with:`');
    expect(problem.fix).toContain("`env: { INPUT_ROLE-TO-ASSUME: '' }`");
  });

  test('with underscores may be a variable of the workflow: both ways out are told', () => {
    const problem = only(workspace().problems({}, { INPUT_SMOKE_CHANNELS: 'a=b' }));
    expect(problem.fix).toContain('Did you mean `smoke-channels`?');
    expect(problem.fix).toContain("`env: { INPUT_SMOKE_CHANNELS: '' }`");
  });

  test('that is empty is none', () => {
    expect(workspace().plan({}, { INPUT_OF_MINE: '' }).stages).toEqual(['build', 'smoke-test']);
  });

  test.each(['build-secret', 'BUILD_SECRETS', 'secrets', 'buildsecrets', 'build-secrest', 'token'])(
    '%s may hold a secret, which is not shown',
    (name) => {
      const problem = only(workspace().problems({ [name]: 'token=hunter2' }));
      expect(JSON.stringify(problem)).not.toContain('hunter2');
    },
  );

  test('does not stop the others from being told', () => {
    expect(
      workspace()
        .problems({ contxt: 'a', stages: 'bild', pull: 'x' })
        .map(({ input }) => input),
    ).toEqual(['contxt', 'stages', 'pull']);
  });
});

const KNOWN_STAGES =
  'Known: `build`, `smoke-test`, `push`, `train`, `register`, `approve`, `deploy`, `shift`, `undeploy`, `clean-up`.';

describe('stages', () => {
  test('run in their own order, whatever order they are named in', () => {
    expect(workspace().plan({ stages: '- smoke-test\n- build' }).stages).toEqual(['build', 'smoke-test']);
    expect(workspace().plan({ stages: 'build' }).stages).toEqual(['build']);
    expect(workspace().plan({ ...ALL_STAGES, stages: 'train, push, build' }).stages).toEqual([
      'build',
      'push',
      'train',
    ]);
  });

  test('that need AWS run only when they are named, whatever else is given', () => {
    const { stages, ...rest } = ALL_STAGES;
    const plan = workspace().plan({ ...rest, channels: 'train=s3://bucket/train' });
    expect(plan.stages).toEqual(['build', 'smoke-test']);
    expect(plan).not.toHaveProperty('push');
    expect(plan).not.toHaveProperty('job');
    expect(workspace().plan({ 'image-uri': 'model:1', stages: '' }).stages).toEqual(['smoke-test']);
  });

  test('that need AWS say all that they miss, together', () => {
    const problems = workspace().problems({ stages: ALL_STAGES.stages }, { HOME: '/nowhere' });
    expect(problems.map(({ input }) => input).sort()).toEqual([
      'aws-region',
      'execution-role-arn',
      'output-path',
      'repository',
    ]);
  });

  test('with an unknown name: the known ones and the nearest', () => {
    expect(only(workspace().problems({ stages: 'build, smoketest' }))).toEqual({
      input: 'stages',
      value: 'smoketest',
      rule: 'There is no stage of this name.',
      fix: `Did you mean \`smoke-test\`? ${KNOWN_STAGES}`,
    });
    expect(only(workspace().problems({ stages: 'publish' })).fix).toBe(KNOWN_STAGES);
  });

  test('named twice', () => {
    expect(only(workspace().problems({ stages: 'build,build' })).rule).toBe('The stage is named twice.');
  });

  test('without build need an image', () => {
    expect(only(workspace().problems({ stages: 'smoke-test' })).fix).toBe(
      'Add `build` to `stages`, or set `image-uri`.',
    );
  });

  test('without smoke-test take no input of the smoke test', () => {
    expect(workspace().problems({ stages: 'build', 'smoke-hosts': '2', 'smoke-memory': '4g' })).toEqual([
      expect.objectContaining({
        input: 'smoke-hosts',
        rule: expect.stringContaining('`stages` does not name it'),
      }),
      expect.objectContaining({ input: 'smoke-memory' }),
    ]);
  });
});

describe('image-uri', () => {
  const id = `sha256:${'0a'.repeat(32)}`;

  test.each([
    'python',
    'python:3.13-slim',
    'ghcr.io/org/model:1.4',
    'localhost:5000/model',
    '123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/model__x.y-z:v1_2.3',
    `ghcr.io/org/model@${id}`,
    `ghcr.io/org/model:1.4@${id}`,
    id,
  ])('%s is an image, tested without a build', (uri) => {
    expect(workspace().plan({ 'image-uri': uri })).toMatchObject({
      stages: ['smoke-test'],
      image: { kind: 'image', uri, platform: 'linux/amd64' },
    });
  });

  test('needs no Dockerfile in the repository', () => {
    const empty = temporaryFolder();
    expect('plan' in readPlan({ GITHUB_WORKSPACE: empty, 'INPUT_IMAGE-URI': 'a' }, [])).toBe(true);
  });

  test.each([
    ['https://ghcr.io/org/model', 'web address', 'Remove what comes before the host'],
    ['ghcr.io/Org/Model:1', 'Is not an image', '`ghcr.io/org/model:1`?'],
    ['model:', 'Is not an image', 'ghcr.io/org/model:1.4'],
    ['a b', 'Is not an image', 'ghcr.io/org/model:1.4'],
    ['--privileged', 'Is not an image', 'ghcr.io/org/model:1.4'],
    ['model@sha256:123', 'Is not an image', 'ghcr.io/org/model:1.4'],
    [`a/${'b'.repeat(254)}`, 'at most 255 characters', 'Shorten it.'],
  ])('%s is none', (uri, rule, fix) => {
    expect(only(workspace().problems({ 'image-uri': uri }))).toMatchObject({
      input: 'image-uri',
      rule: expect.stringContaining(rule),
      fix: expect.stringContaining(fix),
    });
  });

  test('excludes what is for a build, each named', () => {
    const problems = workspace().problems({
      'image-uri': 'a',
      stages: 'build, smoke-test',
      context: 'container',
      'build-args': 'a=b',
      'build-secrets': 'token=hunter2',
      pull: 'true',
      platform: 'linux/arm64',
    });
    expect(problems.map(({ input }) => input)).toEqual([
      'stages',
      'context',
      'build-args',
      'build-secrets',
      'pull',
    ]);
    expect(problems[1]).toMatchObject({ fix: 'Remove `context`, or remove `image-uri`.' });
    expect(JSON.stringify(problems)).not.toContain('hunter2');
  });

  test('takes `pull: false`, which a reusable workflow hands on when nobody asked', () => {
    expect(workspace().plan({ 'image-uri': 'a', pull: 'false' }).stages).toEqual(['smoke-test']);
  });
});

describe('the platform', () => {
  const platform = (inputs: Record<string, string>) => {
    const { image } = workspace().plan(inputs);
    return image.kind === 'build' ? image.build.platform : image.platform;
  };

  test('is that of the instance types', () => {
    expect(platform({ 'instance-type': 'ml.g5.xlarge' })).toBe('linux/amd64');
    expect(platform({ 'endpoint-instance-type': 'ml.c7g.xlarge' })).toBe('linux/arm64');
    expect(platform({ platform: 'linux/arm64' })).toBe('linux/arm64');
  });

  test('fits the instance types and these fit each other', () => {
    expect(
      only(workspace().problems({ platform: 'linux/arm64', 'instance-type': 'ml.m5.xlarge' })).rule,
    ).toBe('`instance-type` (ml.m5.xlarge) runs images for linux/amd64 only.');
    expect(
      only(
        workspace().problems({ 'instance-type': 'ml.m5.xlarge', 'endpoint-instance-type': 'ml.c7g.xlarge' }),
      ),
    ).toMatchObject({
      input: 'endpoint-instance-type',
      rule: expect.stringContaining('one image cannot run on both'),
    });
  });

  test('is one of two', () => {
    expect(only(workspace().problems({ platform: 'amd64' })).fix).toContain('Did you mean `linux/amd64`?');
  });
});

describe('secrets of the build', () => {
  test('come through whole, over several lines in the form of JSON', () => {
    const key = '-----BEGIN KEY-----\r\na=b:c\n-----END KEY-----\n';
    const { image } = workspace().plan({ 'build-secrets': JSON.stringify({ key, 'a.b_c-d': '' }) });
    expect(image).toMatchObject({
      build: {
        secrets: new Map([
          ['key', { kind: 'value', value: key }],
          ['a.b_c-d', { kind: 'value', value: '' }],
        ]),
      },
    });
  });

  test('torn apart, or under a name that is none, show nothing of their value', () => {
    const key = '-----BEGIN hunter2-----\nhunter2line=\nhunter2\n-----END hunter2-----';
    for (const text of [
      `key=${key}`,
      key,
      `key: ${key}`,
      `{"hunter2 !": "hunter2"}`,
      `[hunter2]`,
      'a=hunter2\na=hunter2',
    ]) {
      const problems = workspace().problems({ 'build-secrets': text });
      expect(JSON.stringify(problems)).not.toContain('hunter2');
      expect(problems[0]?.value).toBe('***');
    }
  });

  test('from files: in the workspace, or outside by the full path', () => {
    const repository = workspace();
    const outside = join(temporaryFolder(), 'token');
    repository.file('netrc');
    symlinkSync('/etc/hostname', join(repository.path, 'link'));
    expect(only(repository.problems({ 'build-secret-files': `a=netrc\nb=${outside}` })).rule).toContain(
      'The file of secret `b` does not exist',
    );
    expect(only(repository.problems({ 'build-secret-files': 'a=link' })).rule).toContain(
      'outside of the workspace',
    );
    expect(repository.plan({ 'build-secret-files': 'a=netrc\nb=/etc/hostname' }).image).toMatchObject({
      build: {
        secrets: new Map([
          ['a', { kind: 'file', path: join(repository.path, 'netrc') }],
          ['b', { kind: 'file', path: '/etc/hostname' }],
        ]),
      },
    });
  });

  test('are given once, under an id', () => {
    const repository = workspace();
    repository.file('netrc');
    expect(
      only(repository.problems({ 'build-secrets': 'a=1', 'build-secret-files': 'a=netrc' })),
    ).toMatchObject({
      input: 'build-secret-files',
      rule: 'The secret is given in `build-secrets` too.',
    });
    expect(only(repository.problems({ 'build-secret-files': 'a b=netrc' })).value).toBe('a b');
  });
});

describe('names of build arguments, labels, targets and variables', () => {
  test.each([
    ['build-args', 'A B: 1', 'A build argument cannot have this name.'],
    ['labels', '"a=b": 1', 'A label cannot have this name.'],
    ['target', '-x', 'Is not the name of a build stage.'],
    ['environment', 'MY-VAR=1', 'The name of a variable has letters, digits and `_`'],
    ['environment', `A=${'x'.repeat(513)}`, 'at most 512 characters in SageMaker; this one has 513'],
    [
      'environment',
      Array.from({ length: 101 }, (_, i) => `A${i}=1`).join('\n'),
      'at most 100 environment variables; these are 101',
    ],
    ['smoke-hyperparameters', `a=${'x'.repeat(2_501)}`, 'at most 2500 characters'],
    ['smoke-hyperparameters', `${'x'.repeat(257)}=1`, 'at most 256 characters'],
    [
      'smoke-hyperparameters',
      Array.from({ length: 101 }, (_, i) => `a${i}=1`).join('\n'),
      'at most 100 hyperparameters; these are 101',
    ],
  ])('%s=%.20s… is refused', (name, text, rule) => {
    expect(only(workspace().problems({ [name]: text }))).toMatchObject({
      input: name,
      rule: expect.stringContaining(rule),
    });
  });
});

describe('entrypoint and arguments', () => {
  test('are words, one a line or as a list', () => {
    const { training } = workspace().plan({
      entrypoint: 'python\n/opt/my program.py',
      arguments: '["a b", "--c d"]',
    });
    expect(training).toMatchObject({
      entrypoint: ['python', '/opt/my program.py'],
      arguments: ['a b', '--c d'],
    });
  });

  test('that a shell would have to split are refused, with the list that is meant', () => {
    expect(only(workspace().problems({ entrypoint: 'python train.py' })).fix).toContain(
      '`["python", "train.py"]`',
    );
    expect(only(workspace().problems({ arguments: '--epochs 3' })).fix).toContain('`["--epochs", "3"]`');
  });

  test('are 1 to 100 of at most 256 characters', () => {
    expect(only(workspace().problems({ entrypoint: '[]' })).rule).toContain('1 to 100 words; these are 0');
    expect(only(workspace().problems({ arguments: 'a\n'.repeat(101) })).rule).toContain('these are 101');
    expect(only(workspace().problems({ arguments: 'a'.repeat(257) })).rule).toContain(
      'at most 256 characters',
    );
  });
});

describe('smoke-runs', () => {
  test('are chosen by the action or named', () => {
    expect(workspace().plan({ 'smoke-runs': 'auto' }).smokeTest.runs).toBe('auto');
    expect(workspace().plan({ 'smoke-runs': 'serve\nstop' }).smokeTest.runs).toEqual(['stop', 'serve']);
  });

  test('are known, and auto stands alone', () => {
    expect(only(workspace().problems({ 'smoke-runs': 'brokeninput' })).fix).toContain(
      'Did you mean `broken-input`?',
    );
    expect(only(workspace().problems({ 'smoke-runs': 'auto, train' })).rule).toContain('`auto` stands alone');
  });
});

describe('smoke-channels', () => {
  test('have names that SageMaker takes, and are at most 20', () => {
    const repository = workspace();
    repository.file('a');
    expect(only(repository.problems({ 'smoke-channels': 'tr/ain=a' }))).toMatchObject({ value: 'tr/ain' });
    for (const dots of ['.', '..']) {
      expect(only(repository.problems({ 'smoke-channels': `${dots}=a` }))).toMatchObject({ value: dots });
    }
    expect(only(repository.problems({ 'smoke-channels': `${'x'.repeat(65)}=a` })).rule).toContain('1 to 64');
    const many = Array.from({ length: 21 }, (_, index) => `c${index}=a`).join('\n');
    expect(only(repository.problems({ 'smoke-channels': many })).rule).toContain(
      'at most 20 channels; these are 21',
    );
  });
});

describe('smoke-severity', () => {
  test('names checks that exist and one of three words', () => {
    expect(
      workspace().problems({ 'smoke-severity': 'image-siez=off\nserve-ping=warn\ntrain=error' }),
    ).toEqual([
      expect.objectContaining({
        value: 'image-siez',
        fix: expect.stringContaining('Did you mean `image-size`?'),
      }),
      expect.objectContaining({
        value: 'serve-ping=warn',
        fix: expect.stringContaining('Did you mean `warning`?'),
      }),
      expect.objectContaining({ value: 'train', rule: 'There is no check of this id.' }),
    ]);
  });
});

describe('sample requests', () => {
  test('are files, or all of a folder by name, hidden ones left out; the type follows the ending', () => {
    const repository = workspace();
    for (const name of ['r/b.csv', 'r/a.json', 'r/.gitkeep', 'r/.hidden/c.json', 'one.npy'])
      repository.file(name);
    const { payloads } = repository.plan({ 'smoke-payload': 'one.npy\nr' }).smokeTest;
    expect(payloads).toEqual([
      { path: join(repository.path, 'one.npy'), contentType: 'application/x-npy' },
      { path: join(repository.path, 'r/a.json'), contentType: 'application/json' },
      { path: join(repository.path, 'r/b.csv'), contentType: 'text/csv' },
    ]);
  });

  test('are at most as large as InvokeEndpoint takes, and named once', () => {
    const repository = workspace();
    repository.file('big', 'x'.repeat(6_291_457));
    repository.file('most', 'x'.repeat(6_291_456));
    repository.folder('none');
    const rules = repository.problems({ 'smoke-payload': 'big\nmost\n./most\nnone' }).map(({ rule }) => rule);
    expect(rules).toEqual([
      'The request has 6291457 bytes; InvokeEndpoint takes at most 6291456.',
      'The request is named twice.',
      'The folder holds no sample request.',
    ]);
  });

  test('expect one text of all answers, JSON that names no file included', () => {
    const repository = workspace();
    repository.file('a.json');
    for (const expected of ['{"predictions": [0]}', 'score', '[0.1]', 'a: b', 'class=3']) {
      expect(
        repository.plan({ 'smoke-payload': 'a.json', 'smoke-expect': expected }).smokeTest.payloads,
      ).toMatchObject([{ expect: expected }]);
    }
  });

  test('expect each their own, by path or file name', () => {
    const repository = workspace();
    repository.file('r/a.json');
    repository.file('r/b.json');
    repository.file('r/c.json');
    const { payloads } = repository.plan({
      'smoke-payload': 'r',
      'smoke-expect': 'a.json: {"p": [1, 0.10]}\nr/b.json: "no: 1"',
    }).smokeTest;
    expect(payloads.map(({ expect: expected }) => expected)).toEqual(['{"p":[1,0.10]}', 'no: 1', undefined]);
  });

  test('a mistyped file name in the expectations is a mistake, not a text', () => {
    const repository = workspace();
    repository.file('request.json');
    expect(
      only(repository.problems({ 'smoke-payload': 'request.json', 'smoke-expect': 'reqest.json=1' })),
    ).toMatchObject({
      input: 'smoke-expect',
      fix: expect.stringContaining('Did you mean `request.json`?'),
    });
  });

  test('have headers that can be sent', () => {
    const repository = workspace();
    repository.file('a.json');
    const headers = (type: string) => ({
      'smoke-payload': 'a.json',
      'smoke-content-type': type,
      'smoke-accept': type,
    });
    expect(repository.plan(headers('text/csv; charset=utf-8')).smokeTest.payloads).toMatchObject([
      { contentType: 'text/csv; charset=utf-8', accept: 'text/csv; charset=utf-8' },
    ]);
    for (const bad of ['json', 'text/csv\nX-Evil: 1', 'text/ü', `a/${'b'.repeat(1_025)}`]) {
      expect(repository.problems(headers(bad)).map(({ input }) => input)).toEqual([
        'smoke-content-type',
        'smoke-accept',
      ]);
    }
  });

  test('are needed for what is about them', () => {
    expect(
      workspace()
        .problems({ 'smoke-accept': 'text/csv', 'smoke-expect': '1' })
        .map(({ input }) => input),
    ).toEqual(['smoke-accept', 'smoke-expect']);
  });
});
