import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { extract, type Header } from 'tar-stream';

export interface TarEntry {
  readonly header: Header;
  readonly content: Buffer;
}

/** Everything that a tar stream holds, in order. Rejects when the stream fails or is cut short. */
export async function readTar(stream: Readable): Promise<readonly TarEntry[]> {
  const entries = extract();
  const read = pipeline(stream, entries);
  read.catch(() => {});
  const found: TarEntry[] = [];
  for await (const entry of entries) {
    const chunks: Buffer[] = [];
    for await (const chunk of entry) {
      chunks.push(chunk as Buffer);
    }
    found.push({ header: entry.header, content: Buffer.concat(chunks) });
  }
  await read;
  return found;
}

/** Name → content as text, of the files. */
export async function readTarFiles(stream: Readable): Promise<Readonly<Record<string, string>>> {
  const entries = await readTar(stream);
  return Object.fromEntries(
    entries
      .filter(({ header }) => header.type === 'file')
      .map(({ header, content }) => [header.name, content.toString('utf8')]),
  );
}
