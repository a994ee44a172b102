import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  hostNames,
  hyperparametersJson,
  inputDataConfigJson,
  packChannels,
  packFolder,
  packTrainingTree,
  resourceConfigJson,
} from '../../../src/contract/opt-ml.js';
import { temporaryFolder } from '../inputs/workspace.js';
import { readTar, readTarFiles } from './tar.js';

/** A folder with these files; a path that ends with `/` is an empty folder. */
function folder(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  for (const [name, content] of Object.entries(files)) {
    const path = join(root, name);
    if (name.endsWith('/')) {
      mkdirSync(path, { recursive: true });
    } else {
      mkdirSync(join(path, '..'), { recursive: true });
      writeFileSync(path, content);
    }
  }
  return root;
}

describe('The configuration files are byte for byte those of the platform', () => {
  test('hyperparameters.json: a flat object of strings, two bytes when there are none', () => {
    expect(hyperparametersJson(new Map())).toBe('{}');
    expect(
      hyperparametersJson(
        new Map([
          ['num_round', '128'],
          ['eta', '0.001'],
          ['name', '"quoted" ü'],
        ]),
      ),
    ).toBe('{"num_round":"128","eta":"0.001","name":"\\"quoted\\" ü"}');
  });

  test('inputdataconfig.json', () => {
    expect(inputDataConfigJson(['train', 'eval'], 'File')).toBe(
      '{"train":{"TrainingInputMode":"File","S3DistributionType":"FullyReplicated","RecordWrapperType":"None"},' +
        '"eval":{"TrainingInputMode":"File","S3DistributionType":"FullyReplicated","RecordWrapperType":"None"}}',
    );
    expect(inputDataConfigJson([], 'File')).toBe('{}');
  });

  test('inputdataconfig.json calls FastFile File, and Pipe Pipe', () => {
    expect(inputDataConfigJson(['a'], 'FastFile')).toBe(inputDataConfigJson(['a'], 'File'));
    expect(inputDataConfigJson(['a'], 'Pipe')).toContain('"TrainingInputMode":"Pipe"');
  });

  test('inputdataconfig.json shows what a channel says of itself, its content type first', () => {
    const settings = new Map([
      [
        'train',
        {
          inputMode: 'Pipe',
          contentType: 'text/csv',
          distribution: 'ShardedByS3Key',
          recordWrapper: 'RecordIO',
        },
      ] as const,
    ]);
    expect(inputDataConfigJson(['train', 'eval'], 'File', settings)).toBe(
      '{"train":{"ContentType":"text/csv","TrainingInputMode":"Pipe","S3DistributionType":"ShardedByS3Key","RecordWrapperType":"RecordIO"},' +
        '"eval":{"TrainingInputMode":"File","S3DistributionType":"FullyReplicated","RecordWrapperType":"None"}}',
    );
  });

  test('resourceconfig.json: keys in alphabetical order, topology null', () => {
    expect(resourceConfigJson('algo-1', ['algo-1', 'algo-2'], 'ml.c5.xlarge')).toBe(
      '{"current_group_name":"homogeneousCluster","current_host":"algo-1","current_instance_type":"ml.c5.xlarge",' +
        '"hosts":["algo-1","algo-2"],' +
        '"instance_groups":[{"hosts":["algo-1","algo-2"],"instance_group_name":"homogeneousCluster","instance_type":"ml.c5.xlarge"}],' +
        '"network_interface_name":"eth0","topology":null}',
    );
  });

  test('resourceconfig.json of a job with several kinds of instances names the host’s own', () => {
    const groups = [
      { name: 'data', instanceType: 'ml.c5.xlarge', hosts: ['algo-1', 'algo-2'] },
      { name: 'learn', instanceType: 'ml.g5.xlarge', hosts: ['algo-3'] },
    ];
    expect(JSON.parse(resourceConfigJson('algo-3', hostNames(3), '', groups))).toMatchObject({
      current_group_name: 'learn',
      current_host: 'algo-3',
      current_instance_type: 'ml.g5.xlarge',
      hosts: ['algo-1', 'algo-2', 'algo-3'],
      instance_groups: [
        { hosts: ['algo-1', 'algo-2'], instance_group_name: 'data', instance_type: 'ml.c5.xlarge' },
        { hosts: ['algo-3'], instance_group_name: 'learn', instance_type: 'ml.g5.xlarge' },
      ],
    });
  });

  test('resourceconfig.json sorts hosts as text, wherever it is', () => {
    const hosts = hostNames(11);
    expect(hosts.slice(0, 2)).toEqual(['algo-1', 'algo-2']);
    const { current_host, hosts: listed } = JSON.parse(resourceConfigJson('algo-10', hosts, 'ml.m5.large'));
    expect(current_host).toBe('algo-10');
    expect(listed.slice(0, 4)).toEqual(['algo-1', 'algo-10', 'algo-11', 'algo-2']);
    expect(hosts[1]).toBe('algo-2');
  });
});

