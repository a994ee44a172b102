import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApplicationAutoScaling } from './application-autoscaling/application-autoscaling.js';
import { Ecr } from './ecr/ecr.js';
import { Logins } from './ecr/logins.js';
import { Registry } from './ecr/registry.js';
import { Repositories } from './ecr/repositories.js';
import { Gate } from './gate.js';
import { startMoto } from './moto.js';
import { Pricing } from './pricing.js';
import { coralWording, ecrWording, runtimeWording, type Wording } from './read-input.js';
import { FrontDoor } from './server.js';
import type { ServiceFactory, ServiceHandler, World } from './service.js';
import { readServiceModel } from './service-model.js';

export interface LocalAwsOptions {
  /** The repository's root, which has `.tools/moto` and `test/local-aws`. */
  readonly root: string;
  /** Ports on 127.0.0.1; 0: any free one. */
  readonly port: number;
  readonly registryPort: number;
  readonly region: string;
  readonly account: string;
  /** What the SageMaker of ours is; absent: its calls go to moto, which runs no container. */
  readonly createSageMaker?: ServiceFactory | undefined;
  now(): Date;
  log(line: string): void;
}

export interface LocalAws {
  readonly world: World;
  readonly executionRoleArn: string;
  readonly bucket: string;
  /** Applies a scenario, as `POST /_local-aws/scenario` does. */
  play(scenario: unknown): Promise<void>;
  /** Resolves, saying why, when it can no longer work: moto has ended. */
  readonly ended: Promise<string>;
  /** Stops and removes all that it started. */
  close(): Promise<void>;
}

export const ACCESS_KEY_ID = 'AKIALOCALAWSEXAMPLE1';
export const SECRET_ACCESS_KEY = 'local-aws-takes-any-secret-key';
const BUCKET = 'local-aws-bucket';
const ROLE = 'local-aws-execution-role';

/** @throws when a part does not start; what had been started by then is stopped again */
export async function startLocalAws(options: LocalAwsOptions): Promise<LocalAws> {
  const { root, account, region, now, log } = options;
  const environment = join(root, '.tools', 'moto');
  const stops: (() => Promise<unknown>)[] = [];
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= (async () => {
      for (const stop of stops.reverse()) {
        await stop().catch((error: unknown) =>
          log(`on the way out: ${error instanceof Error ? error.message : error}`),
        );
      }
    })();
    return closing;
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'local-aws-'));
    stops.push(() => rm(folder, { recursive: true, force: true, maxRetries: 3 }));
    const moto = await startMoto(
      environment,
      join(root, 'test', 'local-aws', 'moto_server.py'),
      account,
      join(folder, 'moto.log'),
    );
    stops.push(() => moto.close());

    const gate = new Gate(account, now);
    const repositories = new Repositories(account, now);
    const logins = new Logins(now);
    const registry = new Registry({
      repositories,
      logins,
      gate,
      region,
      folder: join(folder, 'registry'),
      now,
      log,
    });
    const host = await registry.listen(options.registryPort);
    stops.push(() => registry.close());

    const door = new FrontDoor({ port: options.port, account, region, motoPort: moto.port, gate, now, log });
    const endpoint = await door.listen();
    stops.push(() => door.close());

    const world: World = {
      endpoint,
      motoEndpoint: `http://127.0.0.1:${moto.port}`,
      region,
      account,
      accessKeyId: ACCESS_KEY_ID,
      secretAccessKey: SECRET_ACCESS_KEY,
      registry: { host, username: 'AWS', password: logins.platformPassword },
      folder,
      now,
      log,
    };
    const mount = (service: string, handler: ServiceHandler, wording: Wording) => {
      door.services.set(service, { handler, model: readServiceModel(environment, service), wording });
      const { companion } = handler;
      if (companion !== undefined) {
        door.companions.set(service, {
          handler: companion.handler,
          model: readServiceModel(environment, companion.name),
          wording: runtimeWording,
        });
      }
      stops.push(async () => handler.close?.());
    };
    mount('ecr', new Ecr(repositories, logins, host), ecrWording);
    mount('pricing', new Pricing(), coralWording);
    mount('application-autoscaling', new ApplicationAutoScaling(), coralWording);
    await createBucketAndRole(world);
    if (options.createSageMaker !== undefined) {
      mount('sagemaker', await options.createSageMaker(world), coralWording);
    }

    return {
      world,
      executionRoleArn: `arn:aws:iam::${account}:role/${ROLE}`,
      bucket: BUCKET,
      play: async (scenario) => {
        await door.script('POST', 'scenario', new URLSearchParams(), scenario);
      },
      ended: moto.ended.then((why) => `moto's server is gone: ${why}`),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What a training job needs and nobody wants to make by hand: a bucket, and a role that SageMaker may take. */
async function createBucketAndRole(world: World): Promise<void> {
  const sign = (service: string) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=${world.accessKeyId}/20240101/${world.region}/${service}/aws4_request, SignedHeaders=host, Signature=${'0'.repeat(64)}`,
    'x-amz-date': '20240101T000000Z',
  });
  const elsewhere =
    world.region === 'us-east-1'
      ? {}
      : {
          body: `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${world.region}</LocationConstraint></CreateBucketConfiguration>`,
        };
  await must('the bucket', `${world.motoEndpoint}/${BUCKET}`, {
    method: 'PUT',
    headers: sign('s3'),
    ...elsewhere,
  });
  const trust = {
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'sagemaker.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ],
  };
  await must('the execution role', world.motoEndpoint, {
    method: 'POST',
    headers: sign('iam'),
    body: new URLSearchParams({
      Action: 'CreateRole',
      Version: '2010-05-08',
      RoleName: ROLE,
      AssumeRolePolicyDocument: JSON.stringify(trust),
    }),
  });
}

async function must(what: string, url: string, init: RequestInit): Promise<void> {
  const response = await fetch(url, init);
  const text = await response.text();
  if (!response.ok) throw new Error(`moto did not make ${what}: ${response.status} ${text.slice(0, 500)}`);
}
