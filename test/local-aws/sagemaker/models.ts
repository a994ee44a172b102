import type * as api from '@aws-sdk/client-sagemaker';
import { AwsError, type CallContext } from '../service.js';

/** SageMaker's models, as far as they name images: they are kept, and nothing of them is checked or run. */
export class Models {
  readonly #models = new Map<string, api.DescribeModelOutput>();

  create(input: api.CreateModelInput, { region, account, now }: CallContext): api.CreateModelOutput {
    const ModelName = input.ModelName ?? '';
    const ModelArn = `arn:aws:sagemaker:${region}:${account}:model/${ModelName.toLowerCase()}`;
    if (this.#models.has(ModelName)) {
      throw new AwsError('ValidationException', `Cannot create already existing model "${ModelArn}".`);
    }
    const { Tags: _, ...model } = input;
    this.#models.set(ModelName, {
      ...model,
      ModelName,
      ModelArn,
      CreationTime: now(),
    } as api.DescribeModelOutput);
    return { ModelArn };
  }

  describe(
    { ModelName = '' }: api.DescribeModelInput,
    { region, account }: CallContext,
  ): api.DescribeModelOutput {
    const model = this.#models.get(ModelName);
    if (model !== undefined) return model;
    throw new AwsError(
      'ValidationException',
      `Could not find model "arn:aws:sagemaker:${region}:${account}:model/${ModelName.toLowerCase()}".`,
    );
  }

  /** Newest first, a page each. */
  list({ MaxResults = 10, NextToken = '0' }: api.ListModelsInput): api.ListModelsOutput {
    const all = [...this.#models.values()].reverse();
    const start = Number(NextToken);
    return {
      Models: all.slice(start, start + MaxResults).map(({ ModelName, ModelArn, CreationTime }) => ({
        ModelName,
        ModelArn,
        CreationTime,
      })),
      ...(start + MaxResults < all.length && { NextToken: String(start + MaxResults) }),
    };
  }

  delete(input: api.DeleteModelInput, context: CallContext): void {
    this.describe(input, context);
    this.#models.delete(input.ModelName ?? '');
  }
}
