import { describe, expect, test } from '@jest/globals';
import { Field, Problems } from '../../../src/inputs/problems.js';
import { parseS3Uri } from '../../../src/inputs/s3-uris.js';

function parse(text: string) {
  const problems = new Problems();
  return {
    uri: parseS3Uri(new Field('output-path', text, problems), 'output path'),
    problems: problems.found,
  };
}

describe('an address in S3', () => {
  test.each([
    's3://bucket',
    's3://bucket/',
    's3://my.bucket-1/a/b c/d=1/',
    's3://Old_Bucket/x',
    's3://arn:aws:s3:eu-central-1:123456789012:accesspoint/data/x',
    `s3://bucket/${'x'.repeat(1024 - 's3://bucket/'.length)}`,
  ])('%s is one', (uri) => {
    expect(parse(uri)).toEqual({ uri, problems: [] });
  });

  test.each([
    ['bucket/models', 'Write `s3://`, the bucket, and the prefix.'],
    ['S3://bucket/models', 'Write `s3://`, in lower case'],
    ['s3:/bucket/models', 'Write `s3://`, in lower case and with two slashes'],
    ['s3:///models', 'it is empty in this run'],
    ['s3://', 'it is empty in this run'],
    ['s3://b/x', 'Correct the name of the bucket.'],
    ['s3://my bucket/x', 'Correct the name of the bucket.'],
    ['s3://<bucket>/x', 'Correct the name of the bucket.'],
    ['gs://bucket/x', 'Write `s3://`, the bucket, and the prefix.'],
    ['https://bucket.s3.eu-central-1.amazonaws.com/a/b', 'Write `s3://bucket/a/b`.'],
    ['https://s3.amazonaws.com/bucket/a', 'Write `s3://bucket/a`.'],
    [`s3://bucket/${'x'.repeat(1024)}`, 'Use a shorter prefix.'],
  ])('%s is none', (text, fix) => {
    expect(parse(text)).toEqual({
      uri: undefined,
      problems: [expect.objectContaining({ input: 'output-path', fix: expect.stringContaining(fix) })],
    });
  });

  test('that is not given is no mistake', () => {
    expect(parse(' ')).toEqual({ uri: undefined, problems: [] });
  });
});
