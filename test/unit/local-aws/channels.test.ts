import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import type { S3Client } from '@aws-sdk/client-s3';
import type { Channel } from '@aws-sdk/client-sagemaker';
import { describe, expect, test } from '@jest/globals';
import { folderEntries } from '../../../src/contract/folder-entries.js';
import type { InputMode } from '../../../src/plan.js';
import { downloadChannel, nameBelow } from '../../local-aws/sagemaker/channels.js';
import { ObjectStore, parseS3Uri, type S3Location } from '../../local-aws/sagemaker/object-store.js';
import { temporaryFolder } from '../inputs/workspace.js';

/** A bucket whose objects are these; whatever else is asked for is not there. */
function bucket(objects: Readonly<Record<string, string | Buffer>>): ObjectStore {
  return new (class extends ObjectStore {
    override async list({ key }: S3Location) {
      return Object.keys(objects).filter((name) => name.startsWith(key));
    }
    override async open({ key }: S3Location) {
      const content = objects[key];
      if (content === undefined) {
        throw Object.assign(new Error('The specified key does not exist.'), { name: 'NoSuchKey' });
      }
      return Readable.from([Buffer.from(content)]);
    }
  })({} as S3Client);
}

async function download(
  objects: Readonly<Record<string, string | Buffer>>,
  channel: Partial<Channel> & { uri: string; type?: string; sharded?: boolean },
  mode: InputMode = 'File',
  [host, hosts]: readonly [number, number] = [0, 1],
): Promise<Record<string, Buffer>> {
  const { uri, type = 'S3Prefix', sharded, ...more } = channel;
  const folder = temporaryFolder();
  const source = {
    S3Uri: uri,
    S3DataType: type,
    S3DataDistributionType: sharded ? 'ShardedByS3Key' : 'FullyReplicated',
  };
  const full = { ChannelName: 'train', DataSource: { S3DataSource: source }, ...more } as Channel;
  await downloadChannel(bucket(objects), full, mode, host, hosts, folder);
  const files: Record<string, Buffer> = {};
  for await (const { name, path, kind } of folderEntries(folder)) {
    if (kind === 'file') {
      files[name] = readFileSync(path);
    }
  }
  return files;
}

describe('Where an object is put', () => {
  test.each([
    ['data/', 'data/a/b.csv', 'a/b.csv'],
    ['data', 'data/a/b.csv', 'a/b.csv'],
    ['data/b.csv', 'data/b.csv', 'b.csv'],
    ['data/pa', 'data/part-1.csv', 'part-1.csv'],
    ['', 'data/b.csv', 'data/b.csv'],
  ])('prefix "%s", key "%s" → %s', (prefix, key, name) => {
    expect(nameBelow(prefix, key)).toBe(name);
  });

  test('S3 URIs have two forms', () => {
    expect(parseS3Uri('s3://bucket/a/b')).toEqual({ bucket: 'bucket', key: 'a/b' });
    expect(parseS3Uri('https://s3.amazonaws.com/bucket/a')).toEqual({ bucket: 'bucket', key: 'a' });
    expect(parseS3Uri('s3://bucket')).toEqual({ bucket: 'bucket', key: '' });
  });
});

describe('A channel', () => {
  const letters = { 'p/a': 'A', 'p/b': 'B', 'p/c': 'C' };

  test('is divided among the hosts, object by object', async () => {
    const shard = (host: number) => download(letters, { uri: 's3://x/p/', sharded: true }, 'File', [host, 2]);
    expect(Object.keys(await shard(0))).toEqual(['a', 'c']);
    expect(Object.keys(await shard(1))).toEqual(['b']);
  });

  test('of a manifest has its files, under the names that it gives them', async () => {
    const manifest = JSON.stringify([{ prefix: 's3://x/p/' }, 'a', { prefix: 's3://x/' }, 'p/c']);
    const files = await download(
      { ...letters, list: manifest },
      { uri: 's3://x/list', type: 'ManifestFile' },
    );
    expect(Object.keys(files)).toEqual(['a', 'p/c']);
  });

  test('in Pipe mode is unpacked and wrapped, in File mode left as it is', async () => {
    const objects = { 'p/a.gz': gzipSync('hello') };
    const wrapped = { uri: 's3://x/p/', CompressionType: 'Gzip', RecordWrapperType: 'RecordIO' } as const;
    const piped = (await download(objects, wrapped, 'Pipe'))['a.gz'];
    expect(piped?.toString('hex')).toBe(`0a23d7ce05000000${Buffer.from('hello\0\0\0').toString('hex')}`);
    expect((await download(objects, wrapped, 'File'))['a.gz']).toEqual(objects['p/a.gz']);
  });

  test.each([
    [
      { uri: 's3://x/none', type: 'ManifestFile' },
      /Data download failed:Unable to download object s3:\/\/x\/none \(NoSuchKey: /,
    ],
    [{ uri: 's3://x/p/a', type: 'ManifestFile' }, /Data download failed:Failed to parse the manifest/],
    [{ uri: 's3://x/p//a' }, /illegal char sub-sequence '\/\/'/],
  ])('that cannot be read fails the job: %j', async (channel, message) => {
    await expect(download(letters, channel)).rejects.toThrow(message);
  });

  test('never leaves its folder', async () => {
    const manifest = JSON.stringify([{ prefix: 's3://x/p/../p/' }, '../../a']);
    const files = await download(
      { 'p/../p/../../a': 'A', list: manifest },
      { uri: 's3://x/list', type: 'ManifestFile' },
    );
    expect(Object.keys(files)).toEqual(['a']);
  });
});
