import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from '@jest/globals';
import { Container } from '../../../src/contract/container.js';
import { type FakeDocker, fakeDocker } from '../docker/fake-docker.js';

/** The state of a container as `docker inspect` of 20.10 gives it. */
const ENDED = {
  Status: 'exited',
  Running: false,
  OOMKilled: false,
  Pid: 0,
  ExitCode: 0,
  Error: '',
  StartedAt: '2026-01-02T03:04:05.5Z',
  FinishedAt: '2026-01-02T03:04:08.75Z',
};
const NEVER = { StartedAt: '0001-01-01T00:00:00Z', FinishedAt: '0001-01-01T00:00:00Z', Status: 'created' };

interface Script {
  /** What `docker start --attach` does: the container's program. */
  readonly program?: string;
  readonly state?: Partial<typeof ENDED>;
  readonly settings?: object;
  /** Limit of its memory in bytes; 0: none. */
  readonly memory?: number;
  readonly kill?: string;
}

async function container({
  program = '',
  state = {},
  settings = {},
  memory = 0,
  kill = '',
}: Script): Promise<{
  fake: FakeDocker;
  container: Container;
  lines: string[];
}> {
  const fake = fakeDocker(`case "$1" in
start) ${program || ':'};;
inspect) exec cat "$FOLDER/inspect.json";;
kill) ${kill || ':'};;
esac`);
  writeFileSync(
    join(fake.folder, 'inspect.json'),
    JSON.stringify({ Id: 'f'.repeat(64), State: { ...ENDED, ...state }, Memory: memory, Settings: settings }),
  );
  const lines: string[] = [];
  const made = await Container.create(
    fake.docker,
    {
      name: 'c-1',
      environment: new Map([['A', 'x y']]),
      args: ['--network', 'n'],
      image: 'model:1',
      command: ['train'],
    },
    'algo-1',
    (source, line) => lines.push(`${source}: ${line}`),
    new AbortController().signal,
  );
  return { fake, container: made, lines };
}

