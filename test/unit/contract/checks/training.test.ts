import { describe, expect, test } from '@jest/globals';
import {
  brokenHost,
  brokenTraining,
  diagnosis,
  green,
  host,
  notMade,
  ofTraining,
  ran,
  resultOf,
  said,
  training,
} from '../observations.js';

const WHY = 'Nothing in the image trains.';
const TRAINING_CHECKS = [
  'train-starts',
  'train-environment',
  'train-exit-code',
  'train-time',
  'train-memory',
  'train-model',
  'train-model-archive',
  'train-metrics',
  'train-network-isolation',
  'train-hosts',
  'train-pipe-mode',
];

describe('Every check of the training run', () => {
  test.each(TRAINING_CHECKS)('%s is skipped, with the reason, when there was none', (id) => {
    expect(resultOf(id, green({ training: notMade(WHY) }))).toMatchObject({
      status: 'skipped',
      evidence: WHY,
    });
  });

  test.each(TRAINING_CHECKS.filter((id) => id !== 'train-starts'))(
    '%s is not judged of a container that never started',
    (id) => {
      const run = brokenTraining({
        hosts: [brokenHost({ exitCode: undefined, startError: 'no `train`', logTail: [] })],
        networkIsolation: true,
        metrics: [],
        pipes: [{ host: 'algo-1', channel: 'train', inputMode: 'Pipe', epochsOpened: 0, epochsRead: 0 }],
      });
      expect(ofTraining(id, run).status).toBe('skipped');
    },
  );
});

describe('train-starts', () => {
  test('passes when the program ran, even if it failed then', () => {
    expect(ofTraining('train-starts', training()).status).toBe('passed');
    expect(ofTraining('train-starts', brokenTraining()).status).toBe('passed');
  });

  test('fails with the engine’s words when the container could not be started', () => {
    const run = brokenTraining({
      hosts: [brokenHost({ exitCode: undefined, startError: 'exec: "train": not found', logTail: [] })],
      diagnosis: diagnosis({ fix: 'Put `train` on PATH.' }),
    });
    expect(ofTraining('train-starts', run)).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: 'exec: "train": not found',
      fix: 'Put `train` on PATH.',
    });
  });

  test.each([126, 127])(
    'fails for exit code %i with hardly a word: there was no program to run',
    (exitCode) => {
      const run = brokenTraining({ hosts: [brokenHost({ exitCode, logTail: ['sh: 1: trian: not found'] })] });
      expect(ofTraining('train-starts', run)).toMatchObject({
        status: 'failed',
        evidence: `It ended at once with exit code ${exitCode}.`,
        lines: ['sh: 1: trian: not found'],
        fix: expect.stringContaining('on PATH'),
      });
    },
  );

  test('does not take a program for one that never ran because of its exit code alone', () => {
    const run = brokenTraining({ hosts: [brokenHost({ exitCode: 127 })] });
    expect(ofTraining('train-starts', run).status).toBe('passed');
    expect(ofTraining('train-exit-code', run).status).toBe('failed');
  });

  test('keeps its own fix when the diagnosis knows nothing', () => {
    const run = brokenTraining({
      hosts: [brokenHost({ exitCode: undefined, startError: 'no', logTail: [] })],
      diagnosis: diagnosis({ id: 'unknown', fix: 'Look at the log.' }),
    });
    expect(ofTraining('train-starts', run).fix).toContain('on PATH');
  });
});

describe('train-environment', () => {
  const missing = diagnosis({
    class: 'toolkit-environment-missing',
    cause: 'SM_MODEL_DIR is not set.',
    fix: 'Set `toolkit-environment: true`.',
  });

  test('passes for a program that asks for nothing else', () => {
    expect(ofTraining('train-environment', training())).toMatchObject({
      status: 'passed',
      evidence: 'The program asked for no variable that the platform does not set.',
    });
  });

  test('passes with the toolkit’s environment, and says so', () => {
    expect(ofTraining('train-environment', training({ toolkitEnvironment: true }))).toMatchObject({
      status: 'passed',
      evidence: expect.stringContaining('`toolkit-environment: true`'),
    });
  });

  test('fails for a program that wants SM_* variables, with cause and fix', () => {
    expect(ofTraining('train-environment', brokenTraining({ diagnosis: missing }))).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: 'SM_MODEL_DIR is not set.',
      fix: 'Set `toolkit-environment: true`.',
      lines: brokenHost().logTail,
    });
  });

  test('does not blame the environment that the toolkit would set too', () => {
    const run = brokenTraining({ diagnosis: missing, toolkitEnvironment: true });
    expect(ofTraining('train-environment', run)).toMatchObject({
      status: 'skipped',
      evidence: 'Not judged: see train-exit-code.',
    });
  });
});

