import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { PipeChannel } from '../../../src/contract/pipe-channel.js';
import { temporaryFolder } from '../inputs/workspace.js';

const channels: PipeChannel[] = [];

/** A channel with this sample, fed as a training run feeds it. */
async function started(source: string): Promise<{ channel: PipeChannel; fifo: (epoch: number) => string }> {
  const folder = temporaryFolder();
  const channel = await PipeChannel.create('algo-1', 'train', source, folder);
  channels.push(channel);
  channel.start();
  return { channel, fifo: (epoch) => join(folder, `train_${epoch}`) };
}

afterEach(async () => {
  await Promise.all(channels.splice(0).map((channel) => channel.stop()));
});

function sample(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** A program of its own that reads, as the container's would. */
async function run(
  command: string,
  ...args: readonly string[]
): Promise<{ code: number | null; output: Buffer }> {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output: Buffer.concat(chunks) };
}

const cat = async (path: string): Promise<string> => (await run('cat', path)).output.toString('utf8');

describe('A channel in Pipe mode', () => {
  test('has a FIFO for each epoch, which everybody may use', async () => {
    const folder = temporaryFolder();
    channels.push(await PipeChannel.create('algo-1', 'train', sample({ a: 'a' }), folder));
    const names = readdirSync(folder);
    expect(names).toContain('train_0');
    expect(names).toContain('train_49');
    const info = statSync(join(folder, 'train_0'));
    expect(info.isFIFO()).toBe(true);
    expect(info.mode & 0o777).toBe(0o666);
  });

  test('gives all files of the sample one after the other, by name, and then the end', async () => {
    const { channel, fifo } = await started(
      sample({ 'b.csv': '3\n', 'a.csv': '1\n2\n', 'sub/c.csv': '4\n' }),
    );
    expect(await cat(fifo(0))).toBe('1\n2\n3\n4\n');
    expect(await channel.stop()).toEqual({
      channel: 'train',
      inputMode: 'Pipe',
      host: 'algo-1',
      epochsOpened: 1,
      epochsRead: 1,
    });
  });

  test('gives the whole sample again in the next epoch', async () => {
    const { channel, fifo } = await started(join(sample({ 'a.csv': '1\n' }), 'a.csv'));
    expect([await cat(fifo(0)), await cat(fifo(1)), await cat(fifo(2))]).toEqual(['1\n', '1\n', '1\n']);
    expect(await channel.stop()).toMatchObject({ epochsOpened: 3, epochsRead: 3 });
  });

  test('can be read once an epoch: the FIFO is gone then', async () => {
    const { fifo } = await started(sample({ a: 'a' }));
    await cat(fifo(0));
    await cat(fifo(1));
    expect(existsSync(fifo(0))).toBe(false);
  });

  test('carries more than a pipe holds, byte for byte', async () => {
    const content = Buffer.from(Array.from({ length: 3_000_000 }, (_, at) => (at * 7) % 256));
    const { channel, fifo } = await started(sample({ big: content }));
    const { output } = await run('cat', fifo(0));
    const digest = (data: Buffer) => createHash('sha256').update(data).digest('hex');
    expect(digest(output)).toBe(digest(content));
    expect(await channel.stop()).toMatchObject({ epochsRead: 1 });
  });

  test('that is empty is read to the end by whoever opens it', async () => {
    const { channel, fifo } = await started(sample({ empty: '' }));
    expect(await cat(fifo(0))).toBe('');
    expect(await channel.stop()).toMatchObject({ epochsOpened: 1, epochsRead: 1 });
  });

  test('that nobody opens was not opened, and does not hold up the end', async () => {
    const { channel } = await started(sample({ a: 'a' }));
    expect(await channel.stop()).toMatchObject({ epochsOpened: 0, epochsRead: 0 });
  });

  test.each([
    ['the first bytes', 3_000_000, 1],
    ['nothing', 3_000_000, 0],
    ['the first bytes of a sample that the pipe’s buffer holds whole', 30_000, 1],
  ])('is not read to the end by a program that takes %s', async (_, size, count) => {
    const { channel, fifo } = await started(sample({ big: Buffer.alloc(size, 'x') }));
    expect((await run('dd', `if=${fifo(0)}`, 'bs=10', `count=${count}`, 'status=none')).code).toBe(0);
    // The next epoch begins all the same.
    const next = run('cat', fifo(1));
    expect((await next).output.length).toBe(size);
    expect(await channel.stop()).toMatchObject({ epochsOpened: 2, epochsRead: 1 });
  });

  test('ends while a program has it open and does not read', async () => {
    const { channel, fifo } = await started(sample({ big: Buffer.alloc(3_000_000, 'x') }));
    const idle = spawn('sh', ['-c', 'exec <"$1"; echo open; exec sleep 60', 'sh', fifo(0)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      await once(idle.stdout, 'data');
      expect(await channel.stop()).toMatchObject({ epochsRead: 0 });
    } finally {
      idle.kill('SIGKILL');
      await once(idle, 'close');
    }
  });

  test('can be stopped twice, and before it was started', async () => {
    const { channel, fifo } = await started(sample({ a: 'a' }));
    await cat(fifo(0));
    const first = await channel.stop();
    expect(await channel.stop()).toEqual(first);
    const idle = await PipeChannel.create('algo-1', 'train', sample({ a: 'a' }), temporaryFolder());
    expect(await idle.stop()).toMatchObject({ epochsOpened: 0 });
  });

  test('says so when the FIFOs cannot be made', async () => {
    await expect(PipeChannel.create('algo-1', 'train', sample({ a: 'a' }), '/nowhere')).rejects.toThrow(
      'mkfifo',
    );
  });
});
