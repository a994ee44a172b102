import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { explain } from '../../../src/diagnosis/explain.js';
import { explainJob } from '../../../src/diagnosis/explain-job.js';
import { repositoryFiles } from '../../../src/diagnosis/repository-files.js';
import { raised, training } from './failures.js';
import { failedJob } from './platform-failures.js';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'byoc-explain-'));
  writeFileSync(join(root, 'train'), `${'\n'.repeat(6)}    work(config)\n${'\n'.repeat(4)}main()\n`);
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('an explanation', () => {
  test('is the diagnosis, its place in the repository and the words beside that line', () => {
    const { diagnosis, annotation } = explain(
      training(raised("KeyError: 'SM_MODEL_DIR'")),
      repositoryFiles(root),
    );
    expect(diagnosis).toMatchObject({
      class: 'toolkit-environment-missing',
      location: { path: 'train', line: 7 },
    });
    expect(annotation).toEqual({
      level: 'error',
      title: 'Toolkit environment missing',
      message: `KeyError: 'SM_MODEL_DIR'\n${diagnosis.cause}\n${diagnosis.fix}`,
      location: { path: 'train', line: 7 },
    });
  });

  test('of an exception of which only the type is known is titled by the exception', () => {
    const { diagnosis, annotation } = explain(
      training(raised('ValueError: Input contains NaN')),
      repositoryFiles(root),
    );
    expect(annotation.title).toBe('ValueError: Input contains NaN');
    expect(annotation.message).toBe(`${diagnosis.cause}\n${diagnosis.fix}`);
    expect(annotation.location).toEqual({ path: 'train', line: 7 });
  });

  test('takes the place from the failure file when the log has none', () => {
    const failureFile = raised("KeyError: 'SM_MODEL_DIR'");
    expect(explain(training('', { failureFile }), repositoryFiles(root)).diagnosis.location).toEqual({
      path: 'train',
      line: 7,
    });
  });

  test('without a traceback has no place', () => {
    const { diagnosis, annotation } = explain(training('', { exitCode: 139 }), repositoryFiles(root));
    expect(diagnosis.location).toBeUndefined();
    expect(annotation).toMatchObject({ title: 'Segmentation fault' });
    expect(annotation).not.toHaveProperty('location');
  });

  test('of silence', () => {
    expect(explain({ phase: 'training', logTail: [] }, repositoryFiles(root)).annotation.title).toBe(
      'The container failed',
    );
  });

  test('stays in the build context', () => {
    const failure = training(raised("KeyError: 'SM_MODEL_DIR'"));
    expect(
      explain(failure, repositoryFiles(root), { context: 'container' }).diagnosis.location,
    ).toBeUndefined();
  });
});

describe('an explanation of a training job', () => {
  test('takes the place from the log of the job', () => {
    const logTail = raised("KeyError: 'SM_MODEL_DIR'").split('\n');
    const failure = failedJob('AlgorithmError: , exit code: 1', { logTail });
    const { diagnosis, annotation } = explainJob(failure, repositoryFiles(root));
    expect(diagnosis).toMatchObject({
      class: 'toolkit-environment-missing',
      location: { path: 'train', line: 7 },
    });
    expect(annotation.location).toEqual({ path: 'train', line: 7 });
  });

  test('takes the place from the failure reason when the log has none', () => {
    const failure = failedJob(`AlgorithmError: ${raised("KeyError: 'SM_MODEL_DIR'")}, exit code: 1`);
    expect(explainJob(failure, repositoryFiles(root)).diagnosis.location).toEqual({ path: 'train', line: 7 });
  });

  test('of a bug in the program: which exception, what to do, where', () => {
    const logTail = raised("NameError: name 'modle' is not defined").split('\n');
    for (const reason of ['AlgorithmError: , exit code: 1', 'AlgorithmError']) {
      const { diagnosis, annotation } = explainJob(failedJob(reason, { logTail }), repositoryFiles(root));
      expect(diagnosis).toMatchObject({
        class: 'python-name-undefined',
        cause: expect.stringContaining('after an uncaught `NameError`'),
        location: { path: 'train', line: 7 },
      });
      expect(annotation).toMatchObject({
        title: "NameError: name 'modle' is not defined",
        message: `${diagnosis.cause}\n${diagnosis.fix}`,
        location: { path: 'train', line: 7 },
      });
    }
  });

  test('of a reason that no row knows says that the job failed', () => {
    const { annotation } = explainJob(failedJob('ClientError: something new'), repositoryFiles(root));
    expect(annotation).toMatchObject({ title: 'The training job failed' });
    expect(annotation).not.toHaveProperty('location');
  });
});
