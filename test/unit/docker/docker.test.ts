import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import {
  CanceledError,
  createDocker,
  DockerError,
  DockerUnavailableError,
  feed,
  fetchOutput,
} from '../../../src/docker/docker.js';
import { temporaryFolder } from '../inputs/workspace.js';
import { fakeDocker } from './fake-docker.js';

const caught = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => error,
  );

describe('run', () => {
  test('gives what docker says on both channels', async () => {
    const { docker } = fakeDocker('echo out; echo err >&2');
    expect(await docker.run(['version'])).toEqual({ stdout: 'out\n', stderr: 'err\n' });
  });

  test('passes each argument as it is: there is no shell in between', async () => {
    const args = ['create', 'two words', '$HOME', '*', '', "it's", 'a\nb', '; rm -rf x', '--env', 'A=ü'];
    const { docker, calls } = fakeDocker('exit 0');
    await docker.run(args);
    expect(calls()).toEqual([args]);
  });

  test('puts characters together that come in pieces, and more output than a pipe holds', async () => {
    const { docker } = fakeDocker(
      `printf '\\303'; sleep 0.05; printf '\\274'; head -c 300000 /dev/zero | tr '\\0' x`,
    );
    const { stdout } = await docker.run(['logs']);
    expect(stdout.slice(0, 2)).toBe('üx');
    expect(stdout).toHaveLength(300_001);
  });

  test('closes standard input unless there is something to put in', async () => {
    const { docker } = fakeDocker('cat');
    expect((await docker.run(['login'])).stdout).toBe('');
    expect((await docker.run(['login'], { input: Buffer.from('secret') })).stdout).toBe('secret');
  });

  test('ends in an error that says what was run, the exit code and the last line', async () => {
    const { docker } = fakeDocker('echo "first" >&2; echo "Error: No such image: x" >&2; exit 5');
    const error = await caught(docker.run(['image', 'inspect', 'x']));
    expect(error).toBeInstanceOf(DockerError);
    expect(error).toMatchObject({
      message: 'docker image failed (exit code 5): Error: No such image: x',
      args: ['image', 'inspect', 'x'],
      exitCode: 5,
      stderr: 'first\nError: No such image: x\n',
    });
  });

  test('says so when docker gave no reason', async () => {
    const { docker } = fakeDocker('exit 1');
    await expect(docker.run(['rm', 'x'])).rejects.toThrow(
      'docker rm failed (exit code 1): docker gave no reason',
    );
  });

  test('counts a docker that was killed as failed', async () => {
    const { docker } = fakeDocker('kill -KILL $$');
    expect(await caught(docker.run(['ps']))).toMatchObject({ exitCode: 137 });
  });

  test('survives a docker that does not read its input', async () => {
    const { docker } = fakeDocker('echo "refused" >&2; exit 3');
    const input = Buffer.alloc(2 * 1024 ** 2);
    expect(await caught(docker.run(['load'], { input }))).toMatchObject({ exitCode: 3, stderr: 'refused\n' });
    const { docker: content } = fakeDocker('exit 0');
    await expect(content.run(['load'], { input })).resolves.toEqual({ stdout: '', stderr: '' });
  });
});

describe('The environment of docker', () => {
  test('is this process’s, without inputs and state of the action: they may hold secrets', async () => {
    const { docker } = fakeDocker('env', {
      HOME: '/home/me',
      DOCKER_HOST: 'unix:///var/run/other.sock',
      'INPUT_BUILD-SECRETS': 'token=hunter2',
      STATE_run: 'hunter2',
      MY_INPUT_X: 'kept',
    });
    const lines = (await docker.run(['info'])).stdout.split('\n');
    expect(lines).toContain('HOME=/home/me');
    expect(lines).toContain('DOCKER_HOST=unix:///var/run/other.sock');
    expect(lines).toContain('MY_INPUT_X=kept');
    expect(lines.join('\n')).not.toContain('hunter2');
  });

  test('takes secrets for one command', async () => {
    const { docker } = fakeDocker('echo "[$SECRET]"');
    expect((await docker.run(['build'], { env: { SECRET: 'x' } })).stdout).toBe('[x]\n');
    expect((await docker.run(['build'])).stdout).toBe('[]\n');
  });
});

