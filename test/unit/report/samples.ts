/** Whole records as a run makes them, for the tests of the report and for looking at it. */
import type {
  CheckGroup,
  CheckResult,
  Diagnosis,
  RunRecord,
  Severity,
  SourceRecord,
} from '../../../src/plan.js';

const source: SourceRecord = {
  repository: 'octo-org/churn-model',
  serverUrl: 'https://github.com',
  commit: '6f1e0c5a9d3b7482e1c0f4a6b8d2e3f5a7091c3d',
  ref: 'refs/pull/42/merge',
  runUrl: 'https://github.com/octo-org/churn-model/actions/runs/1234567890',
  actor: 'octocat',
  workflow: 'container',
};

const image = {
  uri: 'churn-model:6f1e0c5',
  id: 'sha256:3b1f2a9c7d5e8046b1c3d5f7a9e2c4b6d8f0a1b3c5d7e9f1a2b4c6d8e0f2a4b6',
  platform: 'linux/amd64',
  sizeBytes: 812_345_678,
};

const buildPassed = {
  stage: 'build',
  status: 'passed',
  seconds: 38.2,
  detail: 'Built churn-model:6f1e0c5, 812 MB, 14 of 17 steps from the cache.',
} as const;

const row = (
  group: CheckGroup,
  id: string,
  title: string,
  evidence: string,
  severity: Severity = 'error',
  seconds?: number,
): CheckResult => ({
  id,
  group,
  title,
  severity,
  status: 'passed',
  evidence,
  ...(seconds !== undefined && { seconds }),
});

const CHECKS: readonly CheckResult[] = [
  row(
    'image',
    'image-architecture',
    'The image is built for the processor that SageMaker runs it on',
    'The image is linux/amd64.',
  ),
  row(
    'image',
    'image-entrypoint',
    'The ENTRYPOINT has the exec form and is not tini',
    'The image has no ENTRYPOINT: `train` and `serve` are looked up on PATH.',
    'warning',
  ),
  row('image', 'image-user', 'The image runs as root', 'The image runs as root.', 'warning'),
  row(
    'image',
    'image-size',
    'The image is small enough for every kind of endpoint',
    'The image takes 0.76 GiB.',
    'warning',
  ),
  row(
    'image',
    'image-opt-ml',
    'The image holds nothing where SageMaker mounts its own folders',
    'Nothing is baked into the reserved folders.',
    'warning',
  ),
  row('training', 'train-starts', 'The container starts with the argument train', 'train ran as process 1.'),
  row(
    'training',
    'train-exit-code',
    'Training ends with exit code 0',
    'Exit code 0 after 21.4 s.',
    'error',
    21.4,
  ),
  row(
    'training',
    'train-model',
    'Training writes a model to /opt/ml/model',
    'model.joblib (184 kB) and 2 more files.',
  ),
  row(
    'training',
    'train-model-archive',
    'The model holds only what model.tar.gz can carry to an endpoint',
    '3 files, 187 kB, no links.',
  ),
  row(
    'training',
    'train-metrics',
    'Every metric definition finds its numbers in the log',
    'train:loss found 40 numbers, validation:accuracy 40.',
    'warning',
  ),
  row(
    'training',
    'train-broken-input',
    'Training without its data fails',
    'Exit code 1 without the channel training.',
    'error',
    2.1,
  ),
  row(
    'training',
    'train-failure-file',
    'A failing training explains itself in /opt/ml/output/failure',
    '“Training channel is empty: /opt/ml/input/data/training”',
    'warning',
  ),
  row(
    'training',
    'train-sigterm',
    'Training stops within 120 seconds of SIGTERM',
    'Ended 0.4 s after SIGTERM with exit code 143.',
    'warning',
    0.4,
  ),
  row(
    'hosting',
    'serve-starts',
    'The container starts with the argument serve and stays up',
    'Up for 9.8 s.',
    'error',
    9.8,
  ),
  row(
    'hosting',
    'serve-port',
    'The server listens on port 8080 of all interfaces',
    'Listens on 0.0.0.0:8080.',
    'error',
    1.3,
  ),
  row(
    'hosting',
    'serve-ping',
    'GET /ping answers 200 within the start window',
    '200 after 1.9 s.',
    'error',
    1.9,
  ),
  row(
    'hosting',
    'serve-ping-load',
    'GET /ping answers within 2 seconds while requests are answered',
    '50 pings, the slowest 0.12 s.',
    'error',
    0.12,
  ),
  row(
    'hosting',
    'serve-invocations',
    'POST /invocations answers each sample with a 2xx status',
    '200 to test/payload.csv.',
    'error',
    0.03,
  ),
  row(
    'hosting',
    'serve-content-type',
    'Each answer has the content type that was asked for',
    'text/csv; charset=utf-8.',
  ),
  row(
    'hosting',
    'serve-bad-payload',
    'A payload that makes no sense is answered with a 4xx status',
    '400 “could not parse the body as CSV”',
    'warning',
  ),
  row(
    'hosting',
    'serve-survives',
    'The server lives on after a payload that makes no sense',
    'GET /ping answers 200.',
  ),
  row(
    'hosting',
    'serve-sigterm',
    'The server stops within 30 seconds of SIGTERM',
    'Ended after 0.6 s.',
    'warning',
    0.6,
  ),
];