describe('train-exit-code', () => {
  test('passes for exit code 0 on every host, with the longest time', () => {
    const run = training({ hosts: [host({ seconds: 20 }), host({ host: 'algo-2', seconds: 31 })] });
    expect(ofTraining('train-exit-code', run)).toMatchObject({
      status: 'passed',
      evidence: 'Exit code 0 after 31 s.',
      seconds: 31,
    });
  });

  test('fails for any other exit code, with the failure file, the cause, the fix and the last lines', () => {
    const run = brokenTraining({
      hosts: [brokenHost({ exitCode: 3, seconds: 12, failureFile: ' ValueError: no rows\n' })],
      diagnosis: diagnosis({ cause: 'The table is empty.', fix: 'Give it rows.' }),
    });
    expect(ofTraining('train-exit-code', run)).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: 'Exit code 3 after 12 s. The table is empty. The failure file says: ValueError: no rows',
      fix: 'Give it rows.',
      lines: brokenHost().logTail,
      seconds: 12,
    });
  });

  test('shows the last 30 lines', () => {
    const logTail = Array.from({ length: 100 }, (_, index) => `line ${index + 1}`);
    const { lines = [] } = ofTraining(
      'train-exit-code',
      brokenTraining({ hosts: [brokenHost({ logTail })] }),
    );
    expect(lines).toHaveLength(30);
    expect(lines.at(-1)).toBe('line 100');
  });

  test('says nothing of a cause that is not known', () => {
    const run = brokenTraining({ diagnosis: diagnosis({ id: 'unknown', cause: 'Not known.' }) });
    expect(said(ofTraining('train-exit-code', run))).toBe('failed: Exit code 1 after 3.2 s.');
  });
});

describe('train-time', () => {
  test('passes for a run that ended in time', () => {
    expect(ofTraining('train-time', training())).toMatchObject({
      status: 'passed',
      evidence: 'Ended within 600 s.',
    });
  });

  test('fails for a run that had to be stopped', () => {
    const run = brokenTraining({
      hosts: [brokenHost({ exitCode: 137, timedOut: true, seconds: 60 })],
      timeoutSeconds: 60,
    });
    expect(ofTraining('train-time', run)).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: 'Still running after 60 s (`smoke-timeout`); stopped.',
      seconds: 60,
      fix: expect.stringContaining('`smoke-timeout`'),
    });
  });

  test('is not judged of a run that failed', () => {
    expect(said(ofTraining('train-time', brokenTraining()))).toBe(
      'skipped: Not judged: see train-exit-code.',
    );
  });
});

describe('train-memory', () => {
  test('passes and shows the highest use of all hosts, with the limit when there is one', () => {
    const hosts = [host(), host({ host: 'algo-2', memoryPeakBytes: 300 * 1024 ** 2 })];
    expect(said(ofTraining('train-memory', training({ hosts })))).toBe(
      'passed: Highest memory use seen: 300.0 MiB.',
    );
    const limited = training({ hosts, memoryLimitBytes: 1024 ** 3 });
    expect(said(ofTraining('train-memory', limited))).toBe(
      'passed: Highest memory use seen: 300.0 MiB of 1.0 GiB.',
    );
  });

  test('passes for a run that was too short to be sampled', () => {
    expect(
      ofTraining('train-memory', training({ hosts: [host({ memoryPeakBytes: undefined })] })),
    ).toMatchObject({ status: 'passed', evidence: expect.stringContaining('too short') });
  });

  test('fails when a process was killed for its memory', () => {
    const run = brokenTraining({
      hosts: [brokenHost({ exitCode: 137, oomKilled: true })],
      memoryLimitBytes: 64 * 1024 ** 2,
    });
    expect(ofTraining('train-memory', run)).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: 'A process was killed: the memory limit of 64.0 MiB was reached.',
      lines: brokenHost().logTail,
    });
  });

  test('fails also when the program outlived its killed child', () => {
    expect(ofTraining('train-memory', training({ hosts: [host({ oomKilled: true })] })).status).toBe(
      'failed',
    );
  });

  test('passes for a program that failed for another reason', () => {
    expect(ofTraining('train-memory', brokenTraining()).status).toBe('passed');
  });
});