describe('Without Docker', () => {
  test('everything says that the program is missing', async () => {
    const docker = createDocker({ PATH: temporaryFolder() });
    const message = 'The program `docker` was not found on PATH.';
    for (const error of [
      await caught(docker.run(['version'])),
      await caught(docker.start(['version']).exitCode),
      await caught(feed(docker, ['cp', '-', 'x:/'], Readable.from([Buffer.alloc(1024 ** 2)]))),
    ]) {
      expect(error).toBeInstanceOf(DockerUnavailableError);
      expect(error).toMatchObject({ message });
    }
  });

  test.each([
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    'failed to connect to the docker API at unix:///var/run/docker.sock; check if the path is correct and if the daemon is running: dial unix /var/run/docker.sock: connect: no such file or directory',
    'error during connect: Get "http://x": dial tcp: lookup x: no such host',
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock',
  ])('an engine that does not answer is told from a command that fails: %s', async (line) => {
    const { docker } = fakeDocker(`echo 'Hint: x' >&2; echo '${line}' >&2; exit 1`);
    for (const error of [
      await caught(docker.run(['ps'])),
      await caught(feed(docker, ['cp', '-', 'x:/'], Readable.from([Buffer.from('x')]))),
    ]) {
      expect(error).toBeInstanceOf(DockerUnavailableError);
      expect(error).toMatchObject({ message: line });
    }
  });
});

describe('A command that is aborted', () => {
  /** Waits for a file that the script makes. */
  const appears = async (path: string): Promise<void> => {
    while (!existsSync(path) || readFileSync(path, 'utf8') === '') {
      await sleep(5);
    }
  };
  const isAlive = (pid: number): boolean => {
    try {
      // A process that ended and was not waited for yet counts as gone.
      return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    } catch {
      return false;
    }
  };

  test('is killed with its plugin, and says that it was cancelled', async () => {
    // As `docker buildx` does: a child that holds the output open, and does not care for SIGTERM.
    const { docker, folder } = fakeDocker(
      `sh -c 'trap "" TERM; echo $$ >"$0/pid"; while :; do sleep 1; done' "$FOLDER" & wait`,
    );
    const abort = new AbortController();
    const running = caught(docker.run(['buildx', 'build'], { signal: abort.signal }));
    await appears(join(folder, 'pid'));
    const plugin = Number(readFileSync(join(folder, 'pid'), 'utf8'));
    expect(isAlive(plugin)).toBe(true);
    abort.abort();
    expect(await running).toBeInstanceOf(CanceledError);
    while (isAlive(plugin)) {
      await sleep(5);
    }
  });

  test('is not even started when the signal came before', async () => {
    const { docker, calls } = fakeDocker('exit 0');
    const signal = AbortSignal.abort();
    expect(await caught(docker.run(['ps'], { signal }))).toBeInstanceOf(CanceledError);
    expect(calls()).toEqual([]);
  });

  test('leaves no listener on the signal behind once it has ended', async () => {
    const { docker } = fakeDocker('exit 0');
    const abort = new AbortController();
    await docker.run(['ps'], { signal: abort.signal });
    abort.abort();
    expect((await docker.run(['ps'])).stdout).toBe('');
  });

  test('ends a feed whose source never ends', async () => {
    const { docker, folder } = fakeDocker('echo x >"$FOLDER/started"; cat >/dev/null');
    const abort = new AbortController();
    const endless = new Readable({ read() {} });
    const running = caught(feed(docker, ['cp', '-', 'x:/'], endless, abort.signal));
    await appears(join(folder, 'started'));
    abort.abort();
    expect(await running).toBeInstanceOf(CanceledError);
    expect(endless.destroyed).toBe(true);
  });
});

