import { describe, expect, test } from '@jest/globals';
import { iamAction, nameOperation, readSignature } from '../../local-aws/request.js';

const s3 = (method: string, path: string, headers = {}) =>
  nameOperation('s3', { method, headers }, new URL(path, 'http://127.0.0.1'), undefined);

describe('nameOperation', () => {
  test.each([
    ['GET', '/', 'ListBuckets'],
    ['PUT', '/bucket', 'CreateBucket'],
    ['HEAD', '/bucket', 'HeadBucket'],
    ['GET', '/bucket?list-type=2&prefix=a', 'ListObjectsV2'],
    ['GET', '/bucket/?prefix=a', 'ListObjects'],
    ['GET', '/bucket?location', 'GetBucketLocation'],
    ['PUT', '/bucket?versioning', 'PutBucketVersioning'],
    ['POST', '/bucket?delete', 'DeleteObjects'],
    ['GET', '/bucket/a/b', 'GetObject'],
    ['HEAD', '/bucket/a', 'HeadObject'],
    ['PUT', '/bucket/a', 'PutObject'],
    ['PUT', '/bucket/a?partNumber=1&uploadId=x', 'UploadPart'],
    ['POST', '/bucket/a?uploads', 'CreateMultipartUpload'],
    ['POST', '/bucket/a?uploadId=x', 'CompleteMultipartUpload'],
    ['DELETE', '/bucket/a?uploadId=x', 'AbortMultipartUpload'],
    ['DELETE', '/bucket/a', 'DeleteObject'],
    ['GET', '/bucket/a?tagging', 'GetObjectTagging'],
  ])('S3: %s %s is %s', (method, path, operation) => {
    expect(s3(method, path)).toBe(operation);
  });

  test('S3: a PUT with a source is a copy', () => {
    expect(s3('PUT', '/bucket/a', { 'x-amz-copy-source': 'bucket/b' })).toBe('CopyObject');
  });

  test('the other protocols say it themselves', () => {
    const url = new URL('http://127.0.0.1/');
    const json = { method: 'POST', headers: { 'x-amz-target': 'Logs_20140328.GetLogEvents' } };
    expect(nameOperation('json', json, url, '{}')).toBe('GetLogEvents');
    expect(nameOperation('query', { method: 'POST', headers: {} }, url, 'Action=GetRole&Version=1')).toBe(
      'GetRole',
    );
  });
});

describe('readSignature', () => {
  const headers = (authorization: string) => ({ authorization, 'x-amz-date': '20260101T000000Z' });
  const scope = 'AKIA/20260101/eu-west-1/logs/aws4_request';
  const signature = 'ab'.repeat(32);

  test('reads key, region and service from the header, whatever the spacing, and from a presigned query', () => {
    const expected = { accessKeyId: 'AKIA', region: 'eu-west-1', service: 'logs' };
    for (const space of [', ', ',']) {
      const parts = [`Credential=${scope}`, 'SignedHeaders=host', `Signature=${signature}`].join(space);
      expect(readSignature(headers(`AWS4-HMAC-SHA256 ${parts}`), new URLSearchParams())).toEqual(expected);
    }
    const query = new URLSearchParams({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': scope,
      'X-Amz-Date': '20260101T000000Z',
      'X-Amz-SignedHeaders': 'host',
      'X-Amz-Signature': signature,
    });
    expect(readSignature({}, query)).toEqual(expected);
    query.delete('X-Amz-Signature');
    expect(() => readSignature({}, query)).toThrow('X-Amz-Signature');
  });

  test('finds none where there is none', () => {
    expect(readSignature({}, new URLSearchParams())).toBeUndefined();
  });

  test('refuses a signature that is none, and one without a date', () => {
    const authorization = `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=`;
    expect(() => readSignature(headers(`${authorization}nonsense`), new URLSearchParams())).toThrow(
      'does not match the signature you provided',
    );
    expect(() => readSignature({ authorization: authorization + signature }, new URLSearchParams())).toThrow(
      "either a 'X-Amz-Date' or a 'Date' header",
    );
  });
});

test('iamAction names what a policy must allow', () => {
  expect(iamAction('s3', 'ListObjectsV2')).toBe('s3:ListBucket');
  expect(iamAction('s3', 'HeadObject')).toBe('s3:GetObject');
  expect(iamAction('sagemaker', 'CreateTrainingJob')).toBe('sagemaker:CreateTrainingJob');
  expect(iamAction('monitoring', 'DescribeAlarms')).toBe('cloudwatch:DescribeAlarms');
});