describe('A container', () => {
  test('is made without a log, an init process and a health check of the engine, and without a terminal, its arguments in their place', async () => {
    const { fake } = await container({});
    expect(fake.calls()).toEqual([
      [
        ...['create', '--name', 'c-1', '--log-driver', 'none', '--init=false', '--no-healthcheck'],
        ...['--env', 'A', '--network', 'n', 'model:1', 'train'],
      ],
    ]);
  });

  test('shows each line of both channels as it comes, and keeps the last ones', async () => {
    const { container: one, lines } = await container({ program: 'echo out; echo err >&2; printf last' });
    one.start();
    await one.wait(60);
    expect([...lines].sort()).toEqual(['algo-1: err', 'algo-1: last', 'algo-1: out']);
    expect([...one.tail.lines].sort()).toEqual(['err', 'last', 'out']);
  });

  test('ends with its exit code and the engine’s own time', async () => {
    const { container: one } = await container({ program: 'exit 3', state: { ExitCode: 3 } });
    one.start();
    expect(await one.wait(60)).toEqual({ exitCode: 3, oomKilled: false, timedOut: false, seconds: 3.25 });
    expect(await one.hasEnded()).toBe(true);
  });

  test('tells that a process was killed for its memory', async () => {
    const { container: one } = await container({ state: { OOMKilled: true, ExitCode: 137 } });
    one.start();
    expect(await one.wait(60)).toMatchObject({ oomKilled: true, exitCode: 137 });
  });

  test('killed within a memory limit was killed for its memory, also where the engine missed that', async () => {
    const killed = { ExitCode: 137, OOMKilled: false };
    const { container: limited } = await container({ memory: 2 ** 30, state: killed });
    limited.start();
    expect(await limited.wait(60)).toMatchObject({ oomKilled: true, exitCode: 137 });
    const { container: free } = await container({ state: killed });
    free.start();
    expect(await free.wait(60)).toMatchObject({ oomKilled: false, exitCode: 137 });
  });

  test('killed for its time was not killed for its memory', async () => {
    const { container: one } = await container({
      program: 'while [ ! -e "$FOLDER/killed" ]; do sleep 0.01; done; exit 137',
      kill: 'touch "$FOLDER/killed"',
      memory: 2 ** 30,
      state: { ExitCode: 137 },
    });
    one.start();
    expect(await one.wait(0.05)).toMatchObject({ timedOut: true, oomKilled: false });
  });

  test.each([
    [
      'failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: "train": executable file not found in $PATH: unknown',
      'exec: "train": executable file not found in $PATH',
    ],
    [
      'OCI runtime create failed: container_linux.go:380: starting container process caused: exec: "/opt/train": permission denied: unknown',
      'exec: "/opt/train": permission denied',
    ],
    [
      'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: exec: "train": stat train: no such file or directory: unknown',
      'exec: "train": stat train: no such file or directory',
    ],
    [
      'unable to find user model: no matching entries in passwd file',
      'unable to find user model: no matching entries in passwd file',
    ],
  ])('that could not be started says why, without the engine’s own words: %s', async (said, words) => {
    const { container: one } = await container({
      program: 'exit 127',
      state: { ...NEVER, ExitCode: 127, Error: said },
    });
    one.start();
    expect(await one.wait(60)).toEqual({
      startError: `The container could not be started: ${words}`,
      oomKilled: false,
      timedOut: false,
      seconds: 0,
    });
  });

  test.each([
    'mkdir /var/lib/docker/overlay2/0a1b/merged: no space left on device',
    'driver failed programming external connectivity on endpoint c-1: Bind for 127.0.0.1:32768 failed: port is already allocated',
    'failed to set up container networking: network sagemaker-byoc-run not found',
    'connection error: desc = "transport: Error while dialing: dial unix:///run/containerd/containerd.sock: timeout"',
  ])('that the engine could not start, whatever is in it, is not judged: %s', async (said) => {
    const { container: one } = await container({
      program: 'exit 1',
      state: { ...NEVER, ExitCode: 128, Error: said },
    });
    one.start();
    await expect(one.wait(60)).rejects.toMatchObject({ name: 'DockerError', stderr: said });
  });

  test('that never began counts as not started, also without a reason', async () => {
    const { container: one } = await container({ state: { ...NEVER, ExitCode: 128 } });
    one.start();
    expect(await one.wait(60)).toMatchObject({ startError: 'The container could not be started.' });
  });

  test('that runs too long is killed, and counts as timed out', async () => {
    const { container: one, fake } = await container({
      program: 'echo up; while [ ! -e "$FOLDER/killed" ]; do sleep 0.01; done; exit 137',
      kill: 'touch "$FOLDER/killed"',
      state: { ExitCode: 137 },
    });
    one.start();
    expect(await one.wait(0.05)).toMatchObject({ timedOut: true, exitCode: 137 });
    expect(fake.calls()).toContainEqual(['kill', '--signal', 'SIGKILL', 'c-1']);
  });

  test('is waited for, but not for ever', async () => {
    const { container: one, fake } = await container({
      program: 'while [ ! -e "$FOLDER/go" ]; do sleep 0.01; done',
    });
    one.start();
    expect(await one.endsWithin(0.02)).toBe(false);
    expect(await one.hasEnded()).toBe(false);
    writeFileSync(join(fake.folder, 'go'), '');
    expect(await one.endsWithin(60)).toBe(true);
  });

  test('says where it is reached', async () => {
    const settings = {
      Ports: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '49153' }], '9000/tcp': null },
      Networks: { 'sagemaker-byoc': { IPAddress: '172.18.0.2' } },
    };
    const { container: one } = await container({ settings, state: { Running: true, Pid: 42 } });
    expect(await one.state()).toMatchObject({
      Id: 'f'.repeat(64),
      Running: true,
      Pid: 42,
      address: '172.18.0.2',
      publishedPort: 49153,
    });
  });

  test('has no address where the engine gives none', async () => {
    const { container: one } = await container({
      settings: { Ports: {}, Networks: { none: { IPAddress: '' } } },
    });
    expect(await one.state()).not.toHaveProperty('address');
    expect(await one.state()).not.toHaveProperty('publishedPort');
  });

  test.each(['Container x is not running', 'No such container: x'])(
    'that is gone already takes a signal without complaint: %s',
    async (words) => {
      const { container: one } = await container({ kill: `echo 'Error response: ${words}' >&2; exit 1` });
      await expect(one.signalProcess('SIGTERM')).resolves.toBe(false);
    },
  );

  test('says so when a signal could not be sent', async () => {
    const { container: one } = await container({ kill: 'echo "Error: permission denied" >&2; exit 1' });
    await expect(one.signalProcess('SIGTERM')).rejects.toThrow('permission denied');
  });

  test('is removed with its volumes, running or not, and nothing stays attached to it', async () => {
    const { container: one, fake } = await container({ program: 'touch "$FOLDER/up"; exec sleep 60' });
    one.start();
    while (!existsSync(join(fake.folder, 'up'))) {
      await sleep(5);
    }
    await one.remove();
    await one.ended;
    expect(fake.calls().at(-1)).toEqual(['rm', '--force', '--volumes', 'c-1']);
  });

  test('cannot be waited for before it was started', async () => {
    const { container: one } = await container({});
    await expect(one.wait(1)).rejects.toThrow('c-1 was not started');
  });
});
