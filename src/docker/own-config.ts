import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Docker } from './docker.js';

/**
 * Settings of the user's config.json without which docker would speak to another engine, or miss its plugins.
 * Logins, and the programs that keep them, are not among them; nor are `proxies`.
 */
const KEPT = ['currentContext', 'HttpHeaders', 'cliPluginsExtraDirs'];

/**
 * Makes a configuration folder for docker, to be named in DOCKER_CONFIG: a login in it is in no other place, and
 * gone with it. What else is in the user's own folder (contexts, certificates, plugins) is linked into it, so
 * that docker speaks to the same engine with the same commands. The user's config.json is read, never written.
 *
 * @param path absolute; must not exist
 * @param host the registry that will be logged in to
 * @param env environment of the docker processes
 */
export async function makeOwnConfig(
  path: string,
  host: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<void> {
  // An entry, empty as it is, keeps docker from looking for a key chain to put the login into.
  await makeFolderLike(usersFolder(env), path, { auths: { [host]: {} } });
}

/**
 * The docker that gives containers no proxies. `proxies` in the user's config.json become variables of every
 * container that docker creates (`HTTP_PROXY`, `no_proxy`, …), also over those of the image; SageMaker sets none.
 * Without that setting it is the same docker.
 *
 * @param path absolute, of a configuration folder to be made if it is needed; must not exist. Holds no login.
 * @param env environment of the docker processes
 */
export async function withoutProxies(
  docker: Docker,
  path: string,
  env: NodeJS.ProcessEnv = process.env,
): Promise<Docker> {
  const users = usersFolder(env);
  const { proxies } = await settings(join(users, 'config.json'));
  if (proxies === undefined) return docker;
  await makeFolderLike(users, path, {});
  const own = { DOCKER_CONFIG: path };
  return {
    run: (args, options) => docker.run(args, { ...options, env: { ...options?.env, ...own } }),
    start: (args, options) => docker.start(args, { ...options, env: { ...options?.env, ...own } }),
  };
}

const usersFolder = (env: NodeJS.ProcessEnv): string =>
  env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker');

async function makeFolderLike(users: string, path: string, more: Record<string, unknown>): Promise<void> {
  await mkdir(path, { mode: 0o700 });
  for (const name of await readdir(users).catch(() => [])) {
    if (name !== 'config.json') await symlink(join(users, name), join(path, name));
  }
  const all = await settings(join(users, 'config.json'));
  const kept = Object.fromEntries(KEPT.flatMap((key) => (all[key] === undefined ? [] : [[key, all[key]]])));
  await writeFile(join(path, 'config.json'), JSON.stringify({ ...kept, ...more }), { mode: 0o600 });
}

async function settings(path: string): Promise<Record<string, unknown>> {
  try {
    const all: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof all === 'object' && all !== null ? (all as Record<string, unknown>) : {};
  } catch {
    // None there, or not readable: docker itself goes on without it too.
    return {};
  }
}
