import { LineSplitter, LogTail } from '../../contract/log-lines.js';
import { searchable } from '../../diagnosis/text.js';
import { DockerUnavailableError, isUnreachable } from '../../docker/docker.js';
import type { ImageRecord } from '../../plan.js';
import type { StageContext } from '../context.js';
import { StageFailure } from '../stage-failure.js';
import { findImage } from './find-image.js';
import { explainPull } from './pull-failure.js';
import { code } from './words.js';

/**
 * The image that `image-uri` names: the local one when it is for the wanted platform, else the registry's, else
 * the local one all the same: whether its platform is right is for the check image-architecture to say.
 *
 * @throws StageFailure when it is in neither place
 */
export async function givenImage(context: StageContext, uri: string, platform: string): Promise<ImageRecord> {
  const { docker, signal, log } = context;
  const local = await findImage(docker, uri, signal);
  if (local?.platform === platform) {
    return local;
  }
  if (/^sha256:/.test(uri)) {
    if (local) {
      return local;
    }
    throw new StageFailure({
      message: `${code(uri)}, which \`image-uri\` names, is not in this Docker engine.`,
      fix: 'Ids are known only where the image was made: build it in an earlier step of this job, or name the image in a registry (`host/name:tag`).',
    });
  }
  log.info(
    local
      ? `The local ${uri} is for ${local.platform}: looking for ${platform} in its registry.`
      : `There is no local ${uri}: pulling it.`,
  );
  const errors = await pull(context, uri, platform);
  if (errors !== undefined) {
    if (isUnreachable(errors)) {
      throw new DockerUnavailableError(errors);
    }
    if (local) {
      return local;
    }
    const known = explainPull(errors, uri, platform);
    throw new StageFailure({
      message: `${code(uri)}, which \`image-uri\` names, cannot be pulled: ${known ? `${known.reason}.` : errors}`,
      fix: known?.fix ?? 'Check the name, and that this runner can pull it.',
      lines: [errors],
    });
  }
  const pulled = await findImage(docker, uri, signal);
  if (pulled === undefined) {
    throw new StageFailure({
      message: `${code(uri)} was pulled, but is not in the Docker engine.`,
      fix: 'If something else on this machine removes images, let it wait for the job; then run it again.',
    });
  }
  return pulled;
}

/** Pulls an image with its progress in the log. Gives what docker complained of when it could not. */
async function pull(context: StageContext, uri: string, platform: string): Promise<string | undefined> {
  const { docker, signal, log } = context;
  const child = docker.start(['pull', '--platform', platform, uri], { signal });
  const errors = new LogTail(10);
  for (const name of ['stdout', 'stderr'] as const) {
    const splitter = new LineSplitter((line) => {
      log.untrusted('pull', line);
      if (name === 'stderr' && line.trim() !== '') {
        errors.push(searchable(line));
      }
    });
    child[name].on('data', (chunk: Buffer) => splitter.write(chunk));
    child[name].on('end', () => splitter.end());
  }
  if ((await child.exitCode) === 0) {
    return undefined;
  }
  const said = errors.lines.join(' ').replace(/^Error response from daemon: /, '');
  return said || 'docker gave no reason';
}
