import { EventEmitter } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { run, type World } from '../../src/run.js';
import { createLog } from '../../src/runner/job-log.js';
import { runnerCommands } from '../integration/runner-commands.js';
import { runnerFile } from './runner/runner-files.js';
import { temporaryFolder } from './runner/temporary-folder.js';

/** A program `docker` that notes its arguments in the file `calls`, then does this. */
let dockerDoes: string;
let folder: string;
let output: string;
let files: { readonly outputs: ReturnType<typeof runnerFile>; readonly state: ReturnType<typeof runnerFile> };
const write = process.stdout.write;

beforeEach(() => {
  folder = temporaryFolder();
  dockerDoes = 'echo 20.10.0';
  output = '';
  files = { outputs: runnerFile('GITHUB_OUTPUT'), state: runnerFile('GITHUB_STATE') };
  for (const name of ['temp', 'bin', 'workspace']) mkdirSync(join(folder, name));
  process.stdout.write = ((text: string) => {
    output += text;
    return true;
  }) as typeof process.stdout.write;
});
afterEach(() => {
  process.stdout.write = write;
});

/** @param change what differs from a world in which nobody cancels and time is endless */
async function runWith(inputs: Record<string, string>, change: Partial<World> = {}): Promise<number> {
  const program = join(folder, 'bin/docker');
  writeFileSync(program, `#!/bin/sh\necho "$@" >>${join(folder, 'calls')}\n${dockerDoes}\n`);
  chmodSync(program, 0o755);
  const variables = Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]);
  return run({
    env: {
      ...process.env,
      ...Object.fromEntries(variables),
      PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
      GITHUB_WORKSPACE: join(folder, 'workspace'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      RUNNER_TEMP: join(folder, 'temp'),
    },
    log: createLog({ write: (text) => process.stdout.write(text), token: () => 'token', now: () => 0 }),
    randomHex: (bytes) => 'ab'.repeat(bytes),
    now: () => new Date(1_700_000_000_000),
    sleep: () => new Promise(() => {}),
    signals: new EventEmitter(),
    platform: 'linux',
    ...change,
  });
}

