import { describe, expect, test } from '@jest/globals';
import { parseInstanceType, platformOf } from '../../../src/inputs/instance-types.js';
import { Field, Problems } from '../../../src/inputs/problems.js';

function parse(text: string, use: 'training' | 'hosting') {
  const problems = new Problems();
  return {
    type: parseInstanceType(new Field('instance-type', text, problems), use),
    problems: problems.found,
  };
}

describe('the platform of an instance type', () => {
  test.each([
    ['ml.m5.xlarge', 'linux/amd64'],
    ['ml.g5.2xlarge', 'linux/amd64'],
    ['ml.g4dn.xlarge', 'linux/amd64'],
    ['ml.g6e.48xlarge', 'linux/amd64'],
    ['ml.p4d.24xlarge', 'linux/amd64'],
    ['ml.p6-b200.48xlarge', 'linux/amd64'],
    ['ml.c7g.large', 'linux/arm64'],
    ['ml.m6gd.16xlarge', 'linux/arm64'],
    ['ml.c6gn.medium', 'linux/arm64'],
    ['ml.r8g.12xlarge', 'linux/arm64'],
    ['ml.p6e-gb200.36xlarge', 'linux/arm64'],
  ])('%s is %s', (type, platform) => {
    expect(platformOf(type)).toBe(platform);
  });
});

describe('an instance type', () => {
  test.each([
    ['ml.m5.xlarge', 'training'],
    ['ml.trn1.32xlarge', 'training'],
    ['ml.p5en.48xlarge', 'training'],
    ['ml.c7g.xlarge', 'hosting'],
    ['ml.inf2.xlarge', 'hosting'],
    ['ml.t2.medium', 'hosting'],
    ['ml.z9.xlarge', 'training'],
  ] as const)('%s is taken for %s', (type, use) => {
    expect(parse(type, use)).toEqual({ type, problems: [] });
  });

  test.each([
    ['m5.xlarge', 'training', 'Is not a SageMaker instance type', 'Did you mean `ml.m5.xlarge`?'],
    ['ml.m5', 'training', 'Is not a SageMaker instance type', 'ml.m5.xlarge'],
    ['ml.m5.huge', 'training', 'Is not a SageMaker instance type', 'ml.m5.xlarge'],
    ['local', 'training', 'Is not a SageMaker instance type', 'ml.m5.xlarge'],
    ['ml.c7g.xlarge', 'training', 'has `ml.c7g` for endpoints only', 'SageMaker trains on no Graviton type.'],
    ['ml.inf1.xlarge', 'training', 'has `ml.inf1` for endpoints only', 'as `endpoint-instance-type`'],
    ['ml.p3dn.24xlarge', 'hosting', 'has `ml.p3dn` for training jobs only', 'Name an endpoint type'],
  ] as const)('%s is wrong for %s', (type, use, rule, fix) => {
    expect(parse(type, use).problems).toEqual([
      expect.objectContaining({
        value: type,
        rule: expect.stringContaining(rule),
        fix: expect.stringContaining(fix),
      }),
    ]);
  });
});
