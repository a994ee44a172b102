import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, jest, test } from '@jest/globals';
import { AWS_CLI, ROOT } from './shared.js';

jest.setTimeout(200_000);

let folder: string;
let child: ChildProcess | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clean-up-'));
});
afterEach(() => {
  child?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Starts a local AWS of its own, with its temporary files in `folder`; resolves when it is ready. */
async function start(...args: readonly string[]): Promise<{
  readonly values: Readonly<Record<string, string>>;
  readonly exit: Promise<unknown>;
  readonly motoPid: number;
}> {
  child = spawn(join(ROOT, 'script', 'local-aws'), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, TMPDIR: folder },
  });
  const exit = new Promise((resolve) => child?.once('exit', (code, signal) => resolve(signal ?? code)));
  let output = '';
  child.stderr?.on('data', (chunk) => {
    output += chunk;
  });
  await new Promise<void>((resolve, reject) => {
    child?.stdout?.on('data', (chunk) => {
      output += chunk;
      if (/^ready$/m.test(output)) resolve();
    });
    exit.then((code) => reject(new Error(`it ended with ${code}:\n${output}`)));
  });
  const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(child.pid)], {
    encoding: 'utf8',
  });
  return {
    values: Object.fromEntries(
      [...output.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]),
    ),
    exit,
    motoPid: Number(/^\s*(\d+).*moto_server/m.exec(children)?.[1]),
  };
}

const runs = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

test.each(['SIGINT', 'SIGTERM'] as const)('%s ends it well and leaves nothing', async (signal) => {
  const { exit, motoPid, values } = await start();
  expect(Object.keys(values)).toEqual([
    'AWS_ENDPOINT_URL',
    'AWS_REGION',
    'AWS_DEFAULT_REGION',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
    'EXECUTION_ROLE_ARN',
    'BUCKET',
  ]);
  expect(runs(motoPid)).toBe(true);
  expect(readdirSync(folder)).toHaveLength(1);
  child?.kill(signal);
  expect(await exit).toBe(0);
  expect(runs(motoPid)).toBe(false);
  expect(readdirSync(folder)).toEqual([]);
});

test('moto ends with it even when it is killed', async () => {
  const { exit, motoPid } = await start();
  child?.kill('SIGKILL');
  expect(await exit).toBe('SIGKILL');
  for (let tries = 0; tries < 100 && runs(motoPid); tries++) await sleep(50);
  expect(runs(motoPid)).toBe(false);
});

test('a scenario file is played before it is ready, and region and account are as asked', async () => {
  const scenario = join(folder, 'scenario.json');
  writeFileSync(
    scenario,
    JSON.stringify({
      faults: [{ service: 'ecr', operation: '*', kind: 'throttling' }],
      'pricing/prices': { 'eu-west-1': { 'ml.g5.xlarge': 1.5 } },
    }),
  );
  const { values, exit } = await start(
    '--scenario',
    scenario,
    '--region',
    'eu-west-1',
    '--account',
    '999988887777',
  );
  expect(values['AWS_REGION']).toBe('eu-west-1');
  expect(values['EXECUTION_ROLE_ARN']).toBe('arn:aws:iam::999988887777:role/local-aws-execution-role');
  const faults = await fetch(`${values['AWS_ENDPOINT_URL']}/_local-aws/faults`);
  expect(await faults.json()).toEqual([{ service: 'ecr', operation: '*', kind: 'throttling', met: 0 }]);
  const { Account } = JSON.parse(
    execFileSync(AWS_CLI, ['sts', 'get-caller-identity', '--output', 'json'], {
      encoding: 'utf8',
      env: { ...process.env, ...values },
    }),
  );
  expect(Account).toBe('999988887777');
  child?.kill('SIGINT');
  expect(await exit).toBe(0);
});
