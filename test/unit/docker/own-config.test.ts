import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Docker } from '../../../src/docker/docker.js';
import { makeOwnConfig, withoutProxies } from '../../../src/docker/own-config.js';
import { temporaryFolder } from '../runner/temporary-folder.js';

let folder: string;
let users: string;
let own: string;

beforeEach(() => {
  folder = temporaryFolder();
  users = join(folder, '.docker');
  own = join(folder, 'own');
  mkdirSync(users);
});

const configOf = (path: string): unknown => JSON.parse(readFileSync(join(path, 'config.json'), 'utf8'));

describe('a configuration folder of its own', () => {
  test('has the user’s engine, headers and plugins, and none of his logins', async () => {
    const given = {
      currentContext: 'remote',
      HttpHeaders: { 'X-Meta': '1' },
      cliPluginsExtraDirs: ['/opt/plugins'],
      auths: { 'example.com': { auth: 'dXNlcjpwYXNz' } },
      credsStore: 'desktop',
      credHelpers: { 'gcr.io': 'gcloud' },
    };
    writeFileSync(join(users, 'config.json'), JSON.stringify(given));
    for (const name of ['contexts', 'cli-plugins', 'buildx']) mkdirSync(join(users, name));
    writeFileSync(join(users, 'ca.pem'), 'certificate');
    await makeOwnConfig(own, 'registry.example', { DOCKER_CONFIG: users });
    expect(configOf(own)).toEqual({
      currentContext: 'remote',
      HttpHeaders: { 'X-Meta': '1' },
      cliPluginsExtraDirs: ['/opt/plugins'],
      auths: { 'registry.example': {} },
    });
    expect(readdirSync(own).sort()).toEqual(['buildx', 'ca.pem', 'cli-plugins', 'config.json', 'contexts']);
    expect(readFileSync(join(own, 'ca.pem'), 'utf8')).toBe('certificate');
    expect(configOf(users)).toEqual(given);
  });

  test('is for this user only', async () => {
    await makeOwnConfig(own, 'registry.example', { DOCKER_CONFIG: users });
    expect(statSync(own).mode & 0o777).toBe(0o700);
    expect(statSync(join(own, 'config.json')).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['no folder at all', () => ({ HOME: join(folder, 'nowhere') })],
    [
      'a file that is no JSON',
      () => {
        writeFileSync(join(users, 'config.json'), '{');
        return { HOME: folder };
      },
    ],
  ])('is made from %s too', async (_, env) => {
    await makeOwnConfig(own, 'registry.example', env());
    expect(configOf(own)).toEqual({ auths: { 'registry.example': {} } });
  });

  test('keeps docker on the context that the user has chosen', async () => {
    const docker = (config: string, ...args: readonly string[]) =>
      execFileSync('docker', args, {
        encoding: 'utf8',
        stdio: 'pipe',
        env: { PATH: process.env['PATH'], HOME: folder, DOCKER_CONFIG: config },
      });
    docker(users, 'context', 'create', 'own-config-test', '--docker', 'host=tcp://127.0.0.1:9');
    docker(users, 'context', 'use', 'own-config-test');
    await makeOwnConfig(own, 'registry.example', { DOCKER_CONFIG: users });
    expect(docker(own, 'context', 'show').trim()).toBe('own-config-test');
    expect(docker(own, 'context', 'inspect', '--format', '{{.Endpoints.docker.Host}}').trim()).toBe(
      'tcp://127.0.0.1:9',
    );
  });
});

describe('docker without proxies', () => {
  const docker: Docker = {
    run: async (_args, options) => ({ stdout: JSON.stringify(options?.env ?? {}), stderr: '' }),
    start: () => {
      throw new Error('not started');
    },
  };
  const proxies = { default: { httpProxy: 'http://proxy.example:3128' } };

  test('has the user’s engine and plugins, no proxies and no logins, and what else it is given', async () => {
    writeFileSync(
      join(users, 'config.json'),
      JSON.stringify({ proxies, currentContext: 'remote', auths: { 'example.com': { auth: 'eA==' } } }),
    );
    mkdirSync(join(users, 'contexts'));
    const other = await withoutProxies(docker, own, { DOCKER_CONFIG: users });
    expect(configOf(own)).toEqual({ currentContext: 'remote' });
    expect(readdirSync(own).sort()).toEqual(['config.json', 'contexts']);
    const { stdout } = await other.run(['create'], { env: { SECRET: '1' } });
    expect(JSON.parse(stdout)).toEqual({ SECRET: '1', DOCKER_CONFIG: own });
  });

  test.each([
    ['are none', '{"currentContext":"default"}'],
    ['is no readable file', '{'],
  ])('is the same docker where there %s', async (_, text) => {
    writeFileSync(join(users, 'config.json'), text);
    expect(await withoutProxies(docker, own, { DOCKER_CONFIG: users })).toBe(docker);
    expect(existsSync(own)).toBe(false);
  });
});