describe('train-model', () => {
  test('passes with files, and counts them', () => {
    expect(said(ofTraining('train-model', training()))).toBe('passed: 2 files, 4.0 KiB.');
    const one = training({ model: { files: 1, bytes: 10, unarchivable: [] } });
    expect(said(ofTraining('train-model', one))).toBe('passed: 1 file, 10 B.');
  });

  test('fails for files without content', () => {
    const run = training({ model: { files: 2, bytes: 0, unarchivable: [] } });
    expect(ofTraining('train-model', run)).toMatchObject({
      status: 'failed',
      evidence: '/opt/ml/model holds 2 files, with nothing in them.',
    });
  });

  test('fails when the folder is empty', () => {
    expect(
      ofTraining('train-model', training({ model: { files: 0, bytes: 0, unarchivable: [] } })),
    ).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: '/opt/ml/model is empty: the job would be Completed without a model.',
      fix: expect.stringContaining('/opt/ml/model'),
    });
  });

  test('leaves a folder that holds nothing but links to train-model-archive', () => {
    const model = { files: 0, bytes: 0, unarchivable: [{ path: 'latest', type: 'symbolic link' }] };
    expect(said(ofTraining('train-model', training({ model })))).toBe(
      'skipped: Not judged: see train-model-archive.',
    );
    expect(ofTraining('train-model-archive', training({ model })).status).toBe('failed');
  });

  test('is not judged of a run that failed', () => {
    expect(said(ofTraining('train-model', brokenTraining()))).toBe(
      'skipped: Not judged: see train-exit-code.',
    );
  });
});

describe('train-model-archive', () => {
  const withLinks = (count: number) =>
    training({
      model: {
        files: 1,
        bytes: 1,
        unarchivable: Array.from({ length: count }, (_, index) => ({
          path: `link-${index + 1}`,
          type: 'symbolic link',
        })),
      },
    });

  test('passes for files and folders', () => {
    expect(said(ofTraining('train-model-archive', training()))).toBe('passed: Only files and folders.');
  });

  test('fails for what the archive cannot hold, and names it', () => {
    expect(ofTraining('train-model-archive', withLinks(1))).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: '/opt/ml/model holds link-1 (symbolic link).',
    });
  });

  test('names ten, and counts the rest', () => {
    expect(ofTraining('train-model-archive', withLinks(10)).evidence).not.toContain('more');
    expect(ofTraining('train-model-archive', withLinks(12)).evidence).toMatch(
      /link-10 \(symbolic link\) and 2 more\.$/,
    );
  });

  test('is skipped when there is no model, and when the run failed', () => {
    const empty = training({ model: { files: 0, bytes: 0, unarchivable: [] } });
    expect(ofTraining('train-model-archive', empty)).toMatchObject({
      status: 'skipped',
      evidence: 'There is no model: see train-model.',
    });
    expect(said(ofTraining('train-model-archive', brokenTraining()))).toBe(
      'skipped: Not judged: see train-exit-code.',
    );
  });
});

describe('train-metrics', () => {
  const loss = { name: 'loss', regex: 'loss: (.*)', values: [0.5, 0.25], matches: 2 };

  test('passes and shows the last value', () => {
    expect(ofTraining('train-metrics', training({ metrics: [loss] }))).toMatchObject({
      status: 'passed',
      evidence: 'loss = 0.25 (2×).',
    });
  });

  test('fails for an expression that never matches, with the log to compare it with', () => {
    const metrics = [loss, { name: 'auc', regex: 'AUC=(.*)', values: [], matches: 0 }];
    expect(ofTraining('train-metrics', training({ metrics }))).toMatchObject({
      status: 'failed',
      severity: 'warning',
      evidence: 'auc: no line matches AUC=(.*).',
      lines: host().logTail,
    });
  });

  test('fails for a capture that is no number, also beside ones that are', () => {
    const metrics = [{ ...loss, notANumber: 'nan', matches: 3 }];
    expect(ofTraining('train-metrics', training({ metrics }))).toMatchObject({
      status: 'failed',
      evidence: 'loss: captured “nan”, which is not a number.',
    });
  });

  test('is skipped without definitions, and when the run failed', () => {
    expect(ofTraining('train-metrics', training({ metrics: [] }))).toMatchObject({
      status: 'skipped',
      evidence: 'No `metric-definitions` are given.',
    });
    expect(ofTraining('train-metrics', brokenTraining({ metrics: [loss] })).status).toBe('skipped');
  });
});

