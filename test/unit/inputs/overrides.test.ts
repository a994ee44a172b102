import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { overridden, readOverrides } from '../../../src/inputs/overrides.js';
import { Field, Problems } from '../../../src/inputs/problems.js';
import { TRAINING_REQUEST } from '../../../src/inputs/training-request.js';
import { workspace } from './workspace.js';

function read(text: string, path = '/nowhere') {
  const problems = new Problems();
  const field = new Field('training-overrides', text, problems);
  return { overrides: readOverrides(field, path, TRAINING_REQUEST), problems: problems.found };
}

describe('overrides', () => {
  const FIELDS = { RetryStrategy: { MaximumRetryAttempts: 2 }, EnableNetworkIsolation: true };

  test.each([
    'RetryStrategy:\n  MaximumRetryAttempts: 2\nEnableNetworkIsolation: true',
    '{"RetryStrategy": {"MaximumRetryAttempts": 2}, "EnableNetworkIsolation": true}',
    '---\nRetryStrategy: {MaximumRetryAttempts: 0x2}\nEnableNetworkIsolation: True',
  ])('inline, with the types of YAML: %j', (text) => {
    expect(read(text)).toEqual({ overrides: FIELDS, problems: [] });
  });

  test.each(['training.yml', 'config/training.json'])('in a file of the workspace: %s', (name) => {
    const repository = workspace();
    repository.file(name, JSON.stringify(FIELDS, null, 2));
    expect(read(` ${name}\n`, repository.path)).toEqual({ overrides: FIELDS, problems: [] });
  });

  test('in a file that is not there, not in the workspace, not a map, or far too large', () => {
    const repository = workspace();
    repository.file('list.yml', '- a');
    repository.file('large.yml', `a: ${'x'.repeat(1_000_001)}`);
    repository.file('training.yml', '{}');
    const fixOf = (name: string) => read(name, repository.path).problems.map(({ fix }) => fix);
    expect(fixOf('trainin.yml')).toEqual([expect.stringContaining('Did you mean `training.yml`?')]);
    expect(fixOf('../training.yml')).toEqual([expect.stringContaining('does not leave it')]);
    expect(fixOf('list.yml')).toEqual([expect.stringContaining('Write `RetryStrategy:')]);
    expect(fixOf('large.yml')).toEqual(['Name the file with the fields of the request.']);
  });

  test('say which line of YAML is wrong', () => {
    expect(read('RetryStrategy: {a').problems[0]?.rule).toContain('Is not valid YAML at line 1');
  });

  test.each(['RetryStrategy=2', '["a"]', 'a\nb'])('%j is neither fields nor a path', (text) => {
    expect(read(text).problems[0]?.rule).toContain('Is neither fields of the request');
  });

  test.each([
    ['retryStrategy: {}', 'retryStrategy', 'Did you mean `RetryStrategy`?'],
    ['RetryStategy: {}', 'RetryStategy', 'Did you mean `RetryStrategy`?'],
    [
      'StoppingCondition: {MaxRunTimeInSeconds: 1}',
      'StoppingCondition.MaxRunTimeInSeconds',
      'Did you mean `MaxRuntimeInSeconds`?',
    ],
    [
      'RetryStrategy: {MaximumRetryAttempts: 31}',
      'RetryStrategy.MaximumRetryAttempts: 31',
      'Correct the number.',
    ],
    [
      'RetryStrategy: {MaximumRetryAttempts: "2"}',
      'RetryStrategy.MaximumRetryAttempts: "2"',
      'API reference',
    ],
    ['RetryStrategy: 2', 'RetryStrategy: 2', 'API reference'],
    ['EnableNetworkIsolation: "true"', 'EnableNetworkIsolation: "true"', 'API reference'],
    ['HyperParameters: {epochs: 3}', 'HyperParameters.epochs: 3', 'Put it in quotes: `"3"`.'],
    [`HyperParameters: {${'k'.repeat(257)}: v}`, `HyperParameters.${'k'.repeat(257)}`, 'Shorten it.'],
    [`Environment: {A: ${'v'.repeat(513)}}`, 'Environment.A', 'Correct its length.'],
    ['Environment: [A]', 'Environment: ["A"]', 'API reference'],
    [
      'OutputDataConfig: {CompressionType: gzip}',
      'OutputDataConfig.CompressionType: gzip',
      'Did you mean `GZIP`?',
    ],
    ['VpcConfig: {Subnets: subnet-1}', 'VpcConfig.Subnets: "subnet-1"', 'API reference'],
    ['VpcConfig: {Subnets: []}', 'VpcConfig.Subnets', 'Add or remove some.'],
    ['InputDataConfig: [{ChannelName: train}]', 'InputDataConfig[0]', 'Add `DataSource`.'],
    [
      'InputDataConfig: [{ChannelName: a, DataSource: {S3DataSource: {S3Uri: "s3://b/x"}}}]',
      'InputDataConfig[0].DataSource.S3DataSource',
      'Add `S3DataType`.',
    ],
    ['RoleArn: role', 'RoleArn', 'Correct its length.'],
  ])('%s', (text, value, fix) => {
    const { problems } = read(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.value.slice(0, 190)).toBe(value.slice(0, 190));
    expect(problems[0]?.fix).toContain(fix);
  });

  test('with more entries than a map takes', () => {
    const entries = Object.fromEntries(Array.from({ length: 101 }, (_, index) => [`k${index}`, 'v']));
    expect(read(JSON.stringify({ Environment: entries })).problems[0]?.rule).toBe(
      'At most 100 entries are taken; these are 101.',
    );
  });

  test('pass fields and words that AWS may have added since', () => {
    const text =
      'QuantumConfig: {Qubits: 3}\nRetryStrategy2: {}\nOutputDataConfig: {CompressionType: ZSTD}\n' +
      'InputDataConfig: [{ChannelName: a, DataSource: {IcebergSource: {}}}]';
    expect(read(text).problems).toEqual([]);
  });

  test('take fields out with null', () => {
    expect(read('VpcConfig: null\nOutputDataConfig: {KmsKeyId: ~}')).toEqual({
      overrides: { VpcConfig: null, OutputDataConfig: { KmsKeyId: null } },
      problems: [],
    });
  });

  test('keep a key that is the name of a method', () => {
    const { overrides } = read('{"__proto__": {"RoleArn": "x"}, "constructor": {"name": "x"}}');
    expect(Object.keys(overrides)).toEqual(['__proto__', 'constructor']);
    expect(overridden(overrides, 'RoleArn')).toBeUndefined();
    expect(overridden({}, 'constructor', 'name')).toBeUndefined();
  });

  test('of any JSON are read without a throw, and unchanged when nothing is wrong', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (fields) => {
        const { overrides, problems } = read(JSON.stringify(fields));
        if (problems.length === 0) expect(overrides).toEqual(JSON.parse(JSON.stringify(fields)));
      }),
    );
  });

  test('that are not given are none', () => {
    expect(read(' ')).toEqual({ overrides: {}, problems: [] });
  });
});

test('what overrides say at a path', () => {
  const overrides = { A: { B: { C: 1 } }, L: [{ B: 2 }] };
  expect(overridden(overrides, 'A', 'B', 'C')).toBe(1);
  expect(overridden(overrides, 'A', 'X', 'C')).toBeUndefined();
  expect(overridden(overrides, 'L', '0')).toBeUndefined();
});