const change = (id: string, patch: Partial<CheckResult>, checks: readonly CheckResult[]): CheckResult[] =>
  checks.map((check) => (check.id === id ? { ...check, ...patch } : check));

const skip = (group: CheckGroup, why: string, except: readonly string[]) => (check: CheckResult) =>
  check.group === group && !except.includes(check.id)
    ? ({
        id: check.id,
        group,
        title: check.title,
        severity: check.severity,
        status: 'skipped',
        evidence: why,
      } as const)
    : check;

const curve = (from: number, to: number): number[] =>
  Array.from({ length: 40 }, (_, epoch) =>
    Number((to + (from - to) * Math.exp(-epoch / 9) + 0.012 * Math.sin(epoch * 2.1)).toFixed(4)),
  );

export const green: RunRecord = {
  version: 1,
  outcome: 'passed',
  source,
  startedAt: '2026-02-03T10:11:12.345Z',
  seconds: 74.6,
  stages: [
    buildPassed,
    {
      stage: 'smoke-test',
      status: 'passed',
      seconds: 36.4,
      detail: 'Ran train, broken-input, stop and serve: 21 passed, 1 skipped.',
    },
  ],
  image,
  checks: CHECKS.map(
    skip('hosting', 'No bad payload is sent: `smoke-payload` is empty.', [
      ...CHECKS.map(({ id }) => id).filter((id) => id !== 'serve-bad-payload'),
    ]),
  ),
  metrics: [
    { name: 'train:loss', values: curve(0.71, 0.118) },
    { name: 'validation:accuracy', values: curve(0.52, 0.934) },
    { name: 'model:size_bytes', values: [187_402] },
  ],
  annotations: [],
  notices: ['The image was built with `--provenance=false`: SageMaker hosting refuses OCI manifests.'],
};

const TRACEBACK = [
  '2026-02-03 10:11:41 INFO reading /opt/ml/input/data/training',
  '2026-02-03 10:11:41 INFO 1200 rows, 14 columns',
  'Traceback (most recent call last):',
  '  File "/opt/program/train", line 88, in <module>',
  '    main()',
  '  File "/opt/program/train", line 61, in main',
  '    model.fit(frame[FEATURES], frame["churned"], max_depth=params["max_depth"])',
  '  File "/usr/local/lib/python3.12/site-packages/sklearn/tree/_classes.py", line 1031, in fit',
  '    raise InvalidParameterError(msg)',
  "sklearn.utils._param_validation.InvalidParameterError: The 'max_depth' parameter must be an int in the range [1, inf) or None. Got '5' instead.",
];

