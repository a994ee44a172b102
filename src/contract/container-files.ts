import { type Extract, extract } from 'tar-stream';
import { type Docker, DockerError } from '../docker/docker.js';

type Entry = Extract extends AsyncIterable<infer Item> ? Item : never;

/** What `docker cp` says of a path that is not there, or leads nowhere, over the versions of the engine. */
const ABSENT =
  /Could not find the file|No such container:path|no such file or directory|not a directory|too many links/i;

/**
 * Reads the start of a file of a container, running or not.
 *
 * @param maxBytes reading stops there
 * @returns undefined when there is no such file
 */
export async function readContainerFile(
  docker: Docker,
  container: string,
  path: string,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Buffer | undefined> {
  for await (const entry of copy(docker, container, path, signal)) {
    return entry.header.type === 'file' ? await startOf(entry, maxBytes) : undefined;
  }
  return undefined;
}

/** Names of what a folder of a container holds, at most `limit`; empty when there is no such folder. */
export async function listContainerFolder(
  docker: Docker,
  container: string,
  path: string,
  limit: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const names: string[] = [];
  for await (const entry of copy(docker, container, path, signal)) {
    const name = entry.header.name.replace(/^[^/]*\/?/, '');
    if (name !== '') {
      names.push(name);
    }
    if (names.length >= limit) {
      break;
    }
    entry.resume();
  }
  return names;
}

/**
 * What `docker cp` gives of a path, entry by entry, as far as it is wanted; nothing when the path is not there.
 *
 * @throws DockerError when docker cannot tell
 */
async function* copy(
  docker: Docker,
  container: string,
  path: string,
  signal: AbortSignal,
): AsyncGenerator<Entry> {
  const child = docker.start(['cp', '--follow-link', `${container}:${path}`, '-'], { signal });
  const stderr: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  let seen = false;
  let ended = false;
  try {
    for await (const entry of child.stdout.pipe(extract())) {
      seen = true;
      yield entry;
    }
    ended = true;
  } catch (error) {
    // An archive that breaks off: docker's own words say why.
    if ((await child.exitCode) === 0) {
      throw error;
    }
  } finally {
    // What is not wanted any more need not be sent. Otherwise docker ends by itself, and its exit code counts.
    if (!ended) {
      child.kill();
    }
  }
  const code = await child.exitCode;
  const said = Buffer.concat(stderr).toString('utf8');
  if (code !== 0 && (seen || !ABSENT.test(said))) {
    throw new DockerError(['cp'], code, said);
  }
}

async function startOf(entry: Entry, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of entry) {
    chunks.push(chunk as Buffer);
    size += (chunk as Buffer).length;
    if (size >= maxBytes) {
      break;
    }
  }
  return Buffer.concat(chunks).subarray(0, maxBytes);
}
