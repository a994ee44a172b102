import type { ContainerDefinition, SageMakerClient } from '@aws-sdk/client-sagemaker';
import type { AwsPlan } from '../plan.js';
import { call } from './call.js';
import { clientOptions } from './client-options.js';
import { type Pace, systemPace } from './retry-policy.js';

/**
 * The images that SageMaker models of this account and Region name, which an endpoint can need at any time: it
 * pulls its image again when it scales out or replaces an instance. Models made from a model package are looked
 * up in the package. Endpoints are asked too, since a model's tag was resolved to a digest when it was deployed,
 * and may be another image's by now. And training jobs that are not over: one that starts has yet to pull its
 * image, and does so again for an instance that is replaced.
 *
 * @returns image URIs, by tag or by digest, as the models, endpoints and jobs have them
 * @throws AwsError when it cannot be told, for want of permission above all; CanceledError
 */
export async function imagesInUse(
  aws: AwsPlan,
  signal: AbortSignal,
  pace: Pace = systemPace,
): Promise<ReadonlySet<string>> {
  const sdk = await import('@aws-sdk/client-sagemaker');
  const client = new sdk.SageMakerClient(clientOptions(aws, pace));
  try {
    const images = new Set<string>();
    const packages = new Set<string>();
    for (const name of await modelNames(sdk, client, signal)) {
      for (const { Image, ModelPackageName } of await containersOf(sdk, client, signal, name)) {
        if (Image !== undefined) images.add(Image);
        if (ModelPackageName !== undefined) packages.add(ModelPackageName);
      }
    }
    for (const name of packages) {
      const { InferenceSpecification } = await call('sagemaker:DescribeModelPackage', signal, (options) =>
        client.send(new sdk.DescribeModelPackageCommand({ ModelPackageName: name }), options),
      );
      for (const { Image } of InferenceSpecification?.Containers ?? [])
        if (Image !== undefined) images.add(Image);
    }
    for (const image of await deployedImages(sdk, client, signal)) images.add(image);
    for (const status of ['InProgress', 'Stopping'] as const) {
      for (const image of await trainingImages(sdk, client, signal, status)) images.add(image);
    }
    return images;
  } finally {
    client.destroy();
  }
}

type Sdk = typeof import('@aws-sdk/client-sagemaker');

async function modelNames(
  sdk: Sdk,
  client: SageMakerClient,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const names: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await call('sagemaker:ListModels', signal, (options) =>
      client.send(new sdk.ListModelsCommand({ MaxResults: 100, NextToken }), options),
    );
    names.push(...(page.Models ?? []).flatMap(({ ModelName }) => ModelName ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return names;
}

async function containersOf(
  sdk: Sdk,
  client: SageMakerClient,
  signal: AbortSignal,
  ModelName: string,
): Promise<readonly ContainerDefinition[]> {
  try {
    const { PrimaryContainer, Containers } = await call('sagemaker:DescribeModel', signal, (options) =>
      client.send(new sdk.DescribeModelCommand({ ModelName }), options),
    );
    return [...(PrimaryContainer ? [PrimaryContainer] : []), ...(Containers ?? [])];
  } catch (error) {
    // Deleted since it was listed. SageMaker has no code of its own for that.
    if (error instanceof Error && /could not find model/i.test(error.message)) return [];
    throw error;
  }
}

async function deployedImages(
  sdk: Sdk,
  client: SageMakerClient,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const images: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await call('sagemaker:ListEndpoints', signal, (options) =>
      client.send(new sdk.ListEndpointsCommand({ MaxResults: 100, NextToken }), options),
    );
    for (const { EndpointName } of page.Endpoints ?? []) {
      images.push(...(await imagesOfEndpoint(sdk, client, signal, EndpointName)));
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return images;
}

async function imagesOfEndpoint(
  sdk: Sdk,
  client: SageMakerClient,
  signal: AbortSignal,
  EndpointName: string | undefined,
): Promise<readonly string[]> {
  try {
    const { ProductionVariants, ShadowProductionVariants } = await call(
      'sagemaker:DescribeEndpoint',
      signal,
      (options) => client.send(new sdk.DescribeEndpointCommand({ EndpointName }), options),
    );
    return [...(ProductionVariants ?? []), ...(ShadowProductionVariants ?? [])].flatMap(
      ({ DeployedImages }) => (DeployedImages ?? []).flatMap(({ ResolvedImage }) => ResolvedImage ?? []),
    );
  } catch (error) {
    if (error instanceof Error && /could not find endpoint/i.test(error.message)) return [];
    throw error;
  }
}

/** By ListTrainingJobs: Search may not know yet of a job that was created a moment ago. */
async function trainingImages(
  sdk: Sdk,
  client: SageMakerClient,
  signal: AbortSignal,
  StatusEquals: 'InProgress' | 'Stopping',
): Promise<readonly string[]> {
  const images: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await call('sagemaker:ListTrainingJobs', signal, (options) =>
      client.send(new sdk.ListTrainingJobsCommand({ MaxResults: 100, StatusEquals, NextToken }), options),
    );
    for (const { TrainingJobName } of page.TrainingJobSummaries ?? []) {
      images.push(...(await imageOfJob(sdk, client, signal, TrainingJobName)));
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return images;
}

async function imageOfJob(
  sdk: Sdk,
  client: SageMakerClient,
  signal: AbortSignal,
  TrainingJobName: string | undefined,
): Promise<readonly string[]> {
  try {
    const { AlgorithmSpecification } = await call('sagemaker:DescribeTrainingJob', signal, (options) =>
      client.send(new sdk.DescribeTrainingJobCommand({ TrainingJobName }), options),
    );
    return AlgorithmSpecification?.TrainingImage === undefined ? [] : [AlgorithmSpecification.TrainingImage];
  } catch (error) {
    // Deleted since it was listed. SageMaker has no code of its own for that.
    if (error instanceof Error && /requested resource not found/i.test(error.message)) return [];
    throw error;
  }
}