const DIAGNOSIS: Diagnosis = {
  id: 'P12',
  class: 'hyperparameter-is-a-string',
  cause:
    'The program computes with a text where it needs a number. On SageMaker every hyperparameter is a string, whatever its type was in the request, so this is most likely a value of hyperparameters.json.',
  fix: 'Convert each value when it is read: `int(hp["epochs"])`, `float(hp["lr"])`; `json.loads()` copes with numbers, booleans and lists alike.',
  evidence: TRACEBACK.at(-1) ?? '',
  location: { path: 'container/train', line: 61 },
};

export const failing: RunRecord = {
  ...green,
  outcome: 'failed',
  seconds: 66.1,
  stages: [
    buildPassed,
    {
      stage: 'smoke-test',
      status: 'failed',
      seconds: 27.9,
      detail: 'Ran train, broken-input and serve: 2 errors, 2 warnings.',
    },
  ],
  checks: change(
    'image-user',
    {
      status: 'failed',
      evidence: 'The image runs as user “app”.',
      fix: 'Remove the USER instruction, or switch back to root in the last stage of the Dockerfile: `USER root`.',
    },
    change(
      'train-exit-code',
      {
        status: 'failed',
        evidence: `Exit code 1 after 3.2 s. ${DIAGNOSIS.cause}`,
        seconds: 3.2,
        fix: DIAGNOSIS.fix,
        lines: TRACEBACK,
      },
      change(
        'train-failure-file',
        {
          status: 'failed',
          evidence: 'The program failed and wrote no /opt/ml/output/failure.',
          fix: 'Catch the exception in the entry point and write `traceback.format_exc()` to `/opt/ml/output/failure`: SageMaker shows its first 1024 characters as the reason.',
        },
        change(
          'serve-port',
          {
            status: 'failed',
            evidence: 'The server listens on 127.0.0.1:8080 only.',
            fix: 'Bind the server to all interfaces: `gunicorn --bind 0.0.0.0:8080`.',
            lines: [
              '[2026-02-03 10:11:52 +0000] [7] [INFO] Starting gunicorn 23.0.0',
              '[2026-02-03 10:11:52 +0000] [7] [INFO] Listening at: http://127.0.0.1:8080 (7)',
            ],
          },
          CHECKS.map(
            skip('training', 'There is no finished training to look at: see `train-exit-code`.', [
              'train-starts',
              'train-exit-code',
              'train-failure-file',
              'train-broken-input',
            ]),
          ).map(
            skip('hosting', 'The server was not reached: see `serve-port`.', ['serve-starts', 'serve-port']),
          ),
        ),
      ),
    ),
  ),
  metrics: [{ name: 'train:loss', values: [] }],
  diagnosis: DIAGNOSIS,
  annotations: [
    {
      level: 'error',
      title: 'Hyperparameter is a string',
      message: `${DIAGNOSIS.evidence}\n${DIAGNOSIS.cause}\n${DIAGNOSIS.fix}`,
      location: { path: 'container/train', line: 61 },
    },
  ],
  notices: [],
};

