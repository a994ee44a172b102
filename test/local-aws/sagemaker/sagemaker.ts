import { join } from 'node:path';
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { S3Client } from '@aws-sdk/client-s3';
import type * as api from '@aws-sdk/client-sagemaker';
import { createDocker } from '../../../src/docker/docker.js';
import { publish } from '../sagemaker-runtime/publish.js';
import { SageMakerRuntime } from '../sagemaker-runtime/sagemaker-runtime.js';
import { AwsError, type CallContext, type ServiceHandler, type World } from '../service.js';
import { type JobClock, realClock } from './clock.js';
import { DockerFleets } from './docker-fleet.js';
import { cloudWatchAlarms } from './hosting/alarms.js';
import { DockerServers } from './hosting/docker-server.js';
import { Hosting } from './hosting/hosting.js';
import { canAssumeRole } from './hosting/roles.js';
import { Images } from './images.js';
import { endpointLog, LogWriter } from './log-writer.js';
import { ObjectStore, parseS3Uri } from './object-store.js';
import { PulledImages } from './pulled-images.js';
import { ModelRegistry } from './registry/registry.js';
import { readScenarios, type Scenario, Scenarios } from './scenario.js';
import { Tags } from './tags.js';
import { TrainingJobs } from './training-jobs.js';
import { WarmPools } from './warm-pools.js';

/**
 * SageMaker's control plane, as far as training jobs, the model registry and hosting go, and its runtime.
 *
 * @param clock another one than the machine's, where no container is involved
 */
export function createSageMaker(world: World, clock: JobClock = realClock): ServiceHandler {
  const client = {
    endpoint: world.motoEndpoint,
    region: world.region,
    credentials: { accessKeyId: world.accessKeyId, secretAccessKey: world.secretAccessKey },
  };
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  const logs = new CloudWatchLogsClient(client);
  const cloudWatch = new CloudWatchClient(client);
  const docker = createDocker(process.env);
  const pulled = new PulledImages(docker, world);
  const fleets = new DockerFleets(docker, pulled);
  const scenarios = new Scenarios();
  const store = new ObjectStore(s3);
  const tags = new Tags();
  const jobs = new TrainingJobs(
    {
      clock,
      store,
      logs,
      fleets,
      warmPools: new WarmPools(clock),
      folder: join(world.folder, 'training-jobs'),
      log: (line) => world.log(line),
    },
    scenarios,
    tags,
  );
  const images = new Images(world);
  const keys = (uri: string) => store.list(parseS3Uri(uri)).catch(() => []);
  const registry = new ModelRegistry(tags, {
    image: (uri) => images.get(uri),
    exists: async (uri) => (await keys(uri)).length > 0,
    now: () => clock.now(),
  });
  const servers = new DockerServers({
    docker,
    images: pulled,
    store,
    clock,
    folder: join(world.folder, 'endpoints'),
    log: (line) => world.log(line),
  });
  const hosting = new Hosting(
    tags,
    {
      image: (uri) => images.get(uri),
      keys,
      role: (arn) => canAssumeRole(world, arn),
      modelPackage: (nameOrArn) => registry.modelPackage(nameOrArn),
    },
    {
      clock,
      servers,
      alarms: cloudWatchAlarms(cloudWatch),
      logWriter: (name, scenario) =>
        new LogWriter(logs, clock, endpointLog(name), scenario, (error) =>
          world.log(`log of endpoint ${name}: ${error}`),
        ),
      log: (line) => world.log(line),
    },
  );
  const operations: Readonly<Record<string, (input: never, context: CallContext) => unknown>> = {
    ...registry.operations,
    ...hosting.operations,
    CreateTrainingJob: (input: api.CreateTrainingJobRequest, context) => jobs.create(input, context),
    DescribeTrainingJob: (input: api.DescribeTrainingJobRequest) => jobs.describe(input),
    StopTrainingJob: (input: api.StopTrainingJobRequest) => jobs.stop(input),
    DeleteTrainingJob: (input: api.StopTrainingJobRequest) => jobs.delete(input),
    UpdateTrainingJob: (input: api.UpdateTrainingJobRequest) => jobs.update(input),
    ListTrainingJobs: (input: api.ListTrainingJobsRequest) => jobs.list(input),
    Search: (input: api.SearchRequest) => registry.search(input) ?? jobs.search(input),
    AddTags: (input: api.AddTagsCommandInput) => tags.add(input),
    DeleteTags: (input: api.DeleteTagsCommandInput) => tags.delete(input),
    ListTags: (input: api.ListTagsCommandInput) => tags.list(input),
  };

  const runtime = new SageMakerRuntime(hosting.endpoints, {
    store,
    clock,
    publish: (topic, message) => publish(world, topic, message),
    log: (line) => world.log(line),
  });
  return {
    companion: { name: 'sagemaker-runtime', handler: runtime },

    async handle(operation, input, context) {
      const run = operations[operation];
      if (run === undefined) {
        throw new AwsError(
          'UnknownOperationException',
          `Local AWS has no sagemaker:${operation}. It has: ${Object.keys(operations).join(', ')}.`,
          404,
        );
      }
      return (await run(input as never, context)) ?? {};
    },

    /**
     * `POST training`: one {@link Scenario} or a list of them, for the jobs to come, in front of those in force;
     * `PUT training`: in their place; `DELETE training`: none; `GET training`: those in force.
     * `PUT model-packages`: what becomes of the model packages to come.
     * `endpoints`, likewise: what happens to endpoints; `POST endpoint-status/<endpoint>`: gives it a status.
     * `POST interrupt/<job>`: takes the spot instances of a running job away.
     */
    async control(method, path, body) {
      const [what, name = ''] = path.replace(/^\//, '').split('/');
      if (what === 'training') {
        if (method === 'POST') {
          scenarios.add(read(body));
        } else if (method !== 'GET') {
          scenarios.set(method === 'DELETE' ? [] : read(body));
        }
        return scenarios.all;
      }
      if (what === 'model-packages') {
        return registry.control(method, body);
      }
      if (what === 'endpoints') {
        return hosting.controlScenarios(method, body);
      }
      if (what === 'endpoint-status' && method === 'POST') {
        return hosting.controlStatus(name, body);
      }
      if (what === 'interrupt' && method === 'POST') {
        return { interrupted: jobs.interrupt(name) };
      }
      throw new AwsError('NotFound', `No ${method} ${path} in local AWS's controls of sagemaker`, 404);
    },

    async close() {
      await jobs.close();
      await hosting.close();
      await runtime.close();
      await fleets.close();
      await pulled.close();
      s3.destroy();
      cloudWatch.destroy();
      logs.destroy();
    },
  };
}

function read(body: unknown): readonly Scenario[] {
  try {
    return readScenarios(body);
  } catch (error) {
    throw new AwsError('BadScenario', error instanceof Error ? error.message : String(error));
  }
}
