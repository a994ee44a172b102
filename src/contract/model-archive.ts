import { createReadStream, createWriteStream } from 'node:fs';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createGzip } from 'node:zlib';
import { extract, type Header, pack } from 'tar-stream';
import type { ModelContents } from './observations.js';

/** Words for the entry types that hosting refuses or the archive drops. */
const UNARCHIVABLE: Readonly<Record<string, string>> = {
  symlink: 'symbolic link',
  fifo: 'FIFO',
  'character-device': 'device',
  'block-device': 'device',
};

/**
 * Makes model.tar.gz of /opt/ml/model as the platform does at the end of training: all hosts into one
 * archive, paths relative to the folder, root as the owner.
 *
 * @param sources one tar stream a host, as `docker cp <container>:/opt/ml/model -` gives it
 * @param file where the archive is written
 */
export async function archiveModel(sources: readonly Readable[], file: string): Promise<ModelContents> {
  const archive = pack();
  // Level 1: the archive lives for a minute, and time matters more than size.
  const written = pipeline(archive, createGzip({ level: constants.Z_BEST_SPEED }), createWriteStream(file));
  written.catch(() => {});
  const seen = new Set<string>();
  const unarchivable: { path: string; type: string }[] = [];
  let files = 0;
  let bytes = 0;

  for (const source of sources) {
    const entries = extract();
    // An error of the source must end the loop below, which reads from `entries`.
    const read = pipeline(source, entries);
    read.catch(() => {});
    for await (const entry of entries) {
      const { header } = entry;
      const name = relative(header.name);
      const type = UNARCHIVABLE[header.type ?? 'file'];
      if (name === '' || seen.has(name)) {
        // The folder itself; or a name that another host wrote already: the winner is undefined [doc].
        entry.resume();
        continue;
      }
      seen.add(name);
      if (type !== undefined) {
        unarchivable.push({ path: name, type });
        entry.resume();
        continue;
      }
      const target = archive.entry(archived(header, name));
      if (header.type === 'file' || header.type === 'contiguous-file') {
        files += 1;
        bytes += header.size ?? 0;
        await pipeline(entry, target);
      } else {
        files += header.type === 'link' ? 1 : 0;
        entry.resume();
      }
    }
    await read;
  }
  archive.finalize();
  await written;
  return { files, bytes, unarchivable };
}

/** The archive's content as a tar stream, for the folder that hosting extracts it to. */
export function openModelArchive(file: string, prefix = ''): Readable {
  const source = createReadStream(file).pipe(createGunzip());
  if (prefix === '') {
    return source;
  }
  const output = new PassThrough();
  const entries = extract();
  const prefixed = pack();
  const run = async () => {
    pipeline(source, entries).catch(() => {});
    for await (const entry of entries) {
      await pipeline(entry, prefixed.entry({ ...entry.header, name: `${prefix}${entry.header.name}` }));
    }
    prefixed.finalize();
  };
  run().catch((error: Error) => output.destroy(error));
  return prefixed.pipe(output);
}

/** `docker cp` puts the folder's own name in front of every path. */
function relative(name: string): string {
  return name.replace(/^\/?[^/]*\/?/, '').replace(/\/$/, '');
}

function archived(header: Header, name: string): Partial<Header> & { name: string } {
  return {
    name: header.type === 'directory' ? `${name}/` : name,
    ...(header.type && { type: header.type }),
    ...(header.size !== undefined && { size: header.size }),
    ...(header.mode !== undefined && { mode: header.mode }),
    ...(header.mtime && { mtime: header.mtime }),
    ...(header.type === 'link' && header.linkname && { linkname: relative(header.linkname) }),
    uid: 0,
    gid: 0,
    uname: 'root',
    gname: 'root',
  };
}