/** A server on loopback, in an image whose training is right. */
export const hostingFailed: RunRecord = {
  ...green,
  outcome: 'failed',
  stages: [
    buildPassed,
    { stage: 'smoke-test', status: 'failed', seconds: 52, detail: '14 checks passed, 1 failed, 7 skipped.' },
  ],
  checks: change(
    'serve-port',
    {
      status: 'failed',
      evidence:
        'Port 8080 cannot be reached from outside (waited 30 s). The container listens on 127.0.0.1:8080.',
      fix: 'Bind to 0.0.0.0:8080, for example `app.run(host="0.0.0.0", port=8080)` or `gunicorn --bind 0.0.0.0:8080`.',
      lines: [
        " * Serving Flask app 'server'",
        ' * Debug mode: off',
        'WARNING: This is a development server. Do not use it in a production deployment. Use a production WSGI server instead.',
        ' * Running on http://127.0.0.1:8080',
        'Press CTRL+C to quit',
      ],
    },
    CHECKS.map(skip('hosting', 'Not judged: see serve-port.', ['serve-starts', 'serve-port'])),
  ),
  diagnosis: {
    id: 'E10',
    class: 'server-on-loopback',
    cause:
      'The server listens on 127.0.0.1:8080, which nothing outside of the container can reach. SageMaker calls port 8080 on all interfaces.',
    fix: 'Bind the server to 0.0.0.0:8080 (Flask: `app.run(host="0.0.0.0", port=8080)`; gunicorn: `--bind 0.0.0.0:8080`; uvicorn: `--host 0.0.0.0 --port 8080`).',
    evidence: '* Running on http://127.0.0.1:8080',
  },
  notices: [],
};

/** Everything works, and two things could be better. */
export const warned: RunRecord = {
  ...green,
  checks: change(
    'image-user',
    {
      status: 'failed',
      evidence: 'The image runs as user “app”.',
      fix: 'Remove the `USER` instruction, or switch back to root in the last stage of the Dockerfile: `USER root`.',
    },
    change(
      'serve-sigterm',
      {
        status: 'failed',
        evidence: 'The server was still there 30 s after SIGTERM, and was killed.',
        fix: 'Start the server with `exec`, so that it gets the signal: `exec gunicorn …`.',
        lines: ['[INFO] Starting gunicorn 23.0.0', '[INFO] Booting worker with pid: 9'],
      },
      green.checks,
    ),
  ),
};

export const buildFailed: RunRecord = {
  version: 1,
  outcome: 'failed',
  source,
  startedAt: green.startedAt,
  seconds: 12.7,
  stages: [
    {
      stage: 'build',
      status: 'failed',
      seconds: 12.4,
      detail:
        '`RUN pip install -r requirements.txt` (`container/Dockerfile`, line 9) ended with exit code 1.',
    },
    { stage: 'smoke-test', status: 'skipped', seconds: 0, detail: 'Not reached.' },
  ],
  checks: [],
  metrics: [],
  failure: {
    message:
      '`RUN pip install -r requirements.txt` (`container/Dockerfile`, line 9) ended with exit code 1: no package index has `scikit-lern==1.6.0`.',
    fix: 'Correct the name or the version of `scikit-lern` in requirements.txt.',
    lines: [
      '#9 [4/6] RUN pip install -r requirements.txt',
      '#9 1.811 ERROR: Could not find a version that satisfies the requirement scikit-lern==1.6.0 (from versions: none)',
      '#9 1.811 ERROR: No matching distribution found for scikit-lern==1.6.0',
      '#9 ERROR: process "/bin/sh -c pip install -r requirements.txt" did not complete successfully: exit code: 1',
    ],
  },
  annotations: [
    {
      level: 'error',
      title: 'The build failed here',
      message: 'RUN pip install -r requirements.txt ended with exit code 1.',
      location: { path: 'container/Dockerfile', line: 9, endLine: 10 },
    },
  ],
  notices: [],
};

export const invalidInput: RunRecord = {
  version: 1,
  outcome: 'invalid-input',
  source,
  startedAt: green.startedAt,
  seconds: 0.04,
  stages: [],
  checks: [],
  metrics: [],
  failure: {
    message: 'There are 4 mistakes in the inputs; nothing was run.',
    lines: [
      'smoke-chanels "train=container/sample": This action has no input of this name. Did you mean `smoke-channels`?',
      'dockerfile "container/Dockerfle": The Dockerfile does not exist in the workspace (/home/runner/work/churn-model/churn-model). Did you mean `container/Dockerfile`? Name a path relative to the workspace; files that git ignores are not there after a checkout.',
      'metric-definitions "train:loss: loss=[0-9.]+": The regular expression has no capture group: nothing says which part of the line is the number. Put the number in parentheses: `loss: ([0-9.]+)`.',
      'smoke-timeout "ten": Is not a duration: seconds, or hours, minutes and seconds with their letters. Write for example `90`, `90s`, `10m` or `1h30m`.',
    ],
  },
  annotations: [],
  notices: [],
};

