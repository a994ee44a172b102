import type { Readable } from 'node:stream';
import type { AwsPlan } from '../plan.js';
import { AwsError } from './aws-error.js';
import { call } from './call.js';
import { clientOptions } from './client-options.js';
import { RetryPolicy } from './retry-policy.js';

/** An object of S3 whose bytes are still to be read. */
export interface StoredObject {
  /** Without quotes: names these very bytes. */
  readonly etag?: string;
  readonly sizeBytes?: number;
  /** Whoever does not read it to its end destroys it. */
  readonly body: Readable;
}

/** S3. Every call rejects with {@link AwsError}, or CanceledError. */
export interface Objects {
  /** @param uri `s3://bucket/key` @returns undefined when there is no such object */
  open(uri: string, signal: AbortSignal): Promise<StoredObject | undefined>;
  put(uri: string, object: NewObject, signal: AbortSignal): Promise<void>;
  /** An object that is not there is as good. In a bucket with versioning, its versions stay. */
  remove(uri: string, signal: AbortSignal): Promise<void>;
}

export interface NewObject {
  readonly body: string | Buffer;
  readonly contentType: string;
  /** For encryption with this key; absent: as the bucket has it. */
  readonly kmsKeyId?: string;
}

/**
 * A client of its own: its credentials are asked of the provider chain again.
 *
 * @param attempts of one call
 */
export async function connectObjects(plan: AwsPlan, attempts: number): Promise<Objects> {
  const { DeleteObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } = await import(
    '@aws-sdk/client-s3'
  );
  const client = new S3Client({
    ...clientOptions(plan),
    maxAttempts: attempts,
    retryStrategy: new RetryPolicy(attempts),
    // The bucket may be in another Region than the job.
    followRegionRedirects: true,
    // Whatever stands in for S3 has no host name for each bucket.
    forcePathStyle: (process.env['AWS_ENDPOINT_URL_S3'] ?? process.env['AWS_ENDPOINT_URL']) !== undefined,
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return {
    async open(uri, signal) {
      try {
        const answer = await call('s3:GetObject', signal, (options) =>
          client.send(new GetObjectCommand(placeOf(uri)), options),
        );
        const etag = answer.ETag?.replace(/^W\/|"/g, '');
        return {
          ...(etag && { etag }),
          ...(answer.ContentLength !== undefined && { sizeBytes: answer.ContentLength }),
          body: answer.Body as Readable,
        };
      } catch (error) {
        if (error instanceof AwsError && error.kind === 'not-found' && error.code === 'NoSuchKey') {
          return undefined;
        }
        throw error;
      }
    },
    async put(uri, { body, contentType, kmsKeyId }, signal) {
      await call('s3:PutObject', signal, (options) =>
        client.send(
          new PutObjectCommand({
            ...placeOf(uri),
            Body: body,
            ContentType: contentType,
            ...(kmsKeyId !== undefined && { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyId }),
          }),
          options,
        ),
      );
    },
    async remove(uri, signal) {
      await call('s3:DeleteObject', signal, (options) =>
        client.send(new DeleteObjectCommand(placeOf(uri)), options),
      );
    },
  };
}

function placeOf(uri: string): { readonly Bucket: string; readonly Key: string } {
  const [, Bucket, Key] = /^s3:\/\/([^/]+)\/(.+)$/s.exec(uri) ?? [];
  if (Bucket === undefined || Key === undefined) throw new Error(`Not an object of S3: ${uri}`);
  return { Bucket, Key };
}
