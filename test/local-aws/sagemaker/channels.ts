import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { createGunzip } from 'node:zlib';
import type { Channel } from '@aws-sdk/client-sagemaker';
import type { ChannelSettings } from '../../../src/contract/opt-ml.js';
import type { InputMode } from '../../../src/plan.js';
import { downloadAugmentedManifest } from './augmented-manifest.js';
import { JobFailure } from './job-failure.js';
import { type ObjectStore, parseS3Uri, type S3Location, s3Uri } from './object-store.js';
import { recordOf } from './record-io.js';

/** One object of a channel, and where it is put below the channel's folder. */
interface ChannelObject {
  readonly location: S3Location;
  readonly name: string;
}

/** What inputdataconfig.json says of a channel. */
export function channelSettings(channel: Channel, jobMode: InputMode): ChannelSettings {
  return {
    inputMode: channel.InputMode ?? jobMode,
    ...(channel.ContentType !== undefined && { contentType: channel.ContentType }),
    distribution: channel.DataSource?.S3DataSource?.S3DataDistributionType ?? 'FullyReplicated',
    recordWrapper: channel.RecordWrapperType ?? 'None',
  };
}

/** The objects of a channel in the order of their keys, or of the manifest. */
export async function channelObjects(
  store: ObjectStore,
  channel: Channel,
): Promise<readonly ChannelObject[]> {
  const source = channel.DataSource?.S3DataSource;
  const location = parseS3Uri(source?.S3Uri ?? '');
  if (source?.S3DataType === 'ManifestFile') {
    return manifestObjects(await store.text(location));
  }
  return (await store.list(location)).map((key) => ({
    location: { bucket: location.bucket, key },
    name: nameBelow(location.key, key),
  }));
}

/**
 * A key's path in the channel's folder. An object that is named in full goes by its own name; what lies below a
 * folder, by its path in it; what a partial prefix matches, by its path beside that prefix.
 */
export function nameBelow(prefix: string, key: string): string {
  const rest = key.slice(prefix.length);
  if (rest === '') {
    return posix.basename(key);
  }
  if (prefix === '' || prefix.endsWith('/')) {
    return rest;
  }
  return rest.startsWith('/') ? rest.slice(1) : `${posix.basename(prefix)}${rest}`;
}

/** `[{"prefix": "s3://bucket/folder/"}, "file", …]`: a prefix is for the names after it. [doc] S3DataSource */
function manifestObjects(text: string): readonly ChannelObject[] {
  let entries: unknown;
  try {
    entries = JSON.parse(text);
  } catch {
    entries = undefined;
  }
  if (!Array.isArray(entries)) {
    throw new JobFailure(
      'ClientError: Data download failed:Failed to parse the manifest file: not a JSON list',
    );
  }
  let prefix = '';
  return entries.flatMap((entry: unknown) => {
    if (typeof entry === 'string') {
      return [{ location: parseS3Uri(prefix + entry), name: entry }];
    }
    prefix = String((entry as { prefix?: unknown } | null)?.prefix ?? prefix);
    return [];
  });
}

/**
 * Copies what one host gets of a channel into a folder of this machine. Files that Pipe mode would unpack or wrap
 * on their way are unpacked and wrapped here.
 *
 * @param host index of the host among those that get the channel, from 0
 * @throws JobFailure
 */
export async function downloadChannel(
  store: ObjectStore,
  channel: Channel,
  mode: InputMode,
  host: number,
  hostCount: number,
  folder: string,
): Promise<void> {
  const {
    S3Uri: uri = '',
    S3DataType: type,
    S3DataDistributionType,
  } = channel.DataSource?.S3DataSource ?? {};
  await mkdir(folder, { recursive: true });
  if (parseS3Uri(uri).key.includes('//')) {
    throw new JobFailure(
      `ClientError: Data download failed:S3 key: ${uri} has an illegal char sub-sequence '//' in it`,
    );
  }
  if (type === 'AugmentedManifestFile') {
    await downloadAugmentedManifest(store, channel, folder).catch((error: unknown) => {
      throw downloadFailure(error, uri);
    });
    return;
  }
  let objects: readonly ChannelObject[];
  try {
    objects = await channelObjects(store, channel);
  } catch (error) {
    throw downloadFailure(error, uri);
  }
  const prefix = parseS3Uri(uri).key;
  const partial = (key: string) =>
    prefix !== '' && !/^$|^\//.test(key.slice(prefix.length)) && !prefix.endsWith('/');
  if (mode === 'FastFile' && type === 'S3Prefix' && objects.some(({ location }) => partial(location.key))) {
    throw new JobFailure(
      "ClientError: Data download failed:For FastFile mode, partial S3 prefix is not supported. S3 prefix has to end with a full file or folder. Add a trailing '/' in the S3 prefix",
    );
  }
  for (const [index, { location, name }] of objects.entries()) {
    if (S3DataDistributionType === 'ShardedByS3Key' && index % hostCount !== host) {
      continue;
    }
    const file = join(folder, posix.normalize(`/${name}`));
    try {
      // [doc] CompressionType and RecordWrapperType apply to Pipe mode only.
      const gunzip = mode === 'Pipe' && channel.CompressionType === 'Gzip' ? [createGunzip()] : [];
      await store.download(location, file, ...gunzip);
    } catch (error) {
      throw downloadFailure(error, s3Uri(location));
    }
    if (mode === 'Pipe' && channel.RecordWrapperType === 'RecordIO') {
      await wrapRecord(file);
    }
  }
}

function downloadFailure(error: unknown, uri: string): Error {
  if (error instanceof JobFailure) {
    return error;
  }
  const { name, message } = error instanceof Error ? error : new Error(String(error));
  return new JobFailure(
    `ClientError: Data download failed:Unable to download object ${uri} (${name}: ${message})`.slice(0, 1024),
  );
}

async function wrapRecord(file: string): Promise<void> {
  const wrapped = `${file}.record`;
  await writeFile(wrapped, recordOf(await readFile(file)));
  await rename(wrapped, file);
}