describe('train-network-isolation', () => {
  test('passes for a run without network', () => {
    expect(said(ofTraining('train-network-isolation', training({ networkIsolation: true })))).toBe(
      'passed: Trained without a network.',
    );
  });

  test.each(['network-unreachable', 'credentials-missing'])('fails for %s', (name) => {
    const run = brokenTraining({
      networkIsolation: true,
      diagnosis: diagnosis({ class: name, cause: 'It downloads weights.', fix: 'Put them into the image.' }),
    });
    expect(ofTraining('train-network-isolation', run)).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: 'It downloads weights.',
      fix: 'Put them into the image.',
      lines: brokenHost().logTail,
    });
  });

  test('is skipped when isolation is off, and for another failure', () => {
    expect(ofTraining('train-network-isolation', training())).toMatchObject({
      status: 'skipped',
      evidence: '`network-isolation` is off.',
    });
    expect(said(ofTraining('train-network-isolation', brokenTraining({ networkIsolation: true })))).toBe(
      'skipped: Not judged: see train-exit-code.',
    );
  });
});

describe('train-hosts', () => {
  const second = host({ host: 'algo-2' });

  test('passes when every host ends with 0', () => {
    expect(said(ofTraining('train-hosts', training({ hosts: [host(), second] })))).toBe(
      'passed: All 2 hosts ended with exit code 0.',
    );
  });

  test('fails when one host fails', () => {
    const hosts = [host(), brokenHost({ host: 'algo-2', exitCode: 5 })];
    expect(ofTraining('train-hosts', brokenTraining({ hosts }))).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: 'Of 2 hosts, algo-2 ended with exit code 5.',
      lines: brokenHost().logTail,
    });
  });

  test('fails when one host fails and its peer waits for it for ever, and shows the log of the one that failed', () => {
    const waiting = host({ exitCode: 137, timedOut: true, logTail: ['waiting for algo-2'] });
    const run = brokenTraining({ hosts: [waiting, brokenHost({ host: 'algo-2' })] });
    const { status, evidence, lines } = ofTraining('train-hosts', run);
    expect(status).toBe('failed');
    expect(evidence).toContain('algo-1 did not end');
    expect(evidence).toContain('algo-2 ended with exit code 1');
    expect(lines).toEqual(brokenHost().logTail);
  });

  test('fails when the hosts do not find each other', () => {
    const hosts = [brokenHost(), brokenHost({ host: 'algo-2' })];
    const run = brokenTraining({ hosts, diagnosis: diagnosis({ id: 'T40' }) });
    expect(ofTraining('train-hosts', run).status).toBe('failed');
  });

  test('is skipped for one host, and for a failure that is the program’s own', () => {
    expect(ofTraining('train-hosts', training())).toMatchObject({
      status: 'skipped',
      evidence: 'The run has one host: `smoke-hosts` is 1.',
    });
    const hosts = [brokenHost(), brokenHost({ host: 'algo-2' })];
    expect(said(ofTraining('train-hosts', brokenTraining({ hosts })))).toBe(
      'skipped: Not judged: see train-exit-code.',
    );
  });
});

describe('train-pipe-mode', () => {
  const pipe = (epochsOpened: number, epochsRead: number, channel = 'train') =>
    ({ host: 'algo-1', channel, inputMode: 'Pipe', epochsOpened, epochsRead }) as const;

  test('passes when every channel was read to the end at least once', () => {
    const pipes = [pipe(1, 1), pipe(3, 2, 'eval')];
    expect(said(ofTraining('train-pipe-mode', training({ pipes })))).toBe(
      'passed: train: 1 epoch, eval: 2 epochs.',
    );
  });

  test('fails for a FIFO that nobody opened, or that was closed early', () => {
    expect(
      ofTraining('train-pipe-mode', training({ pipes: [pipe(0, 0), pipe(1, 0, 'eval')] })),
    ).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: 'train_0 was never opened; eval_0 was not read to its end.',
    });
  });

  test('fails for a program that looked for files', () => {
    const run = brokenTraining({ pipes: [pipe(0, 0)], diagnosis: diagnosis({ id: 'T39' }) });
    expect(ofTraining('train-pipe-mode', run).status).toBe('failed');
  });

  test('passes for a program that read everything and failed then', () => {
    expect(ofTraining('train-pipe-mode', brokenTraining({ pipes: [pipe(1, 1)] })).status).toBe('passed');
  });

  test('is skipped in other modes, and for a run that failed by itself', () => {
    expect(ofTraining('train-pipe-mode', training())).toMatchObject({
      status: 'skipped',
      evidence: 'No channel is in Pipe mode.',
    });
    expect(said(ofTraining('train-pipe-mode', brokenTraining({ pipes: [pipe(1, 0)] })))).toBe(
      'skipped: Not judged: see train-exit-code.',
    );
  });
});

