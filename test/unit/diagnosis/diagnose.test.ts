import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CONTAINER_ROWS } from '../../../src/diagnosis/container-rows.js';
import { diagnose } from '../../../src/diagnosis/diagnose.js';
import type { ContainerFailure } from '../../../src/diagnosis/failure.js';
import { EXCEPTION_ROWS } from '../../../src/diagnosis/rows/exceptions.js';
import { CASES, hosting, notReady, notStarted, raised, training } from './failures.js';

describe('the catalogue', () => {
  test.each(CASES)('%s, %s: %s', (row, _name, className, failure) => {
    expect(diagnose(failure)).toMatchObject({ id: row, class: className });
  });

  test('has a failure for every row, and a row for every failure', () => {
    expect([...new Set(CASES.map(([row]) => row))].sort()).toEqual(
      [...CONTAINER_ROWS, ...EXCEPTION_ROWS].map(({ id }) => id).sort(),
    );
  });

  test('names every row and class once', () => {
    const rows = [...CONTAINER_ROWS, ...EXCEPTION_ROWS];
    const ids = rows.map(({ id }) => id);
    const classes = rows.map((row) => row.class);
    expect(new Set(ids).size).toBe(ids.length);
    expect(new Set(classes).size).toBe(classes.length);
    for (const name of classes) expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
  });

  test('holds what the platform is known to say of containers, row by row', () => {
    // The rows of the platform's failures that a container can show; T33 is a check's (no model), I04 an input's.
    const shown =
      'T01 T02 T03 T04 T05 T06 T07 T08 T09 T15 T16 T17 T27 T28 T29 T34 T35 T36 T37 T38 T39 T40 T41 T42'
        .concat(' E01 E02 E03 E04 E10 E11 E12 E13 E14 I01 I02')
        .split(' ');
    expect(CONTAINER_ROWS.map(({ id }) => id)).toEqual(expect.arrayContaining(shown));
  });

  test('speaks in sentences, names a fix, and knows where it knows it from', () => {
    for (const row of [...CONTAINER_ROWS, ...EXCEPTION_ROWS]) {
      expect([row.id, row.cause, row.fix]).toEqual([
        row.id,
        expect.stringMatching(/\.$/),
        expect.stringMatching(/[.`)]$/),
      ]);
      expect([row.id, row.source]).toEqual([row.id, expect.stringMatching(/\[(doc|obs|code|inf)\]/)]);
    }
    for (const row of CONTAINER_ROWS)
      expect([row.id, row.pattern ?? row.outcome]).not.toEqual([row.id, undefined]);
  });

  test('has patterns that can be tried on line after line', () => {
    for (const { id, pattern } of CONTAINER_ROWS)
      expect([id, pattern?.flags.replace('i', '') ?? '']).toEqual([id, '']);
  });
});

describe('a server that runs and fails at a request', () => {
  const serving = (log: string): ContainerFailure => ({ phase: 'hosting', logTail: log.split('\n') });

  test('is not said to have missed its health check', () => {
    expect(diagnose(serving('POST /invocations 500')).class).toBe('unknown');
  });

  test('is not said to have ended', () => {
    const { cause, evidence } = diagnose(serving(raised("KeyError: 'instances'")));
    expect(cause).toBe(
      "The program looks up `instances`, which is not there. The server printed the traceback of a `KeyError`: `'instances'`.",
    );
    expect(evidence).toBe("KeyError: 'instances'");
  });
});

describe('no row explains', () => {
  test.each<[string, ContainerFailure]>([
    ['an exit code that means nothing', training('bye', { exitCode: 42 })],
    [
      'the word train in an ordinary sentence',
      training('could not train: not found in registry', { exitCode: 42 }),
    ],
    [
      'a traceback long before the end',
      training(`${raised('ValueError: bad')}\n${'epoch\n'.repeat(60)}bye`, { exitCode: 42 }),
    ],
    [
      'a report that another process failed',
      training(raised('subprocess.CalledProcessError: Command died with exit status 3.')),
    ],
    ['a row’s words in the middle of a word', training('MyMemoryErrors: 0', { exitCode: 42 })],
    ['nothing at all', { phase: 'training', logTail: [] }],
  ])('%s', (_name, failure) => {
    expect(diagnose(failure)).toMatchObject({ id: 'unknown', class: 'unknown' });
  });

  test('silence: the exit code is the evidence', () => {
    expect(diagnose(training('', { exitCode: 42 }))).toMatchObject({ evidence: 'exit code 42' });
  });
});

describe('only the exception explains', () => {
  test('it is the evidence, and named in the cause with its message', () => {
    expect(diagnose(training(raised('my.module.BadThing: with `ticks` and <b>')))).toEqual({
      id: 'P54',
      class: 'python-exception',
      cause:
        'The program raised an exception that it does not handle. It ended with exit code 1 after an uncaught `my.module.BadThing`: `with ?ticks? and <b>`.',
      fix: 'Follow the traceback to the line of the program that raised it.',
      evidence: 'my.module.BadThing: with `ticks` and <b>',
    });
    expect(diagnose(training(raised('RuntimeError'))).cause).toMatch(/after an uncaught `RuntimeError`\.$/);
  });

  test('a name that is not defined: which, and what Python takes it for', () => {
    expect(diagnose(training(raised("NameError: name 'modle' is not defined")))).toMatchObject({
      cause:
        "The program uses the name `modle`, which is not defined at that line. It ended with exit code 1 after an uncaught `NameError`: `name 'modle' is not defined`.",
      fix: 'Correct the spelling of `modle`, or import it or assign it before this line.',
    });
    expect(
      diagnose(training(raised("NameError: name 'modle' is not defined. Did you mean: 'model'?"))).fix,
    ).toContain('Write `model` in place of `modle`');
    expect(
      diagnose(training(raised("NameError: name 'json' is not defined. Did you forget to import 'json'?")))
        .fix,
    ).toBe('Add `import json` to the file.');
  });

  test('a hyperparameter: which, and the input that gives it', () => {
    const failure = training(raised("KeyError: 'epochs'", 'epochs = int(hyperparameters["epochs"])'));
    expect(diagnose(failure).fix).toContain('Add `epochs=…` to `smoke-hyperparameters`');
    expect(diagnose({ ...failure, onPlatform: true }).fix).toContain('to `hyperparameters`');
  });

  test('a file of its own: a relative path begins at the working directory', () => {
    const missing = (path: string) =>
      diagnose(training(raised(`FileNotFoundError: [Errno 2] No such file or directory: '${path}'`)));
    expect(missing('config.yaml').fix).toContain('`WORKDIR`');
    expect(missing('config.yaml').fix).toContain('`COPY` `config.yaml`');
    expect(missing('/srv/config.yaml').cause).toContain('`/srv/config.yaml`');
  });

  test('a supervisor’s summary says less than the exception', () => {
    const log = `${raised("NameError: name 'x' is not defined")}\n[ERROR] Worker failed to boot.`;
    expect(diagnose(hosting(log, { exitCode: 3 })).class).toBe('python-name-undefined');
  });

  test('a known line says more than the exception', () => {
    expect(diagnose(training(raised("KeyError: 'SM_MODEL_DIR'"))).class).toBe('toolkit-environment-missing');
  });
});

describe('of several explanations', () => {
  test('the line nearest the end wins within the final part', () => {
    const log = `WARNING: Could not resolve host: telemetry.example\n${raised("ModuleNotFoundError: No module named 'x'")}`;
    expect(diagnose(training(log)).class).toBe('python-module-missing');
  });

  test('what was printed before the final traceback did not end the program', () => {
    const log = `cat: /opt/ml/input/data/extra/x: No such file or directory\n${raised('ValueError: bad')}`;
    expect(diagnose(training(log)).class).toBe('python-value-error');
  });

  test('the cause of a chain counts when the last exception says nothing', () => {
    const log = [
      raised("KeyError: 'SM_MODEL_DIR'"),
      '',
      'During handling of the above exception, another exception occurred:',
      '',
      raised('RuntimeError: configuration failed'),
    ].join('\n');
    expect(diagnose(training(log)).class).toBe('toolkit-environment-missing');
  });

  test('the failure file wins over the log', () => {
    const failureFile = raised("ModuleNotFoundError: No module named 'x'");
    expect(diagnose(training('CUDA out of memory', { failureFile })).class).toBe('python-module-missing');
  });

  test("the kernel's out-of-memory kill wins over everything printed", () => {
    const failure = training(raised("ModuleNotFoundError: No module named 'x'"), {
      oomKilled: true,
      exitCode: 137,
    });
    expect(diagnose(failure)).toMatchObject({
      class: 'out-of-memory',
      evidence: expect.stringContaining('OOMKilled'),
    });
  });

  test('a signal wins over a line that was printed long before', () => {
    const log = [
      'No space left on device',
      ...Array.from({ length: 60 }, (_, epoch) => `epoch ${epoch}`),
    ].join('\n');
    expect(diagnose(training(log, { exitCode: 139 })).class).toBe('segmentation-fault');
    expect(diagnose(training(log, { exitCode: 1 })).class).toBe('disk-full');
  });

  test('an exception wins over the exit code that every exception ends with', () => {
    expect(diagnose(hosting(raised('ValueError: bad'))).class).toBe('python-value-error');
  });

  test('a time-out is told as such, even when the kill left exit code 137', () => {
    expect(diagnose(training('epoch 1', { timedOut: true, exitCode: 137 })).class).toBe('training-timed-out');
  });

  test('a server that listens on all interfaces, or behind nginx, is not on loopback', () => {
    const flask =
      ' * Running on all addresses (0.0.0.0)\n * Running on http://127.0.0.1:8080\n * Running on http://172.17.0.2:8080';
    expect(diagnose(notReady(flask)).class).toBe('ping-not-answered');
    const nginx = 'Starting nginx\n[INFO] Listening at: http://127.0.0.1:8000 (7)';
    expect(diagnose(notReady(nginx)).class).toBe('ping-not-answered');
  });

  test('a server that crashed later is not explained by its address', () => {
    const log = `[INFO] Listening at: http://127.0.0.1:8080 (7)\n${raised('ValueError: bad')}`;
    expect(diagnose(hosting(log)).class).toBe('python-value-error');
  });

  test('the last line of a container that Docker could not start is no evidence', () => {
    const failure = { ...notStarted('training', 'exec format error'), logTail: ['CUDA out of memory'] };
    expect(diagnose(failure)).toMatchObject({ class: 'exec-format-error', evidence: 'exec format error' });
  });
});

describe('the words fit the circumstances', () => {
  test('of a missing variable: its place, the channels there are, and the input that sets it', () => {
    const failure = training(raised("KeyError: 'SM_CHANNEL_VALIDATION'"), {
      knownChannels: ['train', 'test'],
    });
    const { cause, fix } = diagnose(failure);
    expect(cause).toContain('`SM_CHANNEL_VALIDATION`. It comes from sagemaker-training-toolkit');
    expect(fix).toContain('`toolkit-environment: true`');
    expect(fix).toContain('/opt/ml/input/data/validation');
    expect(fix).toContain('the container was given the channels `train`, `test`');
  });

  test('with the toolkit’s environment given: not that again', () => {
    const given = { toolkitEnvironment: true, knownChannels: ['train'] };
    expect(diagnose(training(raised("KeyError: 'SM_CHANNEL_VALIDATION'"), given)).fix).toContain(
      '`smoke-channels`',
    );
    expect(diagnose(training(raised("KeyError: 'SM_HP_EPOCHS'"), given)).fix).toContain(
      '`smoke-hyperparameters`',
    );
    expect(diagnose(training(raised("KeyError: 'SM_USER_ARGS'"), given)).fix).toContain('`environment`');
    expect(
      diagnose(training(raised('TypeError: expected str, bytes or os.PathLike object, not NoneType'), given))
        .fix,
    ).not.toContain('toolkit');
  });

  test('of a server: no input helps, the image must', () => {
    expect(diagnose(hosting(raised("KeyError: 'SM_MODEL_DIR'"))).fix).toContain(
      '`ENV SM_MODEL_DIR=/opt/ml/model`',
    );
    expect(
      diagnose(hosting('server.py: error: unrecognized arguments: serve', { exitCode: 2 })).fix,
    ).toContain('`serve` on `PATH`');
    expect(
      diagnose(hosting('server.py: error: the following arguments are required: --port', { exitCode: 2 }))
        .cause,
    ).toContain('`serve` alone');
  });

  test('of a missing channel and of a missing file in one that is there', () => {
    const missing = raised(
      "FileNotFoundError: [Errno 2] No such file or directory: '/opt/ml/input/data/train/rows.csv'",
    );
    expect(diagnose(training(missing, { knownChannels: ['training'] })).cause).toBe(
      'The program reads the channel `train`; the container was given the channel `training`.',
    );
    expect(diagnose(training(missing, { knownChannels: [] })).cause).toContain('given no channel');
    expect(diagnose(training(missing, { knownChannels: ['train'] })).cause).toBe(
      'The channel `train` exists and does not hold rows.csv.',
    );
  });

  test('of the network, with isolation and without', () => {
    const log = raised(
      "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='huggingface.co', port=443): Max retries exceeded",
    );
    expect(diagnose(training(log, { networkIsolated: true }))).toMatchObject({
      cause:
        'The program needs `huggingface.co`, and network isolation cuts the container off from the network.',
      fix: expect.stringContaining('`network-isolation`'),
    });
    expect(diagnose(training(log)).cause).toBe('`huggingface.co` could not be reached from the runner.');
    const aws = raised('botocore.exceptions.NoCredentialsError: Unable to locate credentials');
    expect(diagnose(training(aws, { networkIsolated: true })).cause).toContain('With network isolation');
    expect(diagnose(training(aws)).cause).toContain('The smoke test gives a container no AWS credentials');
  });

  test('of a peer: which one', () => {
    expect(
      diagnose(training('ssh: Could not resolve hostname algo-2: Name or service not known')).cause,
    ).toContain('`algo-2`');
  });

  test('of the argument: how the container is called', () => {
    const failure = training('train.py: error: unrecognized arguments: train', {
      exitCode: 2,
      entrypoint: ['python', 'train.py'],
    });
    expect(diagnose(failure).cause).toContain('`python train.py train`');
  });

  test('of tini: which program, and why', () => {
    expect(diagnose(training('[FATAL tini (7)] exec train failed: Permission denied')).fix).toContain(
      'chmod +x',
    );
    expect(
      diagnose(training('[FATAL tini (7)] exec train failed: No such file or directory')).cause,
    ).toContain('did not find a program called `train`');
  });

  test('of a module: the package that holds it', () => {
    expect(diagnose(training(raised("ModuleNotFoundError: No module named 'sklearn.tree'"))).fix).toContain(
      '`scikit-learn` to what the image installs (its requirements file, or `pip install` in the Dockerfile)',
    );
    expect(diagnose(training(raised("ModuleNotFoundError: No module named 'helper'"))).fix).toContain(
      '`helper` to what the image installs (its requirements file, or `pip install` in the Dockerfile)',
    );
  });

  test.each(['constructor', '__proto__', 'toString'])('of a module called %s', (name) => {
    expect(diagnose(training(raised(`ModuleNotFoundError: No module named '${name}'`))).fix).toContain(
      `\`${name}\` to what the image installs`,
    );
  });

  test.each([
    "KeyError: 'SM_`<script>@octocat'",
    "FileNotFoundError: [Errno 2] No such file or directory: '/opt/ml/input/data/`x`<b>\u202e/y'",
    "ModuleNotFoundError: No module named 'a`b<c>|@d'",
    'exec /opt/`$(id)`<i>: no such file or directory',
  ])('text of the container cannot leave its code span: %s', (exception) => {
    const { cause, fix } = diagnose(
      training(raised(exception), { knownChannels: ['`evil`|'], entrypoint: ['`x`'] }),
    );
    for (const text of [cause, fix]) expect((text.match(/`/g) ?? []).length % 2).toBe(0);
    expect(cause + fix).not.toMatch(/\u202e|\$\(|[|]/);
  });
});

describe('whatever a container prints', () => {
  const words = fc.constantFrom(
    ...CASES.flatMap(([, , , { logTail, failureFile, startError }]) => [
      ...logTail,
      failureFile ?? '',
      startError ?? '',
    ]),
    '  File "/opt/program/train", line 3, in main',
    'Traceback (most recent call last):',
    '  + Exception Group Traceback (most recent call last):',
    'During handling of the above exception, another exception occurred:',
    'Current thread 0x00007f (most recent call first):',
  );
  const line = fc.oneof(
    words,
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.tuple(fc.string({ maxLength: 10 }), words).map(([prefix, text]) => prefix + text),
  );

  test('the answer is whole sentences and one line of evidence', () => {
    fc.assert(
      fc.property(
        fc.record(
          {
            phase: fc.constantFrom('training' as const, 'hosting' as const),
            exitCode: fc.constantFrom(0, 1, 2, 126, 127, 132, 134, 135, 137, 139, 143, 255),
            oomKilled: fc.boolean(),
            timedOut: fc.boolean(),
            startError: line,
            failureFile: fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n')),
            networkIsolated: fc.boolean(),
            toolkitEnvironment: fc.boolean(),
            entrypoint: fc.array(fc.string()),
            knownChannels: fc.array(fc.string()),
            logTail: fc.array(line, { maxLength: 20 }),
          },
          { requiredKeys: ['phase', 'logTail'] },
        ),
        (failure) => {
          const diagnosis = diagnose(failure as ContainerFailure);
          expect(diagnosis.cause).toMatch(/\.$/);
          expect(diagnosis.fix.length).toBeGreaterThan(10);
          expect(diagnosis.evidence.length).toBeLessThanOrEqual(302);
          expect(diagnosis.evidence).not.toMatch(/[\n\x00-\x08\x1b\u202e]/);
        },
      ),
      { numRuns: 500 },
    );
  });

  test.each([
    ['one letter', 'a'],
    ['blanks', ' '],
    ['a header', 'Traceback (most recent call last):'],
    ['a frame', '  File "'],
    ['an open quote', "can't open file '/"],
    ['a folder of the platform', '/opt/ml/input/data/x'],
    ['a name of a peer', 'algo-1 '],
    ['words of the network', 'Connection to '],
    ['words of a missing file', 'No such file or directory '],
    ['escapes', '\u001b['],
    ['an address', 'Listening at: http://127.0.0.1:'],
    ['a class', 'A.'],
    ['arguments', 'error: unrecognized arguments: '],
  ])('a megabyte of %s in one line, a hundred times, comes to an end', (_what, text) => {
    const long = text.repeat(Math.ceil(2 ** 20 / text.length));
    const logTail = Array.from({ length: 100 }, () => long);
    expect(diagnose({ phase: 'hosting', exitCode: 1, logTail, failureFile: long }).class).toMatch(
      /^[a-z-]+$/,
    );
  });
});
