import { expect, test } from '@jest/globals';
import type { Ecr, EcrImageSummary } from '../../../../src/aws/ecr.js';
import { keepImages } from '../../../../src/stages/push/keep-images.js';

const digestOf = (number: number): string => `sha256:${String(number).padStart(64, '0')}`;
const contentTagOf = (number: number): string => `sagemaker-byoc-${String(number).padStart(32, '0')}`;

/** The image number N was pushed in the N-th minute. */
const image = (number: number, ...tags: string[]): EcrImageSummary => ({
  digest: digestOf(number),
  tags: [contentTagOf(number), ...tags],
  pushedAt: new Date(number * 60_000),
});

async function keeping(images: readonly EcrImageSummary[], used: readonly string[] = []) {
  const removed: string[] = [];
  const ecr = {
    taggedImages: async () => images,
    remove: async (_: unknown, digests: readonly string[]) => {
      removed.push(...digests);
      return { removed: digests, failures: [] };
    },
  } as unknown as Ecr;
  const { notices } = await keepImages(
    ecr,
    { name: 'model' },
    {
      keep: 1,
      name: 'registry/model',
      digest: digestOf(9),
      tags: [contentTagOf(9)],
      inUse: async () => new Set(used),
    },
  );
  return { removed, notices };
}

test('removes what has the tags of its content and of commits only', async () => {
  const images = [image(1), image(2, 'a'.repeat(40)), image(3, 'b'.repeat(64)), image(9)];
  expect(await keeping(images)).toEqual({ removed: [digestOf(3), digestOf(2), digestOf(1)], notices: [] });
});

test('keeps what has a tag that people gave, and says so', async () => {
  const images = [image(1), image(2, 'a'.repeat(40), 'v1.2'), image(3, 'abc123'), image(9)];
  expect(await keeping(images)).toEqual({
    removed: [digestOf(1)],
    notices: [
      '`keep-images` kept 2 older images with a tag that is neither of the content nor of a commit (`abc123` and `v1.2`).',
    ],
  });
});

test('asks nothing of SageMaker when only such images are old', async () => {
  const answer = await keepImages(
    { taggedImages: async () => [image(1, 'v1'), image(9)] } as unknown as Ecr,
    { name: 'model' },
    {
      keep: 1,
      name: 'registry/model',
      digest: digestOf(9),
      tags: [contentTagOf(9)],
      inUse: () => Promise.reject(new Error('asked')),
    },
  );
  expect(answer).toEqual({ removed: [], notices: [expect.stringContaining('kept 1 older image with')] });
});

test('keeps what a model uses', async () => {
  expect(await keeping([image(1), image(2), image(9)], [`registry/model:${contentTagOf(2)}`])).toEqual({
    removed: [digestOf(1)],
    notices: [expect.stringContaining('kept 1 older image that models, endpoints or training jobs of')],
  });
});
