import { describe, expect, test } from '@jest/globals';
import { parseJobChannels } from '../../../src/inputs/job-channels.js';
import { Field, Problems } from '../../../src/inputs/problems.js';
import type { InputMode } from '../../../src/plan.js';

function parse(text: string, mode: InputMode = 'File') {
  const problems = new Problems();
  const channels = parseJobChannels(new Field('channels', text, problems), mode);
  return { channels, problems: problems.found };
}

const plain = (name: string, uri: string) => ({
  name,
  uri,
  s3DataType: 'S3Prefix',
  distribution: 'FullyReplicated',
});

describe('channels', () => {
  test.each([
    ['train=s3://b-1/t\ntest = s3://b-1/e'.replace('test =', 'test='), 'lines'],
    ['train: s3://b-1/t\ntest: s3://b-1/e', 'YAML'],
    ['{"train": "s3://b-1/t", "test": {"uri": "s3://b-1/e"}}', 'JSON'],
  ])('%j: %s', (text) => {
    expect(parse(text)).toEqual({
      channels: [plain('train', 's3://b-1/t'), plain('test', 's3://b-1/e')],
      problems: [],
    });
  });

  test('say more as a map', () => {
    const text = `
train:
  uri: s3://bucket/manifest.json
  data-type: AugmentedManifestFile
  distribution: ShardedByS3Key
  input-mode: Pipe
  content-type: application/x-recordio
  attribute-names: [source-ref, label]
`;
    expect(parse(text)).toEqual({
      channels: [
        {
          name: 'train',
          uri: 's3://bucket/manifest.json',
          s3DataType: 'AugmentedManifestFile',
          distribution: 'ShardedByS3Key',
          inputMode: 'Pipe',
          contentType: 'application/x-recordio',
          attributeNames: ['source-ref', 'label'],
        },
      ],
      problems: [],
    });
  });

  test.each([
    ['train=data/train', 'sample data of the workspace goes into `smoke-channels`'],
    ['train=', 'that is empty in this run'],
    ['train: {distribution: ShardedByS3Key}', 'Write `train=s3://bucket/prefix`.'],
    ['tr/ain=s3://bucket/x', 'Rename it: `train=s3://bucket/prefix`.'],
    ['..=s3://bucket/x', 'Rename it: `train=s3://bucket/prefix`.'],
    [`${'x'.repeat(65)}=s3://bucket/x`, 'Rename it: `train=s3://bucket/prefix`.'],
    ['train=s3:/bucket/x', 'with two slashes'],
    ['train: {uri: s3://bucket/x, distribtion: ShardedByS3Key}', 'Did you mean `distribution`?'],
    [
      'train: {uri: s3://bucket/x, distribution: sharded}',
      'Write one of `FullyReplicated`, `ShardedByS3Key`.',
    ],
    ['train: {uri: s3://bucket/x, data-type: s3prefix}', 'Did you mean `S3Prefix`?'],
    ['train: {uri: s3://bucket/x, input-mode: fastfile}', 'Did you mean `FastFile`?'],
    ['train: {uri: [s3://bucket/x]}', 'Write one value.'],
    ['train: [s3://bucket/x]', 'Write `train: s3://bucket/prefix`.'],
    [`train: {uri: s3://bucket/x, content-type: ${'x'.repeat(257)}}`, 'Shorten it.'],
    ['train: {uri: s3://bucket/x, attribute-names: [a]}', 'Remove `attribute-names`'],
    ['train: {uri: s3://bucket/x, input-mode: FastFile, data-type: ManifestFile}', 'Set `input-mode: File`'],
    [
      'train: {uri: s3://bucket/x, input-mode: Pipe, data-type: AugmentedManifestFile}',
      'Add `attribute-names: ',
    ],
    [
      'train: {uri: s3://bucket/x, data-type: AugmentedManifestFile, attribute-names: [a]}',
      'Set `input-mode: Pipe` for this channel.',
    ],
    [
      'train: {uri: s3://bucket/x, input-mode: Pipe, data-type: AugmentedManifestFile, attribute-names: []}',
      'Name those that the program reads.',
    ],
  ])('%s is a mistake', (text, fix) => {
    const { problems } = parse(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject({ input: 'channels', fix: expect.stringContaining(fix) });
  });

  test('without a list of attributes where one word stands', () => {
    const { problems } = parse(
      'train: {uri: s3://bucket/x, input-mode: Pipe, data-type: AugmentedManifestFile, attribute-names: label}',
    );
    expect(problems[0]?.fix).toBe('Write `attribute-names: [source-ref, label]`.');
  });

  test("take the job's mode where they name none", () => {
    const manifest = 'train: {uri: s3://bucket/x, data-type: ManifestFile}';
    expect(parse(manifest, 'File').problems).toEqual([]);
    expect(parse(manifest, 'FastFile').problems[0]?.rule).toContain('FastFile mode streams a prefix');
  });

  test('are at most 20', () => {
    const some = (count: number) =>
      Array.from({ length: count }, (_, index) => `c${index}=s3://bucket/${index}`).join('\n');
    expect(parse(some(20)).channels).toHaveLength(20);
    expect(parse(some(21)).problems[0]?.rule).toBe('SageMaker takes at most 20 channels; these are 21.');
  });

  test('that are not a map, or not YAML', () => {
    expect(parse('- s3://bucket/x').problems[0]?.rule).toBe('Is a list; a map is expected.');
    expect(parse('train: {uri: s3://bucket/x').problems[0]?.rule).toContain('Is not valid YAML');
    expect(parse('train: s3://bucket/x\ntrain: s3://bucket/y').problems[0]?.rule).toContain('given twice');
  });

  test('that are not given are none', () => {
    expect(parse('')).toEqual({ channels: [], problems: [] });
  });
});
