import { createReadStream, createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip, createGzip } from 'node:zlib';
import { extract, type Header, pack } from 'tar-stream';
import type { ModelContents } from './observations.js';
import { packing } from './packing.js';

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

  const add = async (source: Readable): Promise<void> => {
    const entries = extract();
    // An error of the source ends the loop below, which reads from `entries`.
    const read = pipeline(source, entries);
    read.catch(() => {});
    for await (const entry of entries) {
      const { header } = entry;
      const name = relative(header.name);
      if (name === '' || seen.has(name)) {
        // The folder itself; or a name that another host wrote already: the winner is undefined [doc].
        entry.resume();
        continue;
      }
      const type =
        // Its target came before it, unless that is a thing that the archive cannot hold.
        header.type === 'link' && !seen.has(relative(header.linkname ?? ''))
          ? 'hard link'
          : UNARCHIVABLE[header.type ?? 'file'];
      if (type !== undefined) {
        unarchivable.push({ path: name, type });
        entry.resume();
        continue;
      }
      seen.add(name);
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
  };
  try {
    for (const source of sources) {
      await add(source);
    }
    archive.finalize();
    await written;
  } catch (error) {
    // Nobody must wait for the other half: neither who sends nor who writes.
    archive.destroy();
    for (const source of sources) {
      source.destroy();
    }
    await written.catch(() => {});
    throw error;
  }
  return { files, bytes, unarchivable };
}

/**
 * The archive's content as a tar stream, for the folder that hosting extracts it to. A missing or damaged
 * archive is an error of the stream.
 *
 * @param prefix goes in front of every path, with its `/`
 */
export function openModelArchive(file: string, prefix = ''): Readable {
  return packing(async (tar) => {
    const entries = extract();
    const read = pipeline(createReadStream(file), createGunzip(), entries);
    read.catch(() => {});
    for await (const entry of entries) {
      await pipeline(entry, tar.entry(withPrefix(entry.header, prefix)));
    }
    await read;
  });
}

/** Names and sizes that need more than a header's room are in `pax` too, as they were: it is left out. */
function withPrefix({ pax: _, ...header }: Header, prefix: string): Header {
  return {
    ...header,
    pax: null,
    name: `${prefix}${header.name}`,
    ...(header.type === 'link' && header.linkname && { linkname: `${prefix}${header.linkname}` }),
  };
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
