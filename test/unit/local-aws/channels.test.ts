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
  channel: Partial<Channel> & { uri: string; type?: string; sharded?: boolean; attributes?: string[] },
  mode: InputMode = 'File',
  [host, hosts]: readonly [number, number] = [0, 1],
): Promise<Record<string, Buffer>> {
  const { uri, type = 'S3Prefix', sharded, attributes, ...more } = channel;
  const folder = temporaryFolder();
  const source = {
    S3Uri: uri,
    S3DataType: type,
    S3DataDistributionType: sharded ? 'ShardedByS3Key' : 'FullyReplicated',
    ...(attributes && { AttributeNames: attributes }),
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

  describe('of an augmented manifest', () => {
    const manifest = [
      '{"image-ref": "s3://x/p/a", "is-a-cat": 1, "boxes": {"n": 2}, "more": "ignored"}',
      '',
      '{"is-a-cat": 0, "image-ref": "s3://x/p/b", "boxes": [], "text": "t"}',
    ].join('\n');
    const objects = { ...letters, list: manifest };
    const augmented = (attributes: string[], more: Partial<Channel> = {}) =>
      download(objects, { uri: 's3://x/list', type: 'AugmentedManifestFile', attributes, ...more }, 'Pipe');

    test('brings the attributes of each line in the order of the request, objects by their content', async () => {
      const files = await augmented(['image-ref', 'is-a-cat', 'boxes']);
      expect(Object.values(files).map(String)).toEqual(['A1{"n":2}B0[]']);
    });

    test('has a record for each where the channel wraps', async () => {
      const [stream] = Object.values(
        await augmented(['is-a-cat', 'image-ref'], { RecordWrapperType: 'RecordIO' }),
      );
      const record = (text: string) => `0a23d7ce01000000${Buffer.from(`${text}\0\0\0`).toString('hex')}`;
      expect(stream?.toString('hex')).toBe(['1', 'A', '0', 'B'].map(record).join(''));
    });

    test.each([
      [['text'], /Data download failed:s3:\/\/x\/list, line 1, has no attribute text/],
      [['more-ref'], /no attribute more-ref/],
    ])('fails the job when a line lacks %j', async (attributes, message) => {
      await expect(augmented(attributes)).rejects.toThrow(message);
    });

    test('fails the job when it is none, or when an object is not there', async () => {
      const channel = { uri: 's3://x/list', type: 'AugmentedManifestFile', attributes: ['a-ref'] };
      await expect(download({ list: '[1]' }, channel, 'Pipe')).rejects.toThrow(/line 1, is no JSON object/);
      const missing = download({ list: '{"a-ref": "s3://x/none"}' }, channel, 'Pipe');
      await expect(missing).rejects.toThrow(/Data download failed:Unable to download object .*NoSuchKey/);
    });
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
