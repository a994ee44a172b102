import type { DescribeModelOutput } from '../../aws/models.js';
import type { RemovalConnection } from './connection.js';
import type { KnownEndpoint } from './hosting.js';

type ContainerDefinition = NonNullable<DescribeModelOutput['PrimaryContainer']>;

/** Who needs an image, or an object of S3: the first that was found, as a sentence's part (`the model churn-…`). */
export interface Needs {
  /** By the image's name, as it is written where it is needed. */
  readonly images: ReadonlyMap<string, string>;
  /** By address in S3; those that end with `/` are prefixes. */
  readonly modelData: ReadonlyMap<string, string>;
}

export interface NeedsOptions {
  readonly endpoints: readonly KnownEndpoint[];
  /** Models that are gone, or would be. */
  readonly without: ReadonlySet<string>;
  /** Training jobs that are stopped, or would be. */
  readonly withoutJobs?: ReadonlySet<string>;
}

/**
 * Everything that an image or a model in S3 may be needed by: models and endpoints, versions of the model registry,
 * and training jobs in progress.
 *
 * @throws AwsError when it cannot be told; CanceledError
 */
export async function findNeeds(
  connection: RemovalConnection,
  { endpoints, without, withoutJobs = new Set() }: NeedsOptions,
  signal: AbortSignal,
): Promise<Needs> {
  const images = new Map<string, string>();
  const modelData = new Map<string, string>();
  const take = (into: Map<string, string>, names: readonly string[], who: string) => {
    for (const name of names) if (!into.has(name)) into.set(name, who);
  };
  for (const { name } of await connection.models.list('', signal)) {
    if (without.has(name)) continue;
    const containers = containersOf(await connection.models.describe(name, signal));
    take(images, imagesOf(containers), `the model ${name}`);
    take(modelData, modelDataOf(containers), `the model ${name}`);
  }
  for (const { name, description } of endpoints) {
    const { ProductionVariants = [], ShadowProductionVariants = [] } = description;
    const deployed = [...ProductionVariants, ...ShadowProductionVariants].flatMap(({ DeployedImages = [] }) =>
      DeployedImages.flatMap(({ ResolvedImage }) => ResolvedImage ?? []),
    );
    take(images, deployed, `the endpoint ${name}`);
  }
  for (const { arn, images: ofVersion, modelData: data } of await (await connection.registered()).all(
    signal,
  )) {
    const who = `the registered version ${arn.split('/').slice(1).join('/')}`;
    take(images, ofVersion, who);
    take(modelData, data, who);
  }
  for (const { name, image } of await (await connection.jobs()).search('InProgress', new Map(), signal)) {
    if (!withoutJobs.has(name)) take(images, [image], `the training job ${name}, which is in progress`);
  }
  return { images, modelData };
}

/** Who needs the object, or all below a prefix that it is in. */
export function whoNeeds({ modelData }: Needs, uri: string): string | undefined {
  return (
    modelData.get(uri) ??
    [...modelData].find(([address]) => address.endsWith('/') && uri.startsWith(address))?.[1]
  );
}

export const containersOf = (model: DescribeModelOutput | undefined): readonly ContainerDefinition[] => [
  ...(model?.PrimaryContainer ? [model.PrimaryContainer] : []),
  ...(model?.Containers ?? []),
];

const imagesOf = (containers: readonly ContainerDefinition[]): readonly string[] =>
  containers.flatMap(({ Image }) => Image ?? []);

export const modelDataOf = (containers: readonly ContainerDefinition[]): readonly string[] =>
  containers.flatMap(({ ModelDataUrl, ModelDataSource, AdditionalModelDataSources }) => [
    ...(ModelDataUrl ? [ModelDataUrl] : []),
    ...[ModelDataSource, ...(AdditionalModelDataSources ?? [])].flatMap(
      (from) => from?.S3DataSource?.S3Uri ?? [],
    ),
  ]);
