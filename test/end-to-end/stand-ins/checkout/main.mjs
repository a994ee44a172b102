/**
 * Checks out as actions/checkout does, as far as the workflows of this repository ask for it, from the bare
 * repositories in the folder GIT_SERVER in place of GitHub. What it does not know, it refuses.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';

const KNOWN = [
  'repository',
  'ref',
  'path',
  'persist-credentials',
  'sparse-checkout',
  'sparse-checkout-cone-mode',
];
const { GIT_SERVER, GITHUB_WORKSPACE, GITHUB_REPOSITORY, GITHUB_SHA } = process.env;

const unknown = Object.keys(process.env)
  .filter((name) => name.startsWith('INPUT_'))
  .filter((name) => !KNOWN.includes(name.slice('INPUT_'.length).toLowerCase()));
if (unknown.length > 0) fail(`this stand-in does not know ${unknown.join(', ')}`);
const input = (name) => process.env[`INPUT_${name.toUpperCase()}`] ?? '';
if (input('persist-credentials') !== 'false') fail('persist-credentials must be false');

const folder = join(GITHUB_WORKSPACE, input('path'));
if (relative(GITHUB_WORKSPACE, folder).startsWith('..')) fail(`${folder} is not under ${GITHUB_WORKSPACE}`);
const repository = input('repository');
// Of the workflow's own repository, the commit that the event is about.
const ref = input('ref') || (repository === GITHUB_REPOSITORY ? GITHUB_SHA : 'HEAD');

for (const name of folder === GITHUB_WORKSPACE ? readdirSync(folder) : [])
  rmSync(join(folder, name), { recursive: true });
git('.', 'clone', '--quiet', '--no-checkout', `file://${GIT_SERVER}/${repository}.git`, folder);
if (input('sparse-checkout') !== '') {
  const mode = input('sparse-checkout-cone-mode') === 'true' ? '--cone' : '--no-cone';
  git(folder, 'sparse-checkout', 'set', mode, ...input('sparse-checkout').split('\n').filter(Boolean));
}
git(folder, 'checkout', '--quiet', '--detach', ref);
console.log(`${repository} at ${git(folder, 'rev-parse', 'HEAD').trim()}`);

function git(directory, ...args) {
  return execFileSync('git', ['-C', directory, ...args], { encoding: 'utf8' });
}

function fail(why) {
  console.log(`::error::checkout: ${why}`);
  process.exit(1);
}
