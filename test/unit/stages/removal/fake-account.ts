import { createHash } from 'node:crypto';
import type { EcrRepository } from '../../../../src/aws/ecr.js';
import type { RegisteredModel } from '../../../../src/aws/registered-models.js';
import type { FoundJob, TrainingJobs } from '../../../../src/aws/training-jobs.js';
import { CanceledError } from '../../../../src/docker/docker.js';
import { ENDPOINT_TAG, PROVEN_TAG, pinningTags } from '../../../../src/stages/pinning-tags.js';
import type { RemovalConnection, Repositories } from '../../../../src/stages/removal/connection.js';
import type { JobClock } from '../../../../src/stages/train/job-clock.js';
import { FakeHosting } from '../deploy/fake-hosting.js';
import { SOURCE } from '../deploy/plans.js';

export const REGISTRY = '123456789012.dkr.ecr.eu-west-1.amazonaws.com';

interface Image {
  readonly digest: string;
  readonly tags: readonly string[];
  readonly pushedAt: Date;
  readonly labels: Readonly<Record<string, string>>;
}

interface Job {
  readonly status: string;
  readonly image: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly modelArtifacts?: string;
}

/** Ten hex digits, as names of content end with. */
export const hashed = (stem: string): string =>
  `${stem}-${createHash('sha256').update(stem).digest('hex').slice(0, 10)}`;

/** Hosting, with training jobs, the model registry and ECR beside it. */
export class FakeAccount {
  readonly hosting: FakeHosting;
  readonly jobs = new Map<string, Job>();
  readonly registered: RegisteredModel[] = [];
  readonly repositories = new Map<
    string,
    { readonly tags: ReadonlyMap<string, string>; readonly images: Image[] }
  >();
  #pushed = 0;

  constructor(readonly clock: JobClock) {
    this.hosting = new FakeHosting(clock);
  }

  /** A configuration with its model, made so many hours ago. @returns the name of both */
  addConfig(
    stem: string,
    hours: number,
    {
      endpoint = 'churn',
      source = SOURCE,
      image = `${REGISTRY}/churn:1`,
      model = stem,
      data = `s3://models/${stem}`,
      proven = false,
    } = {},
  ): string {
    const name = hashed(stem);
    const made = this.clock.now() - hours * 3_600_000;
    const Tags = [...pinningTags(source), [ENDPOINT_TAG, endpoint] as const].map(([Key, Value]) => ({
      Key,
      Value,
    }));
    const ModelName = hashed(model);
    if (!this.hosting.models.has(ModelName)) {
      this.hosting.models.set(ModelName, {
        made,
        request: { ModelName, PrimaryContainer: { Image: image, ModelDataUrl: data }, Tags },
      });
    }
    this.hosting.configs.set(name, {
      made,
      request: {
        EndpointConfigName: name,
        ProductionVariants: [{ VariantName: 'AllTraffic', ModelName }],
        Tags: [...Tags, ...(proven ? [{ Key: PROVEN_TAG, Value: 'true' }] : [])],
      },
    });
    return name;
  }

  addJob(name: string, status: string, ref: string, change: Partial<Job> = {}): void {
    this.jobs.set(name, {
      status,
      image: `${REGISTRY}/churn:train`,
      tags: pinningTags({ ...SOURCE, ref }),
      ...change,
    });
  }

  /** An image that was pushed so many hours ago, the later ones a second later. @returns the digest */
  addImage(labels: Readonly<Record<string, string>>, tags: readonly string[], hours = 2): string {
    this.#pushed += 1;
    const hex = createHash('sha256').update(String(this.#pushed)).digest('hex');
    const digest = `sha256:${hex}`;
    const pushedAt = new Date(this.clock.now() - hours * 3_600_000 + this.#pushed * 1000);
    const all = [`sagemaker-byoc-${hex.slice(0, 32)}`, ...tags];
    this.repositories.get('churn')?.images.push({ digest, tags: all, pushedAt, labels });
    return digest;
  }

  readonly connect = async (): Promise<RemovalConnection> => ({
    ...(await this.hosting.connect()),
    jobs: async () => this.#trainingJobs(),
    registered: async () => ({ all: async () => this.registered }),
    repositories: async (signal) => this.#ecr(signal),
  });

  #called(operation: string, name: string, signal: AbortSignal): void {
    if (signal.aborted) throw new CanceledError();
    this.hosting.calls.push({ operation, name, at: this.clock.now() });
    const fault = this.hosting.fault(operation, this.hosting.count(operation));
    if (fault) throw fault;
  }

  #trainingJobs(): TrainingJobs {
    const jobs: Partial<TrainingJobs> = {
      search: async (status, tags, signal) => {
        this.#called('searchJobs', status, signal);
        return [...this.jobs]
          .filter(([, job]) => job.status === status)
          .filter(([, job]) => [...tags].every(([key, value]) => job.tags.get(key) === value))
          .map(([name, { image, modelArtifacts }]) => ({
            name,
            arn: `arn:job/${name}`,
            status: status as FoundJob['status'],
            image,
            ...(modelArtifacts !== undefined && { modelArtifacts }),
          }));
      },
      stop: async (name, signal) => {
        this.#called('stopJob', name, signal);
        const job = this.jobs.get(name);
        if (job?.status !== 'InProgress') return 'ended';
        this.jobs.set(name, { ...job, status: 'Stopping' });
        return 'stopping';
      },
      remove: async (name, signal) => {
        this.#called('removeJob', name, signal);
        return this.jobs.delete(name) ? 'removed' : 'not-found';
      },
      describe: async (name, signal) => {
        this.#called('describeJob', name, signal);
        const job = this.jobs.get(name);
        return (
          job &&
          ({
            TrainingJobArn: `arn:job/${name}`,
            ModelArtifacts: { S3ModelArtifacts: job.modelArtifacts },
          } as never)
        );
      },
      tags: async (arn, signal) => {
        this.#called('jobTags', arn, signal);
        return this.jobs.get(arn.split('/').at(-1) ?? '')?.tags ?? new Map();
      },
    };
    return jobs as TrainingJobs;
  }

  #ecr(signal: AbortSignal): Repositories {
    const images = ({ name }: EcrRepository) => this.repositories.get(name)?.images ?? [];
    return {
      describeRepository: async ({ name }) => {
        this.#called('describeRepository', name, signal);
        const found = this.repositories.get(name);
        return found && { uri: `${REGISTRY}/${name}`, tags: found.tags };
      },
      removeRepository: async ({ name }) => {
        this.#called('removeRepository', name, signal);
        return this.repositories.delete(name) ? 'removed' : 'not-found';
      },
      taggedImages: async (repository) => images(repository),
      findImages: async (repository, [digest]) =>
        images(repository)
          .filter((image) => image.digest === digest)
          .map((image) => ({
            digest: image.digest,
            mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
            manifest: JSON.stringify({ config: { digest: image.digest }, layers: [] }),
          })),
      blob: async (repository, digest) =>
        JSON.stringify({
          config: { Labels: images(repository).find((image) => image.digest === digest)?.labels },
        }),
      remove: async (repository, [digest]) => {
        this.#called('removeImage', digest ?? '', signal);
        const all = images(repository);
        const index = all.findIndex((image) => image.digest === digest);
        if (index >= 0) all.splice(index, 1);
        return { removed: index >= 0 && digest ? [digest] : [], failures: [] };
      },
      close: () => {},
    };
  }
}
