import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export const ROOT = join(__dirname, '..', '..', '..');
/** Python with boto3, and the AWS CLI beside it. */
export const PYTHON = join(ROOT, '.tools', 'moto', 'bin', 'python');
export const AWS_CLI = join(ROOT, '.tools', 'moto', 'bin', 'aws');

/** Local AWS as one test file sees it. */
export interface SharedLocalAws {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly executionRoleArn: string;
  /** A key of this test file alone: faults, policies and counts go by it, so that files do not disturb each other. */
  readonly accessKeyId: string;
  /** What clients need: `AWS_ENDPOINT_URL`, region and keys. */
  readonly env: Readonly<Record<string, string>>;
  /** Configuration of the SDK's clients; by default they do not try again. */
  client(options?: { readonly attempts?: number }): {
    readonly endpoint: string;
    readonly region: string;
    readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
    readonly maxAttempts: number;
  };
  /** One call of the control API. */
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Scripts a fault for calls of this test file. */
  fault(fault: Readonly<Record<string, unknown>>): Promise<void>;
  /** How often this test file called each operation: `ecr:PutImage` → 2. */
  calls(): Promise<Readonly<Record<string, number>>>;
  /** Takes back all faults of this test file. */
  clearFaults(): Promise<void>;
}

const START_MS = 180_000;

/** The local AWS of this run of jest: started, by `script/local-aws`, when the first test asks for it. */
export async function localAws(): Promise<SharedLocalAws> {
  const folder = process.env['SHARED_LOCAL_AWS'];
  if (folder === undefined) throw new Error("jest's set-up of the integration tests has not run");
  const values = await readyValues(folder);
  const [endpoint, region, bucket, executionRoleArn] = [
    'AWS_ENDPOINT_URL',
    'AWS_REGION',
    'BUCKET',
    'EXECUTION_ROLE_ARN',
  ].map((name) => values[name] ?? '') as [string, string, string, string];
  const accessKeyId = `AKIA${randomBytes(8).toString('hex').toUpperCase()}`;
  const secretAccessKey = 'any';

  const control = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${endpoint}/_local-aws/${path}`, {
      method,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  };
  return {
    endpoint,
    region,
    bucket,
    executionRoleArn,
    accessKeyId,
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: region,
      AWS_DEFAULT_REGION: region,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      // Nothing of the person who runs the tests: no profile, no metadata service.
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
    },
    client: ({ attempts = 1 } = {}) => ({
      endpoint,
      region,
      credentials: { accessKeyId, secretAccessKey },
      maxAttempts: attempts,
    }),
    control,
    fault: async (fault) => {
      await control('POST', 'faults', { accessKeyId, ...fault });
    },
    calls: async () => (await control('GET', `calls?accessKeyId=${accessKeyId}`)) as Record<string, number>,
    clearFaults: async () => {
      await control('DELETE', `faults?accessKeyId=${accessKeyId}`);
    },
  };
}

/** What it printed. The first caller starts it, callers in other processes at the same time wait. */
async function readyValues(folder: string): Promise<Readonly<Record<string, string>>> {
  const output = join(folder, 'output');
  const errors = join(folder, 'errors');
  try {
    mkdirSync(join(folder, 'started'));
    const child = spawn(join(ROOT, 'script', 'local-aws'), {
      stdio: ['ignore', openSync(output, 'a'), openSync(errors, 'a')],
      detached: true,
    });
    writeFileSync(join(folder, 'pid'), String(child.pid));
    child.unref();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const until = Date.now() + START_MS;
  for (;;) {
    const text = read(output);
    if (/^ready$/m.test(text)) {
      return Object.fromEntries([...text.matchAll(/^(\w+)=(.*)$/gm)].map(([, name, value]) => [name, value]));
    }
    if (Date.now() > until || /^(local-aws|error): /m.test(read(errors))) {
      throw new Error(`script/local-aws does not get ready:\n${text}${read(errors)}`);
    }
    await sleep(100);
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