describe('The tree of a training host', () => {
  const tree = (channels: ReadonlyMap<string, string>, inputMode: 'File' | 'FastFile' | 'Pipe') => ({
    host: 'algo-1',
    hosts: ['algo-1'],
    instanceType: 'ml.m5.xlarge',
    hyperparameters: new Map([['epochs', '1']]),
    channels,
    inputMode,
  });

  test('has the platform’s folders and files, in an order in which they can be made', async () => {
    const data = folder({ 'b.csv': '1,2', 'a/deep/c.csv': '3,4', 'empty/': '' });
    const entries = await readTar(packTrainingTree(tree(new Map([['train', data]]), 'File')));
    expect(entries.map(({ header }) => `${header.type} ${header.name}`)).toEqual([
      'directory input/',
      'directory input/config/',
      'directory input/data/',
      'directory model/',
      'directory output/',
      'directory output/data/',
      'file input/config/hyperparameters.json',
      'file input/config/inputdataconfig.json',
      'file input/config/resourceconfig.json',
      'directory input/data/train/',
      'directory input/data/train/a/',
      'directory input/data/train/a/deep/',
      'file input/data/train/a/deep/c.csv',
      'file input/data/train/b.csv',
      'directory input/data/train/empty/',
      'file input/data/train-manifest',
    ]);
  });

  test('belongs to root, folders 0755 and files 0644, whoever owns the sample', async () => {
    const data = folder({ 'run.sh': '#!/bin/sh' });
    execFileSync('chmod', ['777', join(data, 'run.sh')]);
    for (const { header } of await readTar(packTrainingTree(tree(new Map([['train', data]]), 'File')))) {
      expect([header.name, header.uid, header.gid, header.uname, header.gname]).toEqual([
        header.name,
        0,
        0,
        'root',
        'root',
      ]);
      expect([header.name, header.mode]).toEqual([header.name, header.type === 'directory' ? 0o755 : 0o644]);
    }
  });

  test('holds the sample byte for byte, and a manifest that names its files', async () => {
    const data = folder({ 'a/b.csv': 'x\r\n', 'ü.txt': 'ü', empty: '' });
    const files = await readTarFiles(packTrainingTree(tree(new Map([['train', data]]), 'File')));
    expect(files['input/data/train/a/b.csv']).toBe('x\r\n');
    expect(files['input/data/train/ü.txt']).toBe('ü');
    expect(files['input/data/train/empty']).toBe('');
    expect(JSON.parse(files['input/data/train-manifest'] ?? '')).toEqual(['a/b.csv', 'empty', 'ü.txt']);
    expect(files['input/config/hyperparameters.json']).toBe('{"epochs":"1"}');
  });

  test('takes a single file as a channel of one file', async () => {
    const data = folder({ 'iris.csv': '1' });
    const files = await readTarFiles(
      packTrainingTree(tree(new Map([['train', join(data, 'iris.csv')]]), 'File')),
    );
    expect(files['input/data/train/iris.csv']).toBe('1');
    expect(files['input/data/train-manifest']).toBe('["iris.csv"]');
  });

  test.each(['FastFile', 'Pipe'] as const)(
    'does not touch the channels’ folder in %s mode, where it is a read-only mount',
    async (inputMode) => {
      const data = folder({ 'iris.csv': '1' });
      const entries = await readTar(packTrainingTree(tree(new Map([['train', data]]), inputMode)));
      expect(
        entries.map(({ header }) => header.name).filter((name) => name.startsWith('input/data')),
      ).toEqual([]);
      const none = await readTar(packTrainingTree(tree(new Map(), inputMode)));
      expect(none.map(({ header }) => header.name)).toContain('input/data/');
    },
  );

  test('leaves out the channel that is a mount of its own, and copies its neighbour', async () => {
    const data = folder({ 'iris.csv': '1' });
    const channels = new Map([
      ['copied', data],
      ['streamed', data],
    ]);
    const settings = (inputMode: 'FastFile' | 'Pipe') => new Map([['streamed', { inputMode }]]);
    const names = async (inputMode: 'FastFile' | 'Pipe') =>
      (await readTar(packTrainingTree({ ...tree(channels, 'File'), channelSettings: settings(inputMode) })))
        .map(({ header }) => header.name)
        .filter((name) => name.startsWith('input/data/'));
    expect(await names('FastFile')).toEqual([
      'input/data/',
      'input/data/copied/',
      'input/data/copied/iris.csv',
      'input/data/copied-manifest',
    ]);
    // FIFOs take the whole folder.
    expect(await names('Pipe')).toEqual([]);
  });

  test('can be read by other programs: names of any length and script, bytes of any value', async () => {
    const long = `${'d'.repeat(120)}/${'é'.repeat(100)}.bin`;
    const data = folder({ [long]: '\0ÿ\n' });
    const target = temporaryFolder();
    const chunks: Buffer[] = [];
    for await (const chunk of packFolder(data)) {
      chunks.push(chunk as Buffer);
    }
    execFileSync('tar', ['-x', '-C', target], { input: Buffer.concat(chunks) });
    expect(execFileSync('diff', ['-r', data, target], { encoding: 'utf8' })).toBe('');
  });
});

