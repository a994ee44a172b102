import type { AwsPlan } from '../plan.js';
import { call } from './call.js';
import { openSageMaker } from './sagemaker.js';

/** What a version of the model registry needs to be deployed. */
export interface RegisteredModel {
  readonly arn: string;
  /** As it names them: by tag or digest. */
  readonly images: readonly string[];
  /** Addresses in S3. */
  readonly modelData: readonly string[];
}

/** All versions of the model registry in one Region. Every call rejects with AwsError, or CanceledError. */
export interface RegisteredModels {
  /** Of every group, whatever their approval status. */
  all(signal: AbortSignal): Promise<readonly RegisteredModel[]>;
}

/**
 * A client of its own: its credentials are asked of the provider chain again.
 *
 * @param attempts of one call
 */
export async function connectRegisteredModels(plan: AwsPlan, attempts: number): Promise<RegisteredModels> {
  const { sdk, client } = await openSageMaker(plan, attempts, 'sagemaker:ListModelPackageGroups');

  async function groups(signal: AbortSignal): Promise<readonly string[]> {
    const names: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await call('sagemaker:ListModelPackageGroups', signal, (options) =>
        client.send(
          new sdk.ListModelPackageGroupsCommand({ MaxResults: 100, ...(NextToken && { NextToken }) }),
          options,
        ),
      );
      names.push(
        ...(page.ModelPackageGroupSummaryList ?? []).flatMap(
          ({ ModelPackageGroupName }) => ModelPackageGroupName ?? [],
        ),
      );
      NextToken = page.NextToken;
    } while (NextToken);
    return names;
  }

  async function versions(group: string, signal: AbortSignal): Promise<readonly string[]> {
    const arns: string[] = [];
    let NextToken: string | undefined;
    do {
      const page = await call('sagemaker:ListModelPackages', signal, (options) =>
        client.send(
          new sdk.ListModelPackagesCommand({
            ModelPackageGroupName: group,
            MaxResults: 100,
            ...(NextToken && { NextToken }),
          }),
          options,
        ),
      );
      arns.push(
        ...(page.ModelPackageSummaryList ?? []).flatMap(({ ModelPackageArn }) => ModelPackageArn ?? []),
      );
      NextToken = page.NextToken;
    } while (NextToken);
    return arns;
  }

  return {
    async all(signal) {
      const found: RegisteredModel[] = [];
      for (const group of await groups(signal)) {
        for (const arn of await versions(group, signal)) {
          const { InferenceSpecification } = await call('sagemaker:DescribeModelPackage', signal, (options) =>
            client.send(new sdk.DescribeModelPackageCommand({ ModelPackageName: arn }), options),
          );
          const containers = InferenceSpecification?.Containers ?? [];
          found.push({
            arn,
            images: containers.flatMap(({ Image, ImageDigest }) => [
              ...(Image ? [Image] : []),
              ...(Image && ImageDigest ? [`${withoutTag(Image)}@${ImageDigest}`] : []),
            ]),
            modelData: containers.flatMap(({ ModelDataUrl, ModelDataSource }) => [
              ...(ModelDataUrl ? [ModelDataUrl] : []),
              ...(ModelDataSource?.S3DataSource?.S3Uri ? [ModelDataSource.S3DataSource.S3Uri] : []),
            ]),
          });
        }
      }
      return found;
    },
  };
}

const withoutTag = (image: string): string => image.replace(/(?::[^:/]+|@[^@]+)$/, '');
