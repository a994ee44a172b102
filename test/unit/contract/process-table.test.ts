import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { createProcessTable, parseListeners } from '../../../src/contract/process-table.js';
import { temporaryFolder } from '../inputs/workspace.js';

const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
});

/** A real process; given once it has said something, so that its handlers are in place. */
async function started(script: string): Promise<number> {
  const child = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child.pid ?? 0;
}

const cgroupOf = (pid: number): string => readFileSync(`/proc/${pid}/cgroup`, 'utf8').trim();

/** A /proc of our own, with one process. */
function procWith(files: Readonly<Record<string, string>>): ReturnType<typeof createProcessTable> {
  const root = temporaryFolder();
  mkdirSync(join(root, '7/net'), { recursive: true });
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(root, '7', name), content);
  }
  return createProcessTable(root);
}

const ID = 'f'.repeat(64);
const CGROUP = `0::/system.slice/docker-${ID}.scope\n`;
const bits = (signals: readonly number[]): string =>
  signals
    .reduce((mask, signal) => mask | (1n << BigInt(signal - 1)), 0n)
    .toString(16)
    .padStart(16, '0');
const status = (caught: readonly number[], blocked: readonly number[] = []): string =>
  `Name:\tpython\nSigBlk:\t${bits(blocked)}\nSigIgn:\t${bits([1])}\nSigCgt:\t${bits(caught)}\n`;

describe('Whether a process handles SIGTERM', () => {
  test('is seen of a real process that has a handler', async () => {
    const pid = await started('trap "exit 0" TERM; echo ready; read -r line');
    expect(await createProcessTable().handlesSigterm(pid, cgroupOf(pid))).toBe(true);
  });

  test('is seen of a real process that has none, and of one that ignores it', async () => {
    const plain = await started('echo ready; read -r line');
    const ignoring = await started('trap "" TERM; echo ready; read -r line');
    const table = createProcessTable();
    expect(await table.handlesSigterm(plain, cgroupOf(plain))).toBe(false);
    expect(await table.handlesSigterm(ignoring, cgroupOf(ignoring))).toBe(false);
  });

  test.each([
    ['caught', status([15]), true],
    ['caught, and blocked just now', status([15], [15]), true],
    ['not caught, while its neighbours are', status([14, 16]), false],
    ['blocked, to be waited for by other means (s6)', status([], [15]), undefined],
    ['waited for, which shows in no mask (tini)', status([]).replace('python', 'tini'), undefined],
    ['waited for, which shows in no mask (dumb-init)', status([]).replace('python', 'dumb-init'), undefined],
    ['not told', 'Name:\tpython\n', undefined],
  ])('is read from the signal masks: %s', async (_, text, handles) => {
    expect(await procWith({ cgroup: CGROUP, status: text }).handlesSigterm(7, ID)).toBe(handles);
  });

  test('is not seen of another process that has the same number here', async () => {
    const table = procWith({ cgroup: CGROUP, status: status([15]) });
    expect(await table.handlesSigterm(7, 'e'.repeat(64))).toBeUndefined();
  });

  test('is not seen of a process that is gone, or of a container that has none', async () => {
    const table = createProcessTable();
    expect(await table.handlesSigterm(2 ** 22 + 1, ID)).toBeUndefined();
    expect(await table.handlesSigterm(0, ID)).toBeUndefined();
    expect(await createProcessTable('/nowhere').handlesSigterm(1, ID)).toBeUndefined();
  });
});

describe('What listens', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '0.0.0.0'],
    ['::1', '[::1]'],
    ['::', '[::]'],
    ['::ffff:127.0.0.1', '127.0.0.1'],
  ])('is read from the real tables: %s', async (host, shown) => {
    const server = createServer();
    server.listen({ host, port: 0, ipv6Only: false });
    // A machine without IPv6 has nothing to show here: `error` comes in place of `listening`.
    const opened = await Promise.race([
      once(server, 'listening').then(() => true),
      once(server, 'error').then(() => false),
    ]);
    if (!opened) {
      expect(host).toContain(':');
      return;
    }
    try {
      const { port } = server.address() as AddressInfo;
      const listeners = await createProcessTable().listeners(process.pid, cgroupOf(process.pid));
      expect(listeners).toContain(`${shown}:${port}`);
    } finally {
      server.close();
      await once(server, 'close');
    }
  });

  const TABLE = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode',
    '   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1 0 100 0 0 10 0',
    '   1: 0B00007F:A2E5 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 2 1 0 100 0 0 10 0',
    '   2: 0200A8C0:1F90 0100A8C0:D431 01 00000000:00000000 00:00000000 00000000     0        0 3 1 0 20 4 30 10 -1',
    '   3: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4 1 0 100 0 0 10 0',
    '',
  ].join('\n');

  test('leaves out connections, and the name server that Docker brings', () => {
    expect(parseListeners(TABLE)).toEqual(['0.0.0.0:8080', '127.0.0.1:5000']);
  });

  test('writes IPv6 addresses', () => {
    const line = (address: string) => `   0: ${address}:1F90 ${'0'.repeat(32)}:0000 0A x`;
    expect(parseListeners(line('B80D0120000000000000000001000000'))).toEqual(['[2001:db8:0:0:0:0:0:1]:8080']);
    expect(parseListeners(line('0000000000000000FFFF00000100007F'))).toEqual(['127.0.0.1:8080']);
  });

  test('is nothing in an empty table', () => {
    expect(parseListeners('')).toEqual([]);
    expect(parseListeners(TABLE.split('\n')[0] ?? '')).toEqual([]);
  });

  test('is told once for a socket that is in both tables, and without IPv6 from one', async () => {
    const both = procWith({ cgroup: CGROUP, 'net/tcp': TABLE, 'net/tcp6': TABLE });
    expect(await both.listeners(7, ID)).toEqual(['0.0.0.0:8080', '127.0.0.1:5000']);
    const four = procWith({ cgroup: CGROUP, 'net/tcp': TABLE });
    expect(await four.listeners(7, ID)).toEqual(['0.0.0.0:8080', '127.0.0.1:5000']);
  });

  test('is not seen where the tables are not this container’s', async () => {
    expect(await procWith({ cgroup: '0::/\n', 'net/tcp': TABLE }).listeners(7, ID)).toBeUndefined();
  });
});
