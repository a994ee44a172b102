import { Readable } from 'node:stream';
import { type Pack, pack } from 'tar-stream';

/**
 * A tar stream that begins to be filled when it is first read. Who gets it may have to make a volume before:
 * an error that came in the meantime would meet nobody who listens, and end the process.
 */
export function packing(fill: (tar: Pack) => Promise<void>): Readable {
  async function* content(): AsyncGenerator<Buffer> {
    const tar = pack();
    fill(tar).then(
      () => tar.finalize(),
      (error: unknown) => tar.destroy(error instanceof Error ? error : new Error(String(error))),
    );
    try {
      yield* tar as AsyncIterable<Buffer>;
    } finally {
      tar.destroy();
    }
  }
  return Readable.from(content(), { objectMode: false });
}
