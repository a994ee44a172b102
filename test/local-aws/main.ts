import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ACCESS_KEY_ID, SECRET_ACCESS_KEY, startLocalAws } from './local-aws.js';
import type { ServiceFactory } from './service.js';

/** What `script/local-aws` runs, with the repository's root in the environment's ROOT. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '0' },
      'registry-port': { type: 'string', default: '0' },
      region: { type: 'string', default: 'us-east-1' },
      account: { type: 'string', default: '123456789012' },
      scenario: { type: 'string' },
    },
  });
  const root = process.env['ROOT'] ?? process.cwd();
  const scenario: unknown =
    values.scenario === undefined ? undefined : JSON.parse(readFileSync(values.scenario, 'utf8'));

  // From the start: what comes while parts are starting stops them as soon as they have started.
  const signal = new Promise<string>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => resolve(name));
  });
  const local = await startLocalAws({
    root,
    port: Number(values.port),
    registryPort: Number(values['registry-port']),
    region: values.region,
    account: values.account,
    createSageMaker: await loadSageMaker(root),
    now: () => new Date(),
    log: (line) => process.stderr.write(`local-aws: ${line}\n`),
  });
  let why: string;
  try {
    if (scenario !== undefined) await local.play(scenario);
    const { world, executionRoleArn, bucket } = local;
    process.stdout.write(
      `${[
        `AWS_ENDPOINT_URL=${world.endpoint}`,
        `AWS_REGION=${world.region}`,
        `AWS_DEFAULT_REGION=${world.region}`,
        `AWS_ACCESS_KEY_ID=${ACCESS_KEY_ID}`,
        `AWS_SECRET_ACCESS_KEY=${SECRET_ACCESS_KEY}`,
        `EXECUTION_ROLE_ARN=${executionRoleArn}`,
        `BUCKET=${bucket}`,
        'ready',
      ].join('\n')}\n`,
    );
    why = await Promise.race([signal, local.ended]);
  } finally {
    await local.close();
  }
  if (!why.startsWith('SIG')) {
    process.stderr.write(`local-aws: ${why}\n`);
    process.exitCode = 1;
  }
}

async function loadSageMaker(root: string): Promise<ServiceFactory | undefined> {
  if (!existsSync(join(root, 'test', 'local-aws', 'sagemaker', 'sagemaker.ts'))) return undefined;
  const name = './sagemaker/sagemaker.js';
  const { createSageMaker } = (await import(name)) as { readonly createSageMaker: ServiceFactory };
  return createSageMaker;
}

main().then(
  // What is still open, a connection to a client that has not gone, must not keep it alive.
  () => process.exit(),
  (error: unknown) => {
    process.stderr.write(`local-aws: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
