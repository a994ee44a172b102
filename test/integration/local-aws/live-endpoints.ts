import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DescribeEndpointCommand,
  ListEndpointConfigsCommand,
  ListModelsCommand,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { createDocker } from '../../../src/docker/docker.js';
import type { Plan } from '../../../src/plan.js';
import type { StageContext } from '../../../src/stages/context.js';
import { ENDPOINT_TAG, pinningTags } from '../../../src/stages/pinning-tags.js';
import { iamAction } from '../../local-aws/request.js';
import { deployPlan } from '../../unit/stages/deploy/plans.js';
import { SOURCE } from '../../unit/stages/train/plans.js';
import { SeenLog } from '../../unit/stages/train/seen-log.js';
import { ROOT, type SharedLocalAws } from './shared.js';

/** Endpoints at local AWS as the stage deploy leaves them, without its time. */
export class LiveEndpoints {
  constructor(
    private readonly aws: SharedLocalAws,
    private readonly sagemaker: SageMakerClient,
    private readonly image: string,
  ) {}

  /** A configuration with one model a variant. @returns its name */
  async config(
    endpoint: string,
    variants: readonly string[] = ['AllTraffic'],
    { source = SOURCE, modelData = '' } = {},
  ): Promise<string> {
    const Tags = wire(new Map([...pinningTags(source), [ENDPOINT_TAG, endpoint]]));
    const name = `${endpoint}-${randomBytes(5).toString('hex')}`;
    const made = [];
    for (const variant of variants) {
      const ModelName = `${endpoint}-${variant}-${randomBytes(5).toString('hex')}`;
      await this.sagemaker.send(
        new CreateModelCommand({
          ModelName,
          ExecutionRoleArn: this.aws.executionRoleArn,
          PrimaryContainer: { Image: this.image, ...(modelData && { ModelDataUrl: modelData }) },
          Tags,
        }),
      );
      made.push({
        VariantName: variant,
        ModelName,
        InitialInstanceCount: 1,
        InstanceType: 'ml.m5.large' as const,
        InitialVariantWeight: made.length === 0 ? 1 : 0,
      });
    }
    await this.sagemaker.send(
      new CreateEndpointConfigCommand({ EndpointConfigName: name, ProductionVariants: made, Tags }),
    );
    return name;
  }

  async endpoint(name: string, config: string, source = SOURCE): Promise<void> {
    await this.aws.control('POST', 'sagemaker/endpoints', { endpoints: name, script: {} });
    await this.sagemaker.send(
      new CreateEndpointCommand({
        EndpointName: name,
        EndpointConfigName: config,
        Tags: wire(pinningTags(source)),
      }),
    );
    for (;;) {
      const { EndpointStatus } = await this.describe(name);
      if (EndpointStatus === 'InService') return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  describe(name: string) {
    return this.sagemaker.send(new DescribeEndpointCommand({ EndpointName: name }));
  }

  /** Names of configurations and models with this text. */
  async left(
    text: string,
  ): Promise<{ readonly configs: readonly string[]; readonly models: readonly string[] }> {
    const { EndpointConfigs = [] } = await this.sagemaker.send(
      new ListEndpointConfigsCommand({ NameContains: text, MaxResults: 100 }),
    );
    const { Models = [] } = await this.sagemaker.send(
      new ListModelsCommand({ NameContains: text, MaxResults: 100 }),
    );
    return {
      configs: EndpointConfigs.flatMap(({ EndpointConfigName }) => EndpointConfigName ?? []),
      models: Models.flatMap(({ ModelName }) => ModelName ?? []),
    };
  }
}

export const wire = (tags: ReadonlyMap<string, string>) => [...tags].map(([Key, Value]) => ({ Key, Value }));

export function stageContext(source = SOURCE): StageContext {
  return {
    docker: createDocker({}),
    runId: randomBytes(6).toString('hex'),
    tempDir: '/nowhere',
    log: new SeenLog(),
    signal: new AbortController().signal,
    source,
  };
}

/** A plan without a part yet. */
export function emptyPlan(aws: SharedLocalAws): Plan {
  const { endpoint: _, ...plan } = deployPlan();
  return { ...plan, aws: { region: aws.region, tags: new Map() } };
}

/** Statements of a policy in docs/permissions.md. */
export function documented(
  ...headings: readonly string[]
): readonly { readonly Action: string | string[] }[] {
  const page = readFileSync(join(ROOT, 'docs', 'permissions.md'), 'utf8');
  return headings.flatMap((heading) => {
    const [, json = ''] = (page.split(new RegExp(`^#+ ${heading}$`, 'm'))[1] ?? '').split(/^```(?:json)?$/m);
    return (JSON.parse(json) as { Statement: { Action: string | string[] }[] }).Statement;
  });
}

/** Lets this test file's key do only what the statements allow; none: everything. */
export const allow = (aws: SharedLocalAws, Statement?: readonly object[]) =>
  Statement === undefined
    ? aws.control('DELETE', `policies/${aws.accessKeyId}`)
    : aws.control('PUT', `policies/${aws.accessKeyId}`, { Version: '2012-10-17', Statement });

/** Allowed actions that were never called meanwhile. */
export async function uncalled(
  aws: SharedLocalAws,
  statements: readonly { readonly Action: string | string[] }[],
  before: Readonly<Record<string, number>>,
): Promise<readonly string[]> {
  const called = new Set<string>();
  for (const [call, count] of Object.entries(await aws.calls())) {
    const [service = '', operation = ''] = call.split(':');
    if (count > (before[call] ?? 0)) called.add(iamAction(service, operation));
  }
  return [...new Set(statements.flatMap(({ Action }) => Action))].filter((action) => !called.has(action));
}
