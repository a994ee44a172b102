import type {
  CreateEndpointConfigInput,
  CreateEndpointInput,
  DescribeEndpointConfigOutput,
  DescribeEndpointOutput,
  UpdateEndpointInput,
  UpdateEndpointWeightsAndCapacitiesInput,
} from '@aws-sdk/client-sagemaker';
import type { AwsPlan } from '../plan.js';
import { call } from './call.js';
import type { NamedResource } from './models.js';
import { openSageMaker, orAbsent, type Removal, removalOf, sendingWhole, tagsOf } from './sagemaker.js';

export type {
  CreateEndpointConfigInput,
  CreateEndpointInput,
  DescribeEndpointConfigOutput,
  DescribeEndpointOutput,
  UpdateEndpointInput,
  UpdateEndpointWeightsAndCapacitiesInput,
};

/** SageMaker's endpoints and their configurations in one Region. Every call rejects with AwsError, or CanceledError. */
export interface Endpoints {
  readonly region: string;
  /** @returns the endpoint's ARN */
  create(request: CreateEndpointInput, signal: AbortSignal): Promise<string>;
  /** @returns undefined when there is no endpoint of this name */
  describe(name: string, signal: AbortSignal): Promise<DescribeEndpointOutput | undefined>;
  update(request: UpdateEndpointInput, signal: AbortSignal): Promise<void>;
  /** Weights and instance counts of a live endpoint; it is `Updating` until they hold. */
  updateWeights(request: UpdateEndpointWeightsAndCapacitiesInput, signal: AbortSignal): Promise<void>;
  remove(name: string, signal: AbortSignal): Promise<Removal>;
  /** All of the account and Region, by name. */
  list(signal: AbortSignal): Promise<readonly NamedResource[]>;

  /** @returns the configuration's ARN */
  createConfig(request: CreateEndpointConfigInput, signal: AbortSignal): Promise<string>;
  /** @returns undefined when there is no configuration of this name */
  describeConfig(name: string, signal: AbortSignal): Promise<DescribeEndpointConfigOutput | undefined>;
  removeConfig(name: string, signal: AbortSignal): Promise<Removal>;
  /** Those whose name contains the text (all, when it is empty), the newest first. */
  listConfigs(nameContains: string, signal: AbortSignal): Promise<readonly NamedResource[]>;

  /** Of an endpoint or a configuration; none of one that is gone. */
  tags(arn: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** Adds the tags, or changes their values. */
  tag(arn: string, tags: ReadonlyMap<string, string>, signal: AbortSignal): Promise<void>;
}

/** @param attempts of one call */
export async function connectEndpoints(plan: AwsPlan, attempts: number): Promise<Endpoints> {
  const sageMaker = await openSageMaker(plan, attempts, 'sagemaker:DescribeEndpoint');
  const { sdk, client, region } = sageMaker;
  return {
    region,
    async create(request, signal) {
      const command = sendingWhole(new sdk.CreateEndpointCommand(request), request);
      const { EndpointArn = '' } = await call('sagemaker:CreateEndpoint', signal, (options) =>
        client.send(command, options),
      );
      return EndpointArn;
    },
    describe: (name, signal) =>
      orAbsent(
        call('sagemaker:DescribeEndpoint', signal, (options) =>
          client.send(new sdk.DescribeEndpointCommand({ EndpointName: name }), options),
        ),
      ),
    async update(request, signal) {
      const command = sendingWhole(new sdk.UpdateEndpointCommand(request), request);
      await call('sagemaker:UpdateEndpoint', signal, (options) => client.send(command, options));
    },
    async updateWeights(request, signal) {
      await call('sagemaker:UpdateEndpointWeightsAndCapacities', signal, (options) =>
        client.send(new sdk.UpdateEndpointWeightsAndCapacitiesCommand(request), options),
      );
    },
    remove: (name, signal) =>
      removalOf(
        call('sagemaker:DeleteEndpoint', signal, (options) =>
          client.send(new sdk.DeleteEndpointCommand({ EndpointName: name }), options),
        ),
      ),
    async list(signal) {
      const found: NamedResource[] = [];
      let NextToken: string | undefined;
      do {
        const page = await call('sagemaker:ListEndpoints', signal, (options) =>
          client.send(
            new sdk.ListEndpointsCommand({ MaxResults: 100, ...(NextToken && { NextToken }) }),
            options,
          ),
        );
        for (const { EndpointName, EndpointArn, CreationTime } of page.Endpoints ?? []) {
          found.push(named(EndpointName, EndpointArn, CreationTime));
        }
        NextToken = page.NextToken;
      } while (NextToken);
      return found;
    },
    async createConfig(request, signal) {
      const command = sendingWhole(new sdk.CreateEndpointConfigCommand(request), request);
      const { EndpointConfigArn = '' } = await call('sagemaker:CreateEndpointConfig', signal, (options) =>
        client.send(command, options),
      );
      return EndpointConfigArn;
    },
    describeConfig: (name, signal) =>
      orAbsent(
        call('sagemaker:DescribeEndpointConfig', signal, (options) =>
          client.send(new sdk.DescribeEndpointConfigCommand({ EndpointConfigName: name }), options),
        ),
      ),
    removeConfig: (name, signal) =>
      removalOf(
        call('sagemaker:DeleteEndpointConfig', signal, (options) =>
          client.send(new sdk.DeleteEndpointConfigCommand({ EndpointConfigName: name }), options),
        ),
      ),
    async listConfigs(nameContains, signal) {
      const found: NamedResource[] = [];
      let NextToken: string | undefined;
      do {
        const page = await call('sagemaker:ListEndpointConfigs', signal, (options) =>
          client.send(
            new sdk.ListEndpointConfigsCommand({
              ...(nameContains && { NameContains: nameContains }),
              SortBy: 'CreationTime',
              SortOrder: 'Descending',
              MaxResults: 100,
              ...(NextToken && { NextToken }),
            }),
            options,
          ),
        );
        for (const { EndpointConfigName, EndpointConfigArn, CreationTime } of page.EndpointConfigs ?? []) {
          found.push(named(EndpointConfigName, EndpointConfigArn, CreationTime));
        }
        NextToken = page.NextToken;
      } while (NextToken);
      return found;
    },
    tags: (arn, signal) => tagsOf(sageMaker, arn, signal),
    async tag(arn, tags, signal) {
      const Tags = [...tags].map(([Key, Value]) => ({ Key, Value }));
      await call('sagemaker:AddTags', signal, (options) =>
        client.send(new sdk.AddTagsCommand({ ResourceArn: arn, Tags }), options),
      );
    },
  };
}

const named = (name = '', arn = '', createdAt = new Date(0)): NamedResource => ({ name, arn, createdAt });
