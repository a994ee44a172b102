import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { didYouMean, editDistance } from '../../../src/inputs/did-you-mean.js';
import { INPUTS } from '../../../src/inputs.js';

const names = Object.values(INPUTS).flat();

describe('did you mean', () => {
  test.each([
    ['smoke-chanels', 'smoke-channels'],
    ['smoke_channels', 'smoke-channels'],
    ['SmokeChannels', 'smoke-channels'],
    ['payload', 'endpoint-payload'],
    ['smokepayload', 'smoke-payload'],
    ['docker-file', 'dockerfile'],
    ['dokcerfile', 'dockerfile'],
    ['contxt', 'context'],
    ['stage', 'stages'],
    ['secrets', 'build-secrets'],
    ['build-arg', 'build-args'],
    ['hyperparameter', 'hyperparameters'],
    ['metric-definition', 'metric-definitions'],
    ['summry', 'summary'],
    ['endpoint', 'failed-endpoint'],
    ['endpoint-nam', 'endpoint-name'],
    ['region', 'aws-region'],
    ['role-arn', 'execution-role-arn'],
    ['max-run-time', 'max-runtime'],
  ])('%s is %s', (given, name) => {
    expect(didYouMean(given, names)).toBe(name);
  });

  test.each(['', '-', 'push', 'role-to-assume', 'registry', 'xy', 'bucket'])(
    '%j is none of them',
    (given) => {
      expect(didYouMean(given, names)).toBeUndefined();
    },
  );

  test('every name with two letters swapped, one left out, doubled or replaced is found again', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...names.filter((name) => name.length >= 7)),
        fc.nat(),
        fc.nat(3),
        (name, seed, slip) => {
          const at = seed % (name.length - 1);
          const [a = '', b = ''] = [name[at], name[at + 1]];
          const middle = [b + a, b, a + a + b, `q${b}`][slip];
          expect(didYouMean(name.slice(0, at) + middle + name.slice(at + 2), names)).toBe(name);
        },
      ),
    );
  });
});

test('the distance counts insertions, deletions, replacements and swaps as one each', () => {
  expect(editDistance('train', 'train')).toBe(0);
  expect(editDistance('trian', 'train')).toBe(1);
  expect(editDistance('tran', 'train')).toBe(1);
  expect(editDistance('trainn', 'train')).toBe(1);
  expect(editDistance('brain', 'train')).toBe(1);
  expect(editDistance('', 'train')).toBe(5);
});
