import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** moto's server, a process of its own. */
export interface Moto {
  /** On 127.0.0.1. */
  readonly port: number;
  /** Resolves when the process has ended by itself; its end by `close` does not count. */
  readonly ended: Promise<string>;
  close(): Promise<void>;
}

const START_MS = 60_000;

/**
 * @param environment the Python environment that has moto, `.tools/moto`
 * @param program moto_server.py
 * @param account the 12 digits that its answers have
 * @param log file that receives its output
 * @throws when it does not answer within a minute, or ends; with the end of its output
 */
export async function startMoto(
  environment: string,
  program: string,
  account: string,
  log: string,
): Promise<Moto> {
  const port = await freePort();
  const output = openSync(log, 'a');
  const child = spawn(join(environment, 'bin', 'python'), [program, String(port)], {
    stdio: ['pipe', output, output],
    // A signal for this process's group, such as Ctrl-C, is not for moto: it ends last, after the clean-up.
    detached: true,
    env: { ...withoutAws(process.env), MOTO_ACCOUNT_ID: account },
  });
  closeSync(output);
  let closing = false;
  const exit = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(`it ended with ${signal ?? `exit code ${code}`}`));
  });
  const close = async () => {
    closing = true;
    end(child);
    await exit;
  };
  const failed = exit.then((why) => {
    throw new Error(`moto's server did not start: ${why}\n${readFileSync(log, 'utf8').slice(-2000)}`);
  });
  failed.catch(() => undefined);
  const started = Date.now();
  while (!(await Promise.race([answers(port), failed]))) {
    if (Date.now() - started > START_MS) {
      await close();
      throw new Error(`moto's server did not answer within ${START_MS / 1000} s; its output: ${log}`);
    }
    await sleep(100);
  }
  return {
    port,
    ended: exit.then((why) => (closing ? new Promise<string>(() => undefined) : why)),
    close,
  };
}

function end(child: ChildProcess): void {
  child.stdin?.destroy();
  child.kill('SIGTERM');
}

/** Settings that are meant for the clients would only confuse the server. */
function withoutAws(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !/^(AWS_|MOTO_)/.test(name)));
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    request({ host: '127.0.0.1', port, path: '/moto-api/', timeout: 5_000 }, (response) => {
      response.resume();
      resolve(true);
    })
      .on('error', () => resolve(false))
      .on('timeout', () => resolve(false))
      .end();
  });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
