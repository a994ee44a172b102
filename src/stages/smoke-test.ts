import { join, relative } from 'node:path';
import { failedHosts, hostingFault } from '../contract/checks/attribution.js';
import { judge } from '../contract/checks/judge.js';
import { MULTI_MODEL_LABEL } from '../contract/environment.js';
import { START_WINDOW_SECONDS } from '../contract/hosting-limits.js';
import {
  type HostingSpec,
  type PreparedHosting,
  prepareHosting,
  type ServedModel,
} from '../contract/hosting-run.js';
import { inspectImage } from '../contract/image.js';
import type {
  HostingRun,
  ImageFacts,
  Observations,
  Observed,
  StopRun,
  TrainingRun,
} from '../contract/observations.js';
import { createProcessTable } from '../contract/process-table.js';
import { toolkitEnvironment } from '../contract/toolkit-environment.js';
import {
  type Engine,
  type PreparedTraining,
  prepareTraining,
  runAndStop,
  type TrainingSpec,
} from '../contract/training-run.js';
import { noteDecision } from '../debug.js';
import type { Explanation } from '../diagnosis/explain.js';
import { repositoryFiles } from '../diagnosis/repository-files.js';
import { removeNetworks } from '../docker/leftovers.js';
import { withoutProxies } from '../docker/own-config.js';
import type { Annotation, CheckResult, Diagnosis, ImageRecord, MetricRecord, Plan } from '../plan.js';
import type { StageContext } from './context.js';
import { Ahead } from './smoke-test/ahead.js';
import { type Choice, chooseRuns } from './smoke-test/choose-runs.js';
import { explainHosting, explainTraining, type Surroundings } from './smoke-test/explain-runs.js';
import { createNetwork } from './smoke-test/network.js';
import { StageFailure } from './stage-failure.js';

export interface SmokeTestResult {
  readonly checks: readonly CheckResult[];
  readonly metrics: readonly MetricRecord[];
  /** Of the first run that failed. */
  readonly diagnosis?: Diagnosis;
  readonly annotations: readonly Annotation[];
  readonly notices: readonly string[];
}

/** Runs the image as SageMaker would, on this machine's Docker engine, and judges what was seen. */
export async function smokeTest(
  given: StageContext,
  plan: Plan,
  image: ImageRecord,
): Promise<SmokeTestResult> {
  const { smokeTest: smoke, training } = plan;
  // The runner's proxies are not the platform's.
  const docker = await withoutProxies(given.docker, join(given.tempDir, 'docker-config-without-proxies'));
  const context = { ...given, docker };
  const [network, facts] = await both(
    createNetwork(context.docker, context.runId, training.networkIsolation, context.signal),
    inspectImage(
      context.docker,
      image.id,
      {
        wantedPlatform: plan.image.kind === 'build' ? plan.image.build.platform : plan.image.platform,
        trains:
          smoke.channels.size > 0 ||
          smoke.hyperparameters.size > 0 ||
          training.entrypoint !== undefined ||
          training.arguments !== undefined ||
          training.toolkitEnvironment,
        serves: smoke.payloads.length > 0 || smoke.model !== undefined,
      },
      context.runId,
      context.signal,
    ),
  );
  return new SmokeTest(context, plan, image, facts, network).run();
}

/** Both, or the error of the first that failed, once neither is at work any more: what it made can be removed then. */
async function both<One, Other>(one: Promise<One>, other: Promise<Other>): Promise<[One, Other]> {
  await Promise.allSettled([one, other]);
  return Promise.all([one, other]);
}

class SmokeTest {
  readonly #explanations: Explanation[] = [];
  readonly #notices: string[] = [];
  readonly #around: Surroundings;
  readonly #modelFile: string;