const calls = () => (existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8') : '');
const errors = () => runnerCommands(output).filter(({ name }) => name === 'error');
const warnings = () => runnerCommands(output).filter(({ name }) => name === 'warning');
const leftInTemp = () => readdirSync(join(folder, 'temp')).filter((name) => name !== 'sagemaker-byoc');
const IMAGE = { 'image-uri': 'model:1' };

describe('wrong inputs', () => {
  test('each is told in the one error, with value, rule and fix; nothing else is done', async () => {
    expect(await runWith({ ...IMAGE, 'smoke-hosts': '40', 'smoke-chanels': 'train=a\nb' })).toBe(1);
    expect(errors()).toHaveLength(1);
    const message = errors()[0]?.message ?? '';
    expect(message).toContain('There are 2 mistakes in the inputs; nothing was run.\n');
    expect(message).toMatch(/\nsmoke-hosts "40": Must be .* Write .*/);
    expect(message).toMatch(/\nsmoke-chanels "train=a\\nb": .* Did you mean `smoke-channels`\?/);
    expect(calls()).toBe('');
    expect(files.state.values()).toEqual({});
    expect(leftInTemp()).toEqual([]);
  });

  test('the summary and the outputs say so too', async () => {
    await runWith({ ...IMAGE, 'smoke-hosts': '40' });
    expect(readFileSync(join(folder, 'summary'), 'utf8')).toContain('Invalid input: 1 problem');
    expect(files.outputs.values()).toMatchObject({
      outcome: 'invalid-input',
      'failure-class': 'invalid-input',
      'failure-reason': 'There is a mistake in the inputs; nothing was run.',
      'report-path': '',
    });
  });
});

describe('the state for post', () => {
  test('is saved before docker is asked for anything', async () => {
    // Docker itself notes what is there when it is called first.
    dockerDoes = `[ -e ${join(folder, 'seen')} ] || cp ${files.state.path} ${join(folder, 'seen')}; exit 1`;
    await runWith(IMAGE);
    expect(readFileSync(join(folder, 'seen'), 'utf8')).toBe(readFileSync(files.state.path, 'utf8'));
    expect(files.state.values()).toEqual({
      runId: 'abababababab',
      tempDir: join(folder, 'temp/sagemaker-byoc-abababababab'),
    });
  });
});

describe('a run that fails', () => {
  test('without Docker: one clear error, nothing left', async () => {
    dockerDoes = 'echo "Cannot connect to the Docker daemon at unix:///var/run/docker.sock." >&2; exit 1';
    expect(await runWith(IMAGE)).toBe(1);
    expect(errors()).toHaveLength(1);
    expect(errors()[0]?.message).toMatch(/Docker cannot be reached/);
    expect(warnings()).toEqual([]);
    expect(leftInTemp()).toEqual([]);
    expect(files.outputs.values()['outcome']).toBe('failed');
  });

  test('an image that something else removes meanwhile: said, and no mistake of the action', async () => {
    const found = '{"Id":"sha256:ab","Os":"linux","Architecture":"amd64","Size":1}';
    dockerDoes = `case "$1 $2" in
'image inspect') [ -e '${folder}/found' ] && { echo "Error: No such image: sha256:ab" >&2; exit 1; }
  touch '${folder}/found'; echo '${found}';;
esac`;
    expect(await runWith(IMAGE)).toBe(1);
    expect(errors()).toHaveLength(1);
    expect(errors()[0]?.message).toMatch(
      /^The image is no longer in the Docker engine: sha256:ab\.\nFix: If/,
    );
  });

  test('no folder for temporary files: its path and the reason', async () => {
    writeFileSync(join(folder, 'temp/sagemaker-byoc-abababababab'), '');
    expect(await runWith(IMAGE)).toBe(1);
    expect(errors()).toHaveLength(1);
    expect(errors()[0]?.message).toContain(join(folder, 'temp/sagemaker-byoc-abababababab'));
    expect(calls()).toBe('');
  });
});

describe('cleaning up', () => {
  test('what cannot be removed is a warning that says how to, and no reason to fail', async () => {
    dockerDoes = 'case "$1" in ps) echo abc;; rm) echo "driver failed" >&2; exit 1;; *) exit 1;; esac';
    await runWith(IMAGE);
    expect(calls()).toMatch(/^rm --force --volumes abc$/m);
    expect(warnings()).toEqual([
      expect.objectContaining({
        message: expect.stringMatching(
          /driver failed.*io\.github\.sagemaker-byoc\.run=abababababab.*docker rm/,
        ),
      }),
    ]);
    expect(leftInTemp()).toEqual([]);
  });
});

describe('a runner that the action cannot use', () => {
  test.each([
    ['win32', 'Windows'],
    ['darwin', 'macOS'],
    ['freebsd', 'freebsd'],
  ] as const)('%s: is named with the fix, before anything else is looked at', async (platform, name) => {
    expect(await runWith({ 'smoke-hosts': '40' }, { platform })).toBe(1);
    expect(errors()).toHaveLength(1);
    expect(errors()[0]?.message).toContain(`system is ${name}`);
    expect(errors()[0]?.message).toContain('runs-on: ubuntu-latest');
    expect(calls()).toBe('');
    expect(leftInTemp()).toEqual([]);
    expect(files.state.values()).toEqual({});
    expect(files.outputs.values()).toMatchObject({
      outcome: 'failed',
      'failure-class': 'runner-not-supported',
      'failure-reason': `This action runs on Linux; this runner’s system is ${name}. Nothing was run.`,
    });
    expect(readFileSync(join(folder, 'summary'), 'utf8')).toContain(
      'This action runs on Linux runners only: nothing was run',
    );
  });

  test('has no program `docker`: a class of its own, and no word against the container', async () => {
    const env = { ...process.env, INPUT_CONTEXT: '.', PATH: join(folder, 'workspace') };
    const files_ = { GITHUB_WORKSPACE: join(folder, 'workspace'), RUNNER_TEMP: join(folder, 'temp') };
    writeFileSync(join(folder, 'workspace/Dockerfile'), 'FROM scratch\n');
    const summary = { GITHUB_STEP_SUMMARY: join(folder, 'summary') };
    expect(await runWith({}, { env: { ...env, ...files_, ...summary } })).toBe(1);
    expect(errors()[0]?.message).toContain('The program `docker` was not found on PATH.');
    expect(files.outputs.values()['failure-class']).toBe('docker-unavailable');
    const text = readFileSync(join(folder, 'summary'), 'utf8');
    expect(text).toContain('Docker cannot be used on this runner');
    expect(text).not.toContain('could not be built');
  });
});

describe('debug logging', () => {
  const debugLines = () =>
    runnerCommands(output).flatMap(({ name, message }) => (name === 'debug' ? [message] : []));
  const env = (more: Record<string, string>) => ({
    ...process.env,
    PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
    GITHUB_WORKSPACE: join(folder, 'workspace'),
    RUNNER_TEMP: join(folder, 'temp'),
    'INPUT_IMAGE-URI': 'model:1',
    INPUT_ENVIRONMENT: 'PASSWORD=hidden-by-nobody',
    HTTPS_PROXY: 'http://user:hidden@proxy.example:3128',
    ...more,
  });

  test('says with what surroundings, by what plan, and what docker was asked', async () => {
    dockerDoes = 'case "$1" in version) echo 20.10.0;; *) exit 3;; esac';
    await runWith({}, { env: env({ RUNNER_DEBUG: '1' }) });
    const lines = debugLines();
    expect(lines[0]).toMatch(
      /^sagemaker-byoc \d\S+, Node\.js v\S+, linux\/\S+, HTTPS_PROXY=http:\/\/proxy\.example:3128/,
    );
    expect(lines[1]).toBe('Plan: smoke-test; model:1; Region as the SDK finds it');
    expect(lines[2]).toMatch(/^docker version --format .*: exit code 0, \d+\.\d\d s$/);
    expect(lines).toContainEqual(expect.stringMatching(/^docker image inspect .*: exit code 3, /));
    expect(lines.join('\n')).not.toContain('hidden');
  });

  test('is quiet when nobody asked for it', async () => {
    await runWith({}, { env: env({ RUNNER_DEBUG: '' }) });
    expect(output).not.toContain('::debug::');
  });
});

describe('a mistake of the action', () => {
  /** The clock fails when the stages look at it first. */
  const brokenClock = () => {
    let looks = 0;
    return () => {
      looks += 1;
      if (looks === 2) throw new TypeError('the clock broke');
      return new Date(1_700_000_000_000);
    };
  };

  test('is one error that asks to report it, without a stack trace, and nothing is left', async () => {
    expect(await runWith(IMAGE, { now: brokenClock() })).toBe(1);
    expect(errors()).toHaveLength(1);
    expect(errors()[0]?.message).toMatch(/TypeError: the clock broke\nFix: Please report it/);
    expect(output).not.toMatch(/^\s*at /m);
    expect(leftInTemp()).toEqual([]);
    expect(calls()).toMatch(/^ps --all/m);
  });

  test('with debug logging the place in the code is in the log', async () => {
    const debug = { ...IMAGE };
    process.env['RUNNER_DEBUG'] = '1';
    await runWith(debug, { now: brokenClock() });
    expect(output).toMatch(/^\s*at .*run\.test\.ts/m);
  });
});

describe('a cancel', () => {
  /** Sends the signal when the run has got its id, which is when it begins to make things. */
  const cancelAtStart = (signals: EventEmitter) => (bytes: number) => {
    if (bytes === 6) setImmediate(() => signals.emit('SIGINT'));
    return 'ab'.repeat(bytes);
  };

  test('ends what docker does, cleans up and says canceled', async () => {
    const signals = new EventEmitter();
    dockerDoes = 'case "$1" in version) exec sleep 300;; esac';
    expect(await runWith(IMAGE, { signals, randomHex: cancelAtStart(signals) })).toBe(1);
    expect(files.outputs.values()['outcome']).toBe('canceled');
    expect(calls()).toMatch(/^ps --all/m);
    expect(leftInTemp()).toEqual([]);
    expect(readFileSync(join(folder, 'summary'), 'utf8')).toContain('Canceled');
  });

  test('an engine that hangs while cleaning up is left to post, with a warning', async () => {
    const signals = new EventEmitter();
    dockerDoes = 'exec sleep 300';
    const waits: number[] = [];
    const sleep = async (milliseconds: number) => {
      waits.push(milliseconds);
    };
    expect(await runWith(IMAGE, { signals, randomHex: cancelAtStart(signals), sleep })).toBe(1);
    expect(waits.reduce((sum, wait) => sum + wait, 0)).toBeLessThanOrEqual(7_000);
    expect(warnings()).toEqual([
      expect.objectContaining({ message: expect.stringMatching(/Docker took too long.*post/) }),
    ]);
    expect(files.outputs.values()['outcome']).toBe('canceled');
    expect(leftInTemp()).toEqual([]);
  });
});
