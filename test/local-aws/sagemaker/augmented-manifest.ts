import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Channel } from '@aws-sdk/client-sagemaker';
import { AwsError } from '../service.js';
import { JobFailure } from './job-failure.js';
import { type ObjectStore, parseS3Uri } from './object-store.js';
import { recordOf } from './record-io.js';

/**
 * What a Pipe channel brings of an augmented manifest: of each of its lines the attributes that the request names, in
 * the request's order. Of one whose name ends with `-ref`, the content of the object; of another one, its value. Each
 * is a RecordIO record of its own where the channel wraps; else they follow one another. [doc]
 * augmented-manifest-stream.md
 *
 * A value that is no text comes as JSON, and a text without quotes: what the platform does with texts is not
 * documented. The words of the failures are ours.
 */
export async function downloadAugmentedManifest(
  store: ObjectStore,
  channel: Channel,
  folder: string,
): Promise<void> {
  const { S3Uri = '', AttributeNames = [] } = channel.DataSource?.S3DataSource ?? {};
  const lines = (await store.text(parseS3Uri(S3Uri))).split('\n').map((line) => line.trim());
  const wrap = (content: Buffer) => (channel.RecordWrapperType === 'RecordIO' ? recordOf(content) : content);
  async function* stream(): AsyncGenerator<Buffer> {
    for (const [index, line] of lines.entries()) {
      if (line === '') {
        continue;
      }
      const entry = parse(line, index + 1, S3Uri);
      for (const name of AttributeNames) {
        const value = entry[name];
        if (value === undefined) {
          throw failure(`${S3Uri}, line ${index + 1}, has no attribute ${name}`);
        }
        if (name.endsWith('-ref')) {
          yield wrap(await store.bytes(parseS3Uri(String(value))));
        } else {
          yield wrap(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)));
        }
      }
    }
  }
  await pipeline(stream, createWriteStream(join(folder, 'augmented-manifest')));
}

function parse(line: string, number: number, uri: string): Readonly<Record<string, unknown>> {
  try {
    const entry: unknown = JSON.parse(line);
    if (typeof entry === 'object' && entry !== null && !Array.isArray(entry)) {
      return entry as Record<string, unknown>;
    }
  } catch {
    // Told below.
  }
  throw failure(`${uri}, line ${number}, is no JSON object`);
}

const failure = (message: string) => new JobFailure(`ClientError: Data download failed:${message}`);

/**
 * What such a channel must have. [doc] S3DataSource; the words are approximate.
 *
 * @throws AwsError
 */
export function checkAugmentedManifest(channel: Channel, jobMode: string | undefined): void {
  const { ChannelName, InputMode = jobMode, CompressionType = 'None', DataSource } = channel;
  const { AttributeNames = [], S3DataDistributionType } = DataSource?.S3DataSource ?? {};
  const problem =
    InputMode !== 'Pipe'
      ? `AugmentedManifestFile can only be used with the input mode Pipe, not ${InputMode}`
      : AttributeNames.length === 0
        ? 'AugmentedManifestFile needs AttributeNames'
        : S3DataDistributionType === 'ShardedByS3Key'
          ? 'Local AWS does not divide an AugmentedManifestFile among hosts (ShardedByS3Key): how SageMaker does it is not documented'
          : CompressionType !== 'None'
            ? `Local AWS does not unpack the objects of an AugmentedManifestFile (CompressionType ${CompressionType}): what SageMaker does with it is not documented`
            : undefined;
  if (problem !== undefined) {
    throw new AwsError('ValidationException', `${problem} (channel ${ChannelName}).`);
  }
}
