import { randomBytes } from 'node:crypto';
import type { CreateTrainingJobRequest } from '@aws-sdk/client-sagemaker';
import { createProcessTable } from '../../../src/contract/process-table.js';
import { prepareTraining, type StartedTraining } from '../../../src/contract/training-run.js';
import type { Docker } from '../../../src/docker/docker.js';
import { labelArgs, removeLeftovers } from '../../../src/docker/leftovers.js';
import { channelSettings } from './channels.js';
import { OwnWords } from './dockers-words.js';
import type { Fleet, OnLine } from './fleet.js';
import { groupsOf, hostsOf, hostsOfChannel } from './instance-groups.js';
import { IMAGE_ERROR, JobFailure } from './job-failure.js';
import type { PulledImages } from './pulled-images.js';

export interface FleetRequest {
  readonly job: CreateTrainingJobRequest;
  readonly arn: string;
  readonly region: string;
  /** Attempt of this job, from 0. */
  readonly attempt: number;
  /** Host and channel → the folder with what that host gets of the channel. */
  channelFolder(host: string, channel: string): string;
  /** What is restored to the checkpoints' folder; undefined without CheckpointConfig. */
  readonly checkpoints?: { readonly localPath: string; readonly source: string };
  /** Empty, removed by the caller. */
  readonly folder: string;
  readonly onLine: OnLine;
  readonly signal: AbortSignal;
}

/** Runs training jobs on this machine's Docker engine, as the smoke test runs its one. */
export class DockerFleets {
  readonly #id = `local-aws-${randomBytes(4).toString('hex')}`;
  readonly #runs = new Set<string>();
  #number = 0;

  constructor(
    private readonly docker: Docker,
    private readonly images: PulledImages,
  ) {}

  /** @throws JobFailure when the image cannot be pulled */
  async prepare(request: FleetRequest): Promise<Fleet> {
    const { job, signal } = request;
    const image = await this.images.pull(job.AlgorithmSpecification?.TrainingImage ?? '', signal);
    if (image === undefined) {
      throw new JobFailure(IMAGE_ERROR);
    }
    this.#number += 1;
    const runId = `${this.#id}-${this.#number}`;
    this.#runs.add(runId);
    try {
      return await this.#create(request, image, runId);
    } catch (error) {
      await this.#remove(runId);
      throw error;
    }
  }

  async #create(request: FleetRequest, image: string, runId: string): Promise<Fleet> {
    const { job, signal } = request;
    const isolated = job.EnableNetworkIsolation === true;
    // A network of the job's own: `algo-1` of another job must not be found.
    const network = `sagemaker-byoc-${runId}`;
    await this.docker.run(
      ['network', 'create', ...labelArgs(runId), ...(isolated ? ['--internal'] : []), network],
      { signal },
    );
    const algorithm = job.AlgorithmSpecification;
    const inputMode = algorithm?.TrainingInputMode ?? 'File';
    const channels = job.InputDataConfig ?? [];
    const foldersOf = (host: string) =>
      new Map(
        channels.map(({ ChannelName = '' }) => [ChannelName, request.channelFolder(host, ChannelName)]),
      );
    const hosts = hostsOf(job.ResourceConfig);
    const groups = groupsOf(job.ResourceConfig);
    const receivers = new Map(
      channels.map((channel) => [channel.ChannelName ?? '', hostsOfChannel(channel, job.ResourceConfig)]),
    );
    // Whether a host of another group finds the channel in its inputdataconfig.json is not documented: here it does not.
    const foldersFor = (host: string) =>
      new Map([...foldersOf(host)].filter(([name]) => receivers.get(name)?.includes(host)));
    const differ = channels.some(
      ({ DataSource: { S3DataSource: source } = {} }) =>
        source?.S3DataDistributionType === 'ShardedByS3Key' || (source?.InstanceGroupNames ?? []).length > 0,
    );
    const words = new OwnWords(request.onLine);
    const prepared = await prepareTraining(
      {
        docker: this.docker,
        runId,
        network,
        tempDir: request.folder,
        processTable: createProcessTable(),
        onLine: (host, line) => words.push(host, line),
        signal,
        later: (work) => void work.catch(() => {}),
      },
      {
        label: 'train',
        jobName: job.TrainingJobName ?? '',
        image,
        hostCount: hosts.length,
        instanceType: job.ResourceConfig?.InstanceType ?? '',
        ...(groups.length > 0 && { instanceGroups: groups }),
        hyperparameters: new Map(Object.entries(job.HyperParameters ?? {})),
        channels: foldersOf('algo-1'),
        inputMode,
        channelSettings: new Map(
          channels.map((channel) => [channel.ChannelName ?? '', channelSettings(channel, inputMode)]),
        ),
        ...(differ && { hostChannels: foldersFor }),
        environment: new Map(Object.entries(job.Environment ?? {})),
        ...(algorithm?.ContainerEntrypoint && { entrypoint: algorithm.ContainerEntrypoint }),
        ...(algorithm?.ContainerArguments && { arguments: algorithm.ContainerArguments }),
        networkIsolation: isolated,
        toolkitEnvironment: false,
        metricDefinitions: [],
        timeoutSeconds: Number.POSITIVE_INFINITY,
        identity: { arn: request.arn, region: request.region },
        ...(request.checkpoints && { checkpoints: request.checkpoints }),
      },
    );
    let started: StartedTraining | undefined;
    const running = (): StartedTraining => {
      if (started === undefined) {
        throw new Error('the job was not started');
      }
      return started;
    };
    return {
      hosts,
      run(onEnd) {
        started = prepared.start((host, end) => {
          words.settle(host, end.startError === undefined);
          onEnd(host, end);
        });
        return started.ended;
      },
      stop: (graceSeconds) => running().stop(graceSeconds),
      archive: (folder, file) => running().archive(folder, file),
      copyOut: (host, folder) => running().copyOut(host, folder),
      remove: async () => {
        await prepared.remove().catch(() => {});
        await this.#remove(runId);
      },
    };
  }

  async #remove(runId: string): Promise<void> {
    await removeLeftovers(this.docker, runId);
    this.#runs.delete(runId);
  }

  /** Removes what is left of every job. */
  async close(): Promise<void> {
    await Promise.all([...this.#runs].map((runId) => this.#remove(runId)));
  }
}