export const canceled: RunRecord = {
  ...green,
  outcome: 'canceled',
  seconds: 51.3,
  stages: [
    buildPassed,
    {
      stage: 'smoke-test',
      status: 'canceled',
      seconds: 13,
      detail: 'Stopped while train ran; the container is removed.',
    },
  ],
  checks: CHECKS.filter(({ group }) => group === 'image'),
  metrics: [],
  notices: [],
};

/** Every place that can hold text from elsewhere, holding it. */
export function filledWith(text: string): RunRecord {
  const checks: CheckResult[] = (['failed', 'skipped', 'passed'] as const).flatMap((status) =>
    (['error', 'warning'] as const).map((severity) => ({
      id: `${status}-${severity}`,
      group: 'training' as const,
      title: `Check ${text}`,
      severity,
      status,
      evidence: text,
      fix: text,
      lines: [text, '', text],
      seconds: 1,
    })),
  );
  return {
    version: 1,
    outcome: 'failed',
    source: { ...source, ref: text, workflow: text, actor: text },
    startedAt: text,
    seconds: 3,
    stages: [{ stage: 'smoke-test', status: 'failed', seconds: 3, detail: text }],
    image: { uri: text, id: text, platform: text, sizeBytes: 1 },
    checks,
    metrics: [{ name: text, values: [1, 2, Number.NaN] }],
    diagnosis: {
      id: 'T01',
      class: text,
      cause: text,
      fix: text,
      evidence: text,
      location: { path: text, line: 1 },
    },
    failure: { message: text, fix: text, lines: [text, text] },
    annotations: [{ level: 'error', title: text, message: text, location: { path: text, line: 1 } }],
    notices: [text],
  };
}

export const HOSTILE = [
  '</pre></details></td></table><script>alert(1)</script><img src=x onerror=alert(1)>',
  '```\n# A heading\n\n![image](https://evil.example/x.png) [link](https://evil.example) **bold** | cell |',
  '@octocat please see #123, octo-org/repo#4, GH-7, https://evil.example/path?x=1&y=2 and www.evil.example',
  '::error file=a.py::not a command\n%%{init: {}}%%\n"] --> x',
  '\u001b[31mred\u001b[0m \u001b]8;;https://evil.example\u0007hidden link\u001b]8;;\u0007 \u0000 \u0007 \u009b1m',
  'user\u202egnp.exe \u2066isolated\u2069 zero\u200bwidth \ud800 lone \udfff',
  ':tada: $\\frac{1}{2}$ $$x$$ 6f1e0c5a9d3b7482e1c0f4a6b8d2e3f5a7091c3d <!-- comment --> &lt;b&gt; &#60;i&#62;',
  '- list\n> quote\n---\n\n\n<details open>\n<summary>mine</summary>\n\n~~~~',
].join('\n');

export const hostile: RunRecord = filledWith(HOSTILE);

export const huge: RunRecord = {
  ...hostile,
  checks: Array.from({ length: 60 }, (_, index) => ({
    id: `check-${index}`,
    group: 'training' as const,
    title: 'Training ends with exit code 0',
    severity: 'error' as const,
    status: 'failed' as const,
    evidence: `${'evidence with <b>tags</b> & `code` @octocat '.repeat(5_000)}`,
    fix: 'Do this. '.repeat(10_000),
    lines: Array.from({ length: 2_000 }, (_, line) => `${line} <i>&"'\`\`\`${'😀x'.repeat(40)}`),
  })),
  metrics: Array.from({ length: 200 }, (_, index) => ({ name: `metric-${index}`, values: curve(1, index) })),
};