describe('A folder', () => {
  test('is packed with what its links point to', async () => {
    const elsewhere = folder({ 'real.csv': 'real', 'sub/x': 'x' });
    const data = folder({ 'a.csv': 'a' });
    symlinkSync(join(elsewhere, 'real.csv'), join(data, 'link.csv'));
    symlinkSync(join(elsewhere, 'sub'), join(data, 'linked'));
    symlinkSync(join(elsewhere, 'sub'), join(data, 'linked-again'));
    expect(await readTarFiles(packFolder(data))).toEqual({
      'a.csv': 'a',
      'link.csv': 'real',
      'linked/x': 'x',
      'linked-again/x': 'x',
    });
  });

  test.each([
    ['itself', '.'],
    ['a folder around it', '../..'],
    ['a link that leads back to it', 'loop'],
  ])('that holds a link to %s ends in an error that names the link', async (_, target) => {
    const data = folder({ 'a/b/c.csv': 'c' });
    const link = join(data, 'a/b/loop');
    symlinkSync(target, link);
    for (const packed of [packFolder(data), packChannels(new Map([['train', data]]))]) {
      await expect(readTar(packed)).rejects.toThrow(link);
      await expect(readTar(packFolder(data))).rejects.toThrow('Remove the link');
    }
  });

  test('leaves out what is neither a file nor a folder', async () => {
    const data = folder({ 'a.csv': 'a' });
    execFileSync('mkfifo', [join(data, 'fifo')]);
    expect((await readTar(packFolder(data))).map(({ header }) => header.name)).toEqual(['a.csv']);
  });

  test('gets a prefix where one is asked for', async () => {
    const data = folder({ 'sub/model.bin': 'm' });
    expect((await readTar(packFolder(data, 'smoke/model/'))).map(({ header }) => header.name)).toEqual([
      'smoke/model/sub/',
      'smoke/model/sub/model.bin',
    ]);
  });

  test('that is not there is an error of the stream', async () => {
    await expect(readTar(packFolder('/nowhere/at/all'))).rejects.toThrow('/nowhere/at/all');
  });
});

test('The channels alone are relative to /opt/ml/input/data', async () => {
  const channels = new Map([
    ['train', folder({ 'a.csv': 'a' })],
    ['eval', folder({ 'b.csv': 'b' })],
  ]);
  expect((await readTar(packChannels(channels))).map(({ header }) => header.name)).toEqual([
    'train/',
    'train/a.csv',
    'train-manifest',
    'eval/',
    'eval/b.csv',
    'eval-manifest',
  ]);
});
