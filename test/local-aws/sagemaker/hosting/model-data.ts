import { createReadStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { openModelArchive } from '../../../../src/contract/model-archive.js';
import { packFolder } from '../../../../src/contract/opt-ml.js';
import { type ObjectStore, parseS3Uri } from '../object-store.js';
import type { ServerSpec } from './model-server.js';
import { DeploymentFailure, REASONS } from './words.js';

/**
 * What lies at /opt/ml/model of a container, as a tar stream: the content of model.tar.gz, or the objects below a
 * prefix.
 *
 * @param folder for what is downloaded; removed by the caller
 * @returns undefined when the model has no data
 * @throws DeploymentFailure when it cannot be read, or is no archive that hosting takes
 */
export async function fetchModelData(
  store: ObjectStore,
  { model: { container, description }, region }: Pick<ServerSpec, 'model' | 'region'>,
  folder: string,
): Promise<Readable | undefined> {
  const { modelDataUrl, modelDataSource } = container;
  const source = modelDataSource?.S3DataSource;
  const uri = modelDataUrl ?? source?.S3Uri;
  if (uri === undefined) return undefined;
  const location = parseS3Uri(uri);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const prefix = location.key.replace(/[^/]*$/, '');
  const keys =
    source?.S3DataType === 'S3Prefix' ? await store.list(location).catch(() => []) : [location.key];
  try {
    if (keys.length === 0) throw new Error('no objects');
    for (const key of keys) {
      await store.download({ ...location, key }, join(folder, key.slice(prefix.length)));
    }
  } catch {
    throw new DeploymentFailure(REASONS.modelData(uri, region, description.ExecutionRoleArn ?? ''));
  }
  if (modelDataUrl === undefined && source?.CompressionType === 'None') return packFolder(folder);
  const archive = join(folder, location.key.slice(prefix.length));
  try {
    await checkArchive(archive);
  } catch {
    throw new DeploymentFailure(REASONS.archive(uri));
  }
  return openModelArchive(archive);
}

/** @throws when hosting would not extract it: no .tar.gz, links, paths out of the folder [obs] E04 */
async function checkArchive(file: string): Promise<void> {
  const entries = extract();
  const read = pipeline(createReadStream(file), createGunzip(), entries);
  read.catch(() => {});
  for await (const entry of entries) {
    const { name, type } = entry.header;
    if (type === 'symlink' || name.startsWith('/') || name.split('/').includes('..')) {
      entry.destroy();
      throw new Error(`${type} ${name}`);
    }
    entry.resume();
  }
  await read;
}