  constructor(
    private readonly context: StageContext,
    private readonly plan: Plan,
    private readonly image: ImageRecord,
    private readonly facts: ImageFacts,
    private readonly network: string,
  ) {
    const { image: source, workspace, smokeTest: smoke, training } = plan;
    this.#around = {
      files: repositoryFiles(workspace),
      ...(source.kind === 'build' && { context: relative(workspace, source.build.context) }),
      entrypoint: training.entrypoint ?? facts.entrypoint,
      channels: [...smoke.channels.keys()],
    };
    this.#modelFile = join(context.tempDir, 'model.tar.gz');
  }

  async run(): Promise<SmokeTestResult> {
    const observations = await this.#observe();
    const checks = judge(observations, this.plan.smokeTest.severities);
    const training = 'run' in observations.training ? observations.training.run : undefined;
    const [explanation] = this.#explanations;
    return {
      checks,
      metrics: (training?.metrics ?? []).map(({ name, values }) => ({ name, values })),
      ...(explanation && { diagnosis: explanation.diagnosis }),
      annotations: this.#explanations.flatMap(({ annotation }) =>
        annotation.location === undefined ? [] : [annotation],
      ),
      notices: this.#notices,
    };
  }

  async #observe(): Promise<Observations> {
    const { context, network } = this;
    const loose: Promise<unknown>[] = [];
    const engine: Engine = {
      docker: context.docker,
      runId: context.runId,
      network,
      tempDir: context.tempDir,
      processTable: createProcessTable(),
      onLine: (source, line) => context.log.untrusted(source, line),
      onNote: (words) => context.log.info(words),
      signal: context.signal,
      // What cannot be removed here is removed after the run, which also tells when that fails.
      later: (work) => loose.push(work.catch(() => {})),
    };
    try {
      return await this.#makeRuns(engine);
    } finally {
      await Promise.all(loose);
      await removeNetworks(context.docker, [network]);
    }
  }

  /** One run after the other, so that none slows another down; only what the next one needs is made meanwhile. */
  async #makeRuns(engine: Engine): Promise<Observations> {
    const { facts, plan } = this;
    const actual = `${facts.os}/${facts.architecture}`;
    const wrong = actual !== facts.wantedPlatform.split('/').slice(0, 2).join('/');
    // Who does not want to fail for it wants to see what else there is.
    if (wrong && (plan.smokeTest.severities.get('image-architecture') ?? 'error') === 'error') {
      const why = { notObserved: 'Not run: the image is for another platform, see image-architecture.' };
      return { image: facts, training: why, brokenInput: why, stop: why, hosting: why };
    }
    const choices = chooseRuns(plan.smokeTest, facts);
    for (const [run, choice] of Object.entries(choices)) {
      noteDecision(() => `Run \`${run}\`: ${choice.chosen ? 'made' : `not made: ${choice.why}`}`);
    }
    const withoutData = new Ahead(() => prepareTraining(engine, this.#brokenInputSpec()));
    let server: Ahead<PreparedHosting> | undefined;
    try {
      const training = await this.#when(choices.train, () =>
        this.context.log.group(this.#trainTitle(), async () => {
          const job = await prepareTraining(engine, this.#trainingSpec());
          if (choices['broken-input'].chosen) {
            withoutData.begin();
          }
          return this.#train(job);
        }),
      );
      const model = this.#servedModel(training);
      const prepared = new Ahead(() => prepareHosting(engine, this.#hostingSpec(model)));
      server = prepared;
      if (choices.serve.chosen) {
        prepared.begin();
      }
      return {
        image: facts,
        training,
        brokenInput: await this.#brokenInput(withoutData, choices['broken-input'], training),
        stop: await this.#stop(engine, choices.stop, training),
        hosting: await this.#when(choices.serve, () => this.#serve(prepared, model, training)),
      };
    } finally {
      await Promise.all([withoutData.drop(), server?.drop()]);
    }
  }

  async #when<Run>(choice: Choice, make: () => Promise<Observed<Run>>): Promise<Observed<Run>> {
    return choice.chosen ? make() : { notObserved: choice.why };
  }

  #trainTitle(): string {
    const { channels, hosts } = this.plan.smokeTest;
    const data = channels.size > 0 ? `channels ${[...channels.keys()].join(', ')}` : 'no channels';
    return `Run as a training job: ${hosts === 1 ? '1 host' : `${hosts} hosts`}, ${data}`;
  }

  async #train(job: PreparedTraining): Promise<Observed<TrainingRun>> {
    const run = await job.run(this.#modelFile);
    await this.#rejectForeignProcessor(run.hosts[0]?.startError, run.hosts[0]?.logTail);
    const explanation = explainTraining(run, this.#around);
    const seconds = Math.max(...run.hosts.map((host) => host.seconds));
    this.context.log.info(
      failedHosts(run).length === 0
        ? `Training ended with exit code 0 after ${seconds.toFixed(1)} s.`
        : `Training failed after ${seconds.toFixed(1)} s.`,
    );
    if (explanation === undefined) {
      return { run };
    }
    this.#explanations.push(explanation);
    return { run: { ...run, diagnosis: explanation.diagnosis } };
  }

  async #brokenInput(
    prepared: Ahead<PreparedTraining>,
    choice: Choice,
    training: Observed<TrainingRun>,
  ): Promise<Observed<TrainingRun>> {
    if (!choice.chosen) {
      return { notObserved: choice.why };
    }
    if ('run' in training && failedHosts(training.run).length > 0) {
      return { notObserved: 'Training fails with its data already.' };
    }
    const { timeoutSeconds } = this.plan.smokeTest;
    const undisturbed = 'run' in training ? longest(training.run) : timeoutSeconds;
    // Waiting for data that never comes is wrong too, and shows itself in a few times the usual.
    const limit = Math.min(timeoutSeconds, Math.max(60, undisturbed * 3));
    return this.context.log.group('Run as a training job without its channels: it should fail', async () => ({
      run: await (await prepared.take()).run(undefined, limit),
    }));
  }

  async #stop(engine: Engine, choice: Choice, training: Observed<TrainingRun>): Promise<Observed<StopRun>> {
    if (!choice.chosen) {
      return { notObserved: choice.why };
    }
    if ('run' in training && failedHosts(training.run).length > 0) {
      return { notObserved: 'Training fails before it could be stopped.' };
    }
    const undisturbed = 'run' in training ? longest(training.run) : undefined;
    return this.context.log.group('Run as a training job and stop it by SIGTERM', async () => ({
      run: await runAndStop(engine, { ...this.#trainingSpec(), label: 'stop' }, undisturbed),
    }));
  }

  async #serve(
    prepared: Ahead<PreparedHosting>,
    model: ServedModel,
    training: Observed<TrainingRun>,
  ): Promise<Observed<HostingRun>> {
    const run = await this.context.log.group(`Run as an endpoint: ${describeModel(model)}`, async () => {
      const made = await (await prepared.take()).run();
      this.context.log.info(
        made.readyAfterSeconds === undefined
          ? `The server did not become ready (${made.windowSeconds.toFixed(1)} s).`
          : `The server was ready after ${made.readyAfterSeconds.toFixed(1)} s.`,
      );
      return made;
    });
    await this.#rejectForeignProcessor(run.end?.startError, run.logTail);
    if (run.unreachable === true && run.end?.timedOut === true) {
      throw new StageFailure({
        message:
          'Whether the server answers is not known: its container cannot be reached from this machine.',
        fix: 'Run the job where the Docker engine runs (not with DOCKER_HOST on another machine), or leave `serve` out: `smoke-runs: train`.',
      });
    }
    const trained = 'run' in training ? training.run : undefined;
    const trainingFailed = trained !== undefined && failedHosts(trained).length > 0;
    const modelless = (trainingFailed && model.kind === 'none') || trained?.model?.files === 0;
    if (trained !== undefined && modelless && hostingFault(run) !== undefined) {
      if (!endsAlike(trained, run)) {
        return { notObserved: 'Training wrote no model that could be served.' };
      }
      return {
        run: {
          ...run,
          diagnosis: {
            id: 'E02',
            class: 'serve-argument-ignored',
            cause:
              'With the argument serve the container did the same as with train: it ran the training program.',
            fix: SERVE_FIX,
            evidence: run.logTail.findLast((line) => line.trim() !== '') ?? '',
          },
        },
      };
    }
    const explanation = explainHosting(run, this.#around);
    if (explanation === undefined) {
      return { run };
    }
    this.#explanations.push(explanation);
    return { run: { ...run, diagnosis: explanation.diagnosis } };
  }

  /** A training run's model; else the given one. A failed run leaves none, though the image may not need any. */
  #servedModel(training: Observed<TrainingRun>): ServedModel {
    if ('run' in training && training.run.model !== undefined) {
      return { kind: 'training', file: this.#modelFile };
    }
    const { model } = this.plan.smokeTest;
    return model === undefined ? { kind: 'none' } : { kind: 'given', path: model };
  }

  #hostingSpec(model: ServedModel): HostingSpec {
    const { training: job, smokeTest: smoke, workspace } = this.plan;
    return {
      label: 'serve',
      image: this.image.id,
      environment: smoke.endpointEnvironment ?? job.environment,
      networkIsolation: job.networkIsolation,
      ...(smoke.memoryBytes !== undefined && { memoryBytes: smoke.memoryBytes }),
      windowSeconds: Math.min(START_WINDOW_SECONDS, smoke.timeoutSeconds),
      model,
      multiModel: this.facts.labels.get(MULTI_MODEL_LABEL) === 'true',
      samples: smoke.payloads.map(({ path, ...sample }) => ({
        ...sample,
        path,
        name: relative(workspace, path),
      })),
    };
  }

  #brokenInputSpec(): TrainingSpec {
    return { ...this.#trainingSpec(), label: 'broken-input', hostCount: 1, channels: new Map() };
  }

  #trainingSpec(): TrainingSpec {
    const { training: job, smokeTest: smoke } = this.plan;
    const spec: TrainingSpec = {
      label: 'train',
      jobName: `smoke-test-${this.context.runId}`,
      image: this.image.id,
      hostCount: smoke.hosts,
      instanceType: job.instanceType,
      hyperparameters: smoke.hyperparameters,
      channels: smoke.channels,
      inputMode: job.inputMode,
      environment: job.environment,
      ...(job.entrypoint && { entrypoint: job.entrypoint }),
      ...(job.arguments && { arguments: job.arguments }),
      networkIsolation: job.networkIsolation,
      toolkitEnvironment: job.toolkitEnvironment,
      metricDefinitions: job.metricDefinitions,
      ...(smoke.memoryBytes !== undefined && { memoryBytes: smoke.memoryBytes }),
      timeoutSeconds: smoke.timeoutSeconds,
    };
    if (!job.toolkitEnvironment) {
      return spec;
    }
    const toolkit = toolkitEnvironment({
      entrypoint: job.entrypoint ?? this.facts.entrypoint,
      ...(job.arguments && { arguments: job.arguments }),
      hyperparameters: smoke.hyperparameters,
      channels: [...smoke.channels.keys()],
      inputMode: job.inputMode,
      hostCount: smoke.hosts,
      instanceType: job.instanceType,
      environment: job.environment,
    });
    for (const omitted of toolkit.omitted) {
      const notice = `toolkit-environment leaves out ${omitted}.`;
      if (!this.#notices.includes(notice)) {
        this.#notices.push(notice);
      }
    }
    const { arguments: _, ...rest } = spec;
    return {
      ...rest,
      environment: toolkit.environment,
      entrypoint: toolkit.entrypoint,
      ...(toolkit.arguments && { arguments: toolkit.arguments }),
    };
  }

  /** An image of the right platform that this machine cannot run says nothing about the container. */
  async #rejectForeignProcessor(startError = '', logTail: readonly string[] = []): Promise<void> {
    // Docker's complaint, or, from runc 1.1 on, the one line that it prints in the program's place.
    const said = logTail.length === 1 ? `${startError}\n${logTail[0]}` : startError;
    if (!/exec format error/i.test(said)) {
      return;
    }
    const { docker, signal } = this.context;
    const format = ['--format', '{{.Server.Arch}}'];
    const engine = (await docker.run(['version', ...format], { signal })).stdout.trim();
    if (this.facts.architecture !== engine) {
      throw new StageFailure({
        message: `The image is for ${this.facts.os}/${this.facts.architecture}, and this Docker engine (${engine}) cannot run it.`,
        fix: `Run docker/setup-qemu-action before this action, or use a runner of that architecture (${this.facts.architecture === 'arm64' ? 'ubuntu-24.04-arm' : 'ubuntu-latest'}).`,
      });
    }
  }
}

const SERVE_FIX =
  'Let the ENTRYPOINT’s program look at its argument, `train` or `serve`; or remove the ENTRYPOINT and put executables `train` and `serve` on PATH. CreateModel has no field that replaces the ENTRYPOINT.';

const longest = (run: TrainingRun): number => Math.max(...run.hosts.map((host) => host.seconds));

function describeModel(model: ServedModel): string {
  switch (model.kind) {
    case 'training':
      return 'the model that training wrote';
    case 'given':
      return 'the model of smoke-model';
    case 'none':
      return 'without a model';
  }
}

/** Whether the server ended as the training did: with the same exit code, at the same last words. */
function endsAlike(training: TrainingRun, hosting: HostingRun): boolean {
  const [host] = failedHosts(training);
  const last = (lines: readonly string[]) => lines.findLast((line) => line.trim() !== '')?.trim();
  return (
    host !== undefined &&
    hosting.end?.timedOut === false &&
    host.exitCode !== undefined &&
    host.exitCode === hosting.end.exitCode &&
    last(host.logTail) !== undefined &&
    last(host.logTail) === last(hosting.logTail)
  );
}