describe('start', () => {
  test('lets the output be followed while the command runs', async () => {
    const { docker, folder } = fakeDocker(
      'echo one; while [ ! -e "$FOLDER/go" ]; do sleep 0.01; done; echo two',
    );
    const child = docker.start(['logs', '--follow']);
    const seen: string[] = [];
    for await (const chunk of child.stdout) {
      seen.push(String(chunk));
      if (seen.length === 1) {
        expect(seen).toEqual(['one\n']);
        writeFileSync(join(folder, 'go'), '');
      }
    }
    expect(seen.join('')).toBe('one\ntwo\n');
    expect(await child.exitCode).toBe(0);
  });

  test('keeps the output of a command that ended before anybody read it', async () => {
    const { docker } = fakeDocker('head -c 50000 /dev/zero; echo "and why" >&2');
    const child = docker.start(['cp', 'c:/opt/ml/model', '-']);
    expect(await child.exitCode).toBe(0);
    let bytes = 0;
    for await (const chunk of child.stdout) {
      bytes += (chunk as Buffer).length;
    }
    expect(bytes).toBe(50_000);
    expect(String(child.stderr.read())).toBe('and why\n');
  });

  test('tells the exit code whatever it is', async () => {
    expect(await fakeDocker('exit 42').docker.start(['start', '--attach']).exitCode).toBe(42);
  });

  test('kills on request, also when it has ended already', async () => {
    const { docker } = fakeDocker('echo up; exec sleep 60');
    const child = docker.start(['stats']);
    for await (const _ of child.stdout) {
      child.kill();
    }
    expect(await child.exitCode).toBe(137);
    child.kill();
  });
});

describe('feed', () => {
  test('hands the whole stream over', async () => {
    const { docker, folder } = fakeDocker('cat >"$FOLDER/got"');
    const content = Buffer.from(Array.from({ length: 500_000 }, (_, at) => at % 256));
    await feed(docker, ['cp', '--archive', '-', 'x:/opt/ml'], Readable.from([content]));
    expect(readFileSync(join(folder, 'got')).equals(content)).toBe(true);
  });

  test('tells docker’s own words when it stops reading', async () => {
    const { docker } = fakeDocker('head -c 10 >/dev/null; echo "no space left on device" >&2; exit 1');
    const source = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(64 * 1024)));
    const error = await caught(feed(docker, ['cp', '-', 'x:/'], source));
    expect(error).toMatchObject({
      name: 'DockerError',
      message: 'docker cp failed (exit code 1): no space left on device',
    });
  });

  test('tells the source’s error when that is what failed, and ends docker', async () => {
    const { docker } = fakeDocker('cat >/dev/null');
    async function* failing() {
      yield Buffer.from('x');
      throw new Error('EACCES: sample.csv');
    }
    await expect(feed(docker, ['cp', '-', 'x:/'], Readable.from(failing()))).rejects.toThrow(
      'EACCES: sample.csv',
    );
  });
});

describe('fetchOutput', () => {
  const read = async (stream: Readable) => Buffer.concat(await stream.toArray()).toString();

  test('gives all that the command prints, to its end', async () => {
    const { docker } = fakeDocker('head -c 200000 /dev/zero | tr "\\0" x');
    expect(await read(fetchOutput(docker, ['cp', 'c:/model', '-']))).toHaveLength(200_000);
  });

  test('fails when the command fails, also after some output: half of a model is none', async () => {
    const { docker } = fakeDocker('echo begin; echo "Error: No such container: c" >&2; exit 1');
    const error = await caught(read(fetchOutput(docker, ['cp', 'c:/model', '-'])));
    expect(error).toBeInstanceOf(DockerError);
    expect(error).toMatchObject({ stderr: 'Error: No such container: c\n' });
  });
});
