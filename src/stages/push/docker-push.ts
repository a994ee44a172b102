import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { RegistryLogin } from '../../aws/ecr.js';
import type { Pace } from '../../aws/retry-policy.js';
import { LineSplitter, LogTail } from '../../contract/log-lines.js';
import { searchable } from '../../diagnosis/text.js';
import { DockerError, DockerUnavailableError } from '../../docker/docker.js';
import { withImageName } from '../../docker/leftovers.js';
import { makeOwnConfig } from '../../docker/own-config.js';
import { whenAborted } from '../../runner/cancel.js';
import { mask } from '../../runner/mask.js';
import type { StageContext } from '../context.js';
import { dockerFailure, type Target } from './push-failure.js';

/**
 * Runs docker logged in to a registry, by a configuration folder of its own: the password reaches docker on
 * standard input and is in no file but that folder's, which is gone afterwards (after a crash with the run's
 * folder for temporary files, in which it stands).
 *
 * @param run gets the variables that docker needs to use the login
 */
export async function loggedIn<Result>(
  { docker, log, signal, tempDir }: StageContext,
  login: RegistryLogin,
  target: Target,
  run: (env: NodeJS.ProcessEnv) => Promise<Result>,
): Promise<Result> {
  mask(log, [login.password, login.token], `Logging in to ${login.host} for this push only.`);
  const folder = join(tempDir, 'docker-config');
  // A signature by Docker's own service of old, should the user have asked for it, is nothing that ECR knows.
  const env = { DOCKER_CONFIG: folder, DOCKER_CONTENT_TRUST: '0' };
  try {
    await makeOwnConfig(folder, login.host);
    const words = ['login', '--username', login.username, '--password-stdin', login.host];
    await docker.run(words, { signal, env, input: Buffer.from(login.password) }).catch((error: unknown) => {
      throw error instanceof DockerError ? dockerFailure('log in', target, linesOf(error.stderr)) : error;
    });
    return await run(env);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Pushes an image of the local engine, with its progress in the log. What may pass is tried again: the layers that
 * were sent are not sent again. The name that the image needs for that is taken away again.
 *
 * @param id the image's id
 * @param pace time and chance of waiting between the tries
 * @returns the digest of what was sent, as docker says it; undefined when it does not
 * @throws StageFailure with the reason and the fix
 */
export async function dockerPush(
  context: StageContext,
  id: string,
  target: Target,
  env: NodeJS.ProcessEnv,
  pace: Pace,
): Promise<string | undefined> {
  const { docker, log, signal } = context;
  const name = `${target.host}/${target.repository}:${target.tag}`;
  return withImageName(docker, { id, name }, context, async () => {
    for (let tries = 1; ; tries += 1) {
      const said = await pushOnce(context, name, env);
      if (said.exitCode === 0) return said.digest;
      const text = said.errors.join('\n');
      const reason = PASSING.find(({ pattern }) => pattern.test(text));
      if (reason === undefined || tries >= reason.tries)
        throw dockerFailure('push the image', target, said.errors);
      const wait = reason.firstWaitMs * 2 ** (tries - 1) * (0.5 + pace.random() / 2);
      log.info(
        `${reason.words}: pushing again${wait >= 1000 ? ` in ${Math.round(wait / 1000)} s` : ''}, without the layers that were sent.`,
      );
      await Promise.race([pace.sleep(wait), whenAborted(signal)]);
    }
  });
}

/** What is worth another try of the whole push. */
const PASSING = [
  {
    // Docker itself never tries again after this one.
    pattern: /toomanyrequests|429 Too Many|rate exceeded|throttl/i,
    tries: 5,
    firstWaitMs: 5_000,
    words: 'ECR refused the push for too many requests',
  },
  {
    // Docker itself has tried each layer five times, but not the first and last word.
    pattern:
      /connection reset|i\/o timeout|TLS handshake timeout|\bEOF\b|broken pipe|Client\.Timeout|50[0234] (?:Internal|Bad|Service|Gateway)/i,
    tries: 2,
    firstWaitMs: 1_000,
    words: 'The connection was lost',
  },
] as const;

interface Said {
  readonly exitCode: number;
  readonly errors: readonly string[];
  readonly digest?: string;
}

async function pushOnce(
  { docker, log, signal }: StageContext,
  name: string,
  env: NodeJS.ProcessEnv,
): Promise<Said> {
  const child = docker.start(['push', name], { signal, env });
  const errors = new LogTail(20);
  let digest: string | undefined;
  for (const stream of ['stdout', 'stderr'] as const) {
    const splitter = new LineSplitter((line) => {
      log.untrusted('push', line);
      digest = /\bdigest: (sha256:[0-9a-f]{64}) size: \d+/.exec(line)?.[1] ?? digest;
      if (stream === 'stderr' && line.trim() !== '') errors.push(searchable(line));
    });
    child[stream].on('data', (chunk: Buffer) => splitter.write(chunk));
    child[stream].on('end', () => splitter.end());
  }
  const exitCode = await child.exitCode;
  if (exitCode !== 0 && /Cannot connect to the Docker daemon/i.test(errors.lines.join('\n'))) {
    throw new DockerUnavailableError(errors.lines.join(' '));
  }
  return { exitCode, errors: errors.lines, ...(digest !== undefined && { digest }) };
}

const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map(searchable)
    .filter((line) => line.trim() !== '')
    .slice(-20);
