import type { CreateModelInput, DescribeModelOutput } from '@aws-sdk/client-sagemaker';
import type { AwsPlan } from '../plan.js';
import { call } from './call.js';
import { openSageMaker, orAbsent, type Removal, removalOf, sendingWhole, tagsOf } from './sagemaker.js';

export type { CreateModelInput, DescribeModelOutput };

/** SageMaker's models in one Region. Every call rejects with AwsError, or CanceledError. */
export interface Models {
  readonly region: string;
  /** @returns the model's ARN */
  create(request: CreateModelInput, signal: AbortSignal): Promise<string>;
  /** @returns undefined when there is no model of this name */
  describe(name: string, signal: AbortSignal): Promise<DescribeModelOutput | undefined>;
  remove(name: string, signal: AbortSignal): Promise<Removal>;
  /** Those whose name contains the text (all, when it is empty), the newest first. */
  list(nameContains: string, signal: AbortSignal): Promise<readonly NamedResource[]>;
  tags(arn: string, signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
}

export interface NamedResource {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
}

/** @param attempts of one call */
export async function connectModels(plan: AwsPlan, attempts: number): Promise<Models> {
  const sageMaker = await openSageMaker(plan, attempts, 'sagemaker:CreateModel');
  const { sdk, client, region } = sageMaker;
  return {
    region,
    async create(request, signal) {
      const command = sendingWhole(new sdk.CreateModelCommand(request), request);
      const { ModelArn = '' } = await call('sagemaker:CreateModel', signal, (options) =>
        client.send(command, options),
      );
      return ModelArn;
    },
    describe: (name, signal) =>
      orAbsent(
        call('sagemaker:DescribeModel', signal, (options) =>
          client.send(new sdk.DescribeModelCommand({ ModelName: name }), options),
        ),
      ),
    remove: (name, signal) =>
      removalOf(
        call('sagemaker:DeleteModel', signal, (options) =>
          client.send(new sdk.DeleteModelCommand({ ModelName: name }), options),
        ),
      ),
    async list(nameContains, signal) {
      const found: NamedResource[] = [];
      let NextToken: string | undefined;
      do {
        const page = await call('sagemaker:ListModels', signal, (options) =>
          client.send(
            new sdk.ListModelsCommand({
              ...(nameContains && { NameContains: nameContains }),
              SortBy: 'CreationTime',
              SortOrder: 'Descending',
              MaxResults: 100,
              ...(NextToken && { NextToken }),
            }),
            options,
          ),
        );
        for (const { ModelName, ModelArn, CreationTime } of page.Models ?? []) {
          found.push({
            name: ModelName ?? '',
            arn: ModelArn ?? '',
            createdAt: CreationTime ?? new Date(0),
          });
        }
        NextToken = page.NextToken;
      } while (NextToken);
      return found;
    },
    tags: (arn, signal) => tagsOf(sageMaker, arn, signal),
  };
}
