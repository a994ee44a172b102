import { AwsError } from '../../aws/aws-error.js';
import type { CreateEndpointConfigInput } from '../../aws/endpoints.js';
import type { CreateModelInput } from '../../aws/models.js';
import { isNotFound } from '../../aws/sagemaker.js';
import type { SourceRecord } from '../../plan.js';
import { StageFailure } from '../stage-failure.js';
import { isPartOf } from '../train/deep-merge.js';
import type { JobClock } from '../train/job-clock.js';
import type { DeployConnection } from './connection.js';
import { isMadeFor } from './ownership.js';

/** Something that was made just now may not be seen yet by the call after it. [obs] */
const CONSISTENCY_MS = 15_000;
const AGAIN_MS = 1_500;

/** `created`: this call made it. `found`: it was there, with the same content. */
export type Made = 'created' | 'found';

export interface Maker {
  readonly endpointName: string;
  readonly source: SourceRecord;
  readonly clock: JobClock;
  readonly signal: AbortSignal;
}

/** @throws StageFailure when the name is something else's; AwsError */
export async function makeModel(
  { models }: Pick<DeployConnection, 'models'>,
  request: CreateModelInput,
  maker: Maker,
): Promise<Made> {
  const name = request.ModelName ?? '';
  const { ModelName: _, Tags: __, ...content } = request;
  const { signal } = maker;
  return make('model', name, content, maker, {
    describe: async () => {
      const found = await models.describe(name, signal);
      return found && { arn: found.ModelArn ?? '', content: found };
    },
    create: () => models.create(request, signal),
    tags: (arn) => models.tags(arn, signal),
  });
}

/** @throws StageFailure when the name is something else's; AwsError */
export async function makeConfig(
  { endpoints }: Pick<DeployConnection, 'endpoints'>,
  request: CreateEndpointConfigInput,
  maker: Maker,
): Promise<Made> {
  const name = request.EndpointConfigName ?? '';
  const { EndpointConfigName: _, Tags: __, ...content } = request;
  const { signal } = maker;
  return make('endpoint configuration', name, content, maker, {
    describe: async () => {
      const found = await endpoints.describeConfig(name, signal);
      return found && { arn: found.EndpointConfigArn ?? '', content: found };
    },
    // The models that it names may have been made a moment ago.
    create: () => onceSeen(() => endpoints.createConfig(request, signal), maker),
    tags: (arn) => endpoints.tags(arn, signal),
  });
}

interface Resource {
  describe(): Promise<{ readonly arn: string; readonly content: unknown } | undefined>;
  create(): Promise<unknown>;
  tags(arn: string): Promise<ReadonlyMap<string, string>>;
}

/**
 * Makes what never changes, or finds it: its name says what is in it. What is found must have the same content, or be
 * this repository's work for the endpoint; AWS may write a content in another way than it was sent.
 */
async function make(
  kind: string,
  name: string,
  content: object,
  { endpointName, source }: Maker,
  resource: Resource,
): Promise<Made> {
  const found = await resource.describe();
  if (found === undefined) {
    try {
      await resource.create();
      return 'created';
    } catch (error) {
      // The answer to an earlier attempt was lost, or another run was quicker. [obs]
      if (!(error instanceof AwsError) || !/already exist/i.test(error.message)) throw error;
    }
  }
  const there = found ?? (await resource.describe());
  if (there === undefined || isPartOf(content, there.content)) return 'found';
  if (isMadeFor(await resource.tags(there.arn), endpointName, source)) return 'found';
  throw new StageFailure({
    message: `There is another ${kind} named ${name} already, with another content, which this repository has not made.`,
    fix: `Look at it in the console of SageMaker, and remove it or choose another \`endpoint-name\`.`,
  });
}

/** Makes the call again while AWS does not see what was made just before. */
export async function onceSeen<Output>(
  send: () => Promise<Output>,
  { clock, signal }: Pick<Maker, 'clock' | 'signal'>,
): Promise<Output> {
  const began = clock.now();
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (!isNotFound(error) || clock.now() - began > CONSISTENCY_MS) throw error;
      await clock.sleep(AGAIN_MS, signal);
    }
  }
}
