import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';

export interface S3Location {
  readonly bucket: string;
  /** Without a slash at its beginning. */
  readonly key: string;
}

/** `s3://bucket/key`, or the `https://` form with the bucket as the path's first part. */
export function parseS3Uri(uri: string): S3Location {
  const match = /^(?:s3:\/\/|https:\/\/[^/]+\/)([^/]+)\/?(.*)$/s.exec(uri);
  if (match === null) {
    throw new Error(`${uri} is no S3 URI`);
  }
  return { bucket: match[1] ?? '', key: match[2] ?? '' };
}

export const s3Uri = ({ bucket, key }: S3Location): string => `s3://${bucket}/${key}`;

/** S3 as a training job uses it. */
export class ObjectStore {
  constructor(private readonly client: S3Client) {}

  /** Keys below a prefix, in S3's order; the markers of folders are left out. */
  async list({ bucket, key }: S3Location): Promise<readonly string[]> {
    const keys: string[] = [];
    for await (const page of paginateListObjectsV2(
      { client: this.client },
      { Bucket: bucket, Prefix: key },
    )) {
      keys.push(...(page.Contents ?? []).flatMap(({ Key }) => (Key && !Key.endsWith('/') ? [Key] : [])));
    }
    return keys;
  }

  async open({ bucket, key }: S3Location): Promise<Readable> {
    const { Body } = await this.client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return Body as Readable;
  }

  async text(location: S3Location): Promise<string> {
    return (await this.bytes(location)).toString('utf8');
  }

  async bytes(location: S3Location): Promise<Buffer> {
    const chunks: Buffer[] = [];
    for await (const chunk of await this.open(location)) {
      chunks.push(chunk as Buffer);
    }
    return Buffer.concat(chunks);
  }

  async download(location: S3Location, file: string, ...through: NodeJS.ReadWriteStream[]): Promise<void> {
    await mkdir(dirname(file), { recursive: true });
    await pipeline([await this.open(location), ...through, createWriteStream(file)]);
  }

  async upload(file: string, { bucket, key }: S3Location): Promise<void> {
    const { size } = await stat(file);
    await this.client.send(
      new PutObjectCommand({ Bucket: bucket, Key: key, Body: createReadStream(file), ContentLength: size }),
    );
  }

  async put(content: Buffer, { bucket, key }: S3Location): Promise<void> {
    await this.client.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: content }));
  }

  async delete({ bucket, key }: S3Location): Promise<void> {
    await this.client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  }
}
