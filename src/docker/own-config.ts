import { mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Settings of the user's config.json without which docker would speak to another engine, or miss its plugins.
 * Logins, and the programs that keep them, are not among them.
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
  const users = env['DOCKER_CONFIG'] || join(env['HOME'] || homedir(), '.docker');
  await mkdir(path, { mode: 0o700 });
  for (const name of await readdir(users).catch(() => [])) {
    if (name !== 'config.json') await symlink(join(users, name), join(path, name));
  }
  const config = {
    ...(await settings(join(users, 'config.json'))),
    // An entry, empty as it is, keeps docker from looking for a key chain to put the login into.
    auths: { [host]: {} },
  };
  await writeFile(join(path, 'config.json'), JSON.stringify(config), { mode: 0o600 });
}

async function settings(path: string): Promise<Record<string, unknown>> {
  try {
    const all = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
    return Object.fromEntries(KEPT.flatMap((key) => (all[key] === undefined ? [] : [[key, all[key]]])));
  } catch {
    // None there, or not readable: docker itself goes on without it too.
    return {};
  }
}
