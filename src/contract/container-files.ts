import { extract } from 'tar-stream';
import { type Docker, DockerError } from '../docker/docker.js';

/** What `docker cp` says of a path that is not there, over the versions of the engine. */
const ABSENT = /Could not find the file|No such container:path|no such file or directory|not a directory/i;

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
  const child = docker.start(['cp', '--follow-link', `${container}:${path}`, '-'], { signal });
  const stderr: Buffer[] = [];
  child.stderr.on('data', (chunk: Buffer) => stderr.push(chunk));
  const entries = child.stdout.pipe(extract());
  const chunks: Buffer[] = [];
  let size = 0;
  let found = false;
  try {
    for await (const entry of entries) {
      if (entry.header.type === 'file') {
        found = true;
        for await (const chunk of entry) {
          chunks.push(chunk as Buffer);
          size += (chunk as Buffer).length;
          if (size >= maxBytes) {
            break;
          }
        }
      }
      break;
    }
  } catch {
    // An archive that is cut short is one that this function cut short, or that docker did not begin.
  }
  child.kill();
  const code = await child.exitCode;
  const said = Buffer.concat(stderr).toString('utf8');
  if (!found && code !== 0 && code !== 137 && !ABSENT.test(said)) {
    throw new DockerError(['cp'], code, said);
  }
  return found ? Buffer.concat(chunks).subarray(0, maxBytes) : undefined;
}

/** Names of what a folder of a container holds, at most `limit`; empty when there is no such folder. */
export async function listContainerFolder(
  docker: Docker,
  container: string,
  path: string,
  limit: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const child = docker.start(['cp', '--follow-link', `${container}:${path}`, '-'], { signal });
  child.stderr.resume();
  const names: string[] = [];
  const entries = child.stdout.pipe(extract());
  try {
    for await (const entry of entries) {
      const name = entry.header.name.replace(/^[^/]*\/?/, '');
      if (name !== '') {
        names.push(name);
      }
      if (names.length >= limit) {
        break;
      }
      entry.resume();
    }
  } catch {
    // As above: the stream was ended here.
  }
  child.kill();
  await child.exitCode;
  return names;
}