describe('train-broken-input', () => {
  const broken = (run: ReturnType<typeof training>) =>
    resultOf('train-broken-input', green({ brokenInput: ran(run) }));

  test('passes for a program that fails without its data', () => {
    expect(broken(brokenTraining({ hosts: [brokenHost({ exitCode: 2, seconds: 11 })] }))).toMatchObject({
      status: 'passed',
      evidence: 'Exit code 2 after 11 s.',
      seconds: 11,
    });
  });

  test('fails for a program that ends with 0 all the same', () => {
    expect(broken(training())).toMatchObject({
      status: 'failed',
      severity: 'error',
      evidence: 'Without its channels the program still ended with exit code 0.',
      lines: host().logTail,
      fix: expect.stringContaining('train-broken-input=off'),
    });
  });

  test('fails for a program that does not end', () => {
    const hosts = [brokenHost({ exitCode: 137, timedOut: true })];
    expect(broken(brokenTraining({ hosts, timeoutSeconds: 30 }))).toMatchObject({
      status: 'failed',
      evidence: 'Without its channels the program did not end within 30 s.',
    });
  });

  test('is skipped when the run was not made, or could not be started', () => {
    const why = 'There are no `smoke-channels` to leave out.';
    expect(resultOf('train-broken-input', green({ brokenInput: notMade(why) }))).toMatchObject({
      status: 'skipped',
      evidence: why,
    });
    const hosts = [brokenHost({ exitCode: undefined, startError: 'no space left' })];
    expect(broken(brokenTraining({ hosts }))).toMatchObject({
      status: 'skipped',
      evidence: expect.stringContaining('no space left'),
    });
  });
});

describe('train-failure-file', () => {
  const withFile = (failureFile: string | undefined) =>
    resultOf(
      'train-failure-file',
      green({ brokenInput: ran(brokenTraining({ hosts: [brokenHost({ failureFile })] })) }),
    );

  test('passes when the failing run wrote the reason', () => {
    expect(withFile('ValueError: no rows\n')).toMatchObject({
      status: 'passed',
      evidence: 'The failure file says: ValueError: no rows',
    });
  });

  test('says so when SageMaker would cut the text', () => {
    expect(withFile('x'.repeat(1024)).evidence).not.toContain('1024');
    expect(withFile('x'.repeat(1025)).evidence).toMatch(/Only its first 1024 characters would be shown\.$/);
  });

  test.each([undefined, '', ' \n'])('fails for the failure file %j', (failureFile) => {
    expect(withFile(failureFile)).toMatchObject({
      status: 'failed',
      severity: 'warning',
      evidence:
        'A run ended with exit code 1 and no failure file. FailureReason would be “AlgorithmError: , exit code: 1”.',
    });
  });

  test('judges the training run itself when that is the one that failed', () => {
    const observations = green({
      training: ran(brokenTraining({ hosts: [brokenHost({ exitCode: 9 })] })),
      brokenInput: notMade('The training run failed.'),
    });
    expect(resultOf('train-failure-file', observations)).toMatchObject({
      status: 'failed',
      evidence: expect.stringContaining('exit code 9'),
    });
  });

  test('asks nothing of a container that was killed or never started', () => {
    for (const changes of [
      { oomKilled: true, exitCode: 137 },
      { timedOut: true, exitCode: 137 },
      { startError: 'no', exitCode: undefined },
    ]) {
      const brokenInput = ran(brokenTraining({ hosts: [brokenHost(changes)] }));
      expect(resultOf('train-failure-file', green({ brokenInput }))).toMatchObject({
        status: 'skipped',
        evidence: 'No run failed by itself, so none had a failure to explain.',
      });
    }
  });

  test('is skipped when no run was made to fail', () => {
    expect(resultOf('train-failure-file', green({ brokenInput: notMade('No channels.') }))).toMatchObject({
      status: 'skipped',
      evidence: 'No channels.',
    });
  });
});
