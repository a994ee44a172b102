import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { labelArgs } from '../docker/leftovers.js';
import { Container } from './container.js';
import { hostingEnvironment } from './environment.js';
import { isExpected } from './expectation.js';
import {
  INVOCATION_LIMIT_SECONDS,
  PING_LIMIT_SECONDS,
  SERVER_PORT,
  STOP_GRACE_SECONDS,
} from './hosting-limits.js';
import { type HttpAnswer, type HttpRequest, httpRequest } from './http-request.js';
import { MemoryWatch } from './memory-watch.js';
import { openModelArchive } from './model-archive.js';
import type { HostingRun, Invocation, MultiModelUse, PingAnswer } from './observations.js';
import { MODEL_DIR, MODELS_DIR, packFolder } from './opt-ml.js';
import { StartWatch } from './start-watch.js';
import { type Engine, memoryArgs } from './training-run.js';
import { fillVolume } from './volume.js';

const LOAD_CONCURRENCY = 4;
const LOAD_ROUNDS = 3;
const PINGS_A_ROUND = 3;
/** A server behind a supervisor may need a moment to replace a worker that the bad payload ended. */
const RECOVERY_SECONDS = 10;
const SHOWN_ANSWER = 2_000;
const PARSED_ANSWER = 64 * 1024;
const MULTI_MODEL_NAME = 'smoke';

export interface HostingSpec {
  /** Part of the container's name. */
  readonly label: string;
  readonly image: string;
  readonly environment: ReadonlyMap<string, string>;
  readonly networkIsolation: boolean;
  readonly memoryBytes?: number;
  /** Seconds until the first 200 from /ping. */
  readonly windowSeconds: number;
  readonly model: ServedModel;
  /** The image has the label for multi-model endpoints: it is driven by its /models API. */
  readonly multiModel: boolean;
  readonly samples: readonly Sample[];
}

export type ServedModel =
  /** A model.tar.gz that a training run wrote. */
  | { readonly kind: 'training'; readonly file: string }
  /** Absolute path of a file or folder with what the archive would hold. */
  | { readonly kind: 'given'; readonly path: string }
  | { readonly kind: 'none' };

export interface Sample {
  /** What people know it by. */
  readonly name: string;
  /** Absolute path of the file with the request's body. */
  readonly path: string;
  readonly contentType: string;
  readonly accept?: string;
  readonly expect?: string;
}

/** An endpoint's container that is made, with its model in place, and not started yet. */
export interface PreparedHosting {
  /**
   * Serves, once, and lets go of it: GET /ping until it is ready, each sample to POST /invocations, pings under
   * load, a payload that makes no sense, and SIGTERM at the end.
   */
  run(): Promise<HostingRun>;
  /** Lets go of it without a run. */
  discard(): void;
}

/**
 * Makes the container as an endpoint's instance would: the model read-only at /opt/ml/model, the argument `serve`.
 */
export async function prepareHosting(engine: Engine, spec: HostingSpec): Promise<PreparedHosting> {
  const volume = `sagemaker-byoc-${engine.runId}-${spec.label}-model`;
  await fillModelVolume(engine, spec, volume);
  const target = spec.multiModel ? MODELS_DIR : MODEL_DIR;
  const container = await Container.create(
    engine.docker,
    {
      name: `sagemaker-byoc-${engine.runId}-${spec.label}`,
      environment: hostingEnvironment(spec.environment, spec.multiModel),
      args: [
        ...labelArgs(engine.runId),
        ...['--network', engine.network],
        ...['--mount', `type=volume,source=${volume},target=${target},readonly,volume-nocopy`],
        // An internal network takes no published port; its addresses can be reached from this machine.
        ...(spec.networkIsolation ? [] : ['--publish', `127.0.0.1::${SERVER_PORT}`]),
        ...memoryArgs(spec.memoryBytes),
      ],
      image: spec.image,
      command: ['serve'],
    },
    spec.label,
    engine.onLine,
    engine.signal,
  );
  const remove = async () => {
    await container.remove();
    await engine.docker.run(['volume', 'rm', '--force', volume]);
  };
  return {
    async run() {
      try {
        return await new Hosting(engine, spec, container).observe();
      } finally {
        engine.later(remove());
      }
    },
    discard: () => engine.later(remove()),
  };
}

async function fillModelVolume(engine: Engine, spec: HostingSpec, volume: string): Promise<void> {
  const prefix = spec.multiModel ? `${MULTI_MODEL_NAME}/model/` : '';
  const { model } = spec;
  if (model.kind === 'none') {
    await engine.docker.run(['volume', 'create', ...labelArgs(engine.runId), volume], {
      signal: engine.signal,
    });
    return;
  }
  const content =
    model.kind === 'training' ? openModelArchive(model.file, prefix) : packFolder(model.path, prefix);
  await fillVolume(engine, spec.image, volume, spec.multiModel ? MODELS_DIR : MODEL_DIR, content);
}

/** One container that serves, from its start to its end. */
class Hosting {
  readonly #invokePath: string;
  #base = '';

  constructor(
    private readonly engine: Engine,
    private readonly spec: HostingSpec,
    private readonly container: Container,
  ) {
    this.#invokePath = spec.multiModel ? `/models/${MULTI_MODEL_NAME}/invoke` : '/invocations';
  }

  async observe(): Promise<HostingRun> {
    const { engine, spec, container } = this;
    container.start();
    const memory = new MemoryWatch(engine.docker, container.name, engine.signal);
    try {
      const watch = new StartWatch(engine, container, spec);
      const start = await watch.run();
      this.#base = start.base ?? '';
      const common = {
        windowSeconds: start.waitedSeconds,
        networkIsolation: spec.networkIsolation,
        ...(spec.memoryBytes !== undefined && { memoryLimitBytes: spec.memoryBytes }),
        model: spec.model.kind,
        ...(start.listeners && { listeners: start.listeners }),
        portOpen: start.portOpen,
        ...(start.unreachable && { unreachable: true }),
        loadConcurrency: LOAD_CONCURRENCY,
      } as const;
      if (start.readyAfterSeconds === undefined) {
        const ended = await container.hasEnded();
        if (!ended) {
          await container.kill();
          await container.ended;
        }
        const end = await container.end();
        return {
          ...common,
          end: { ...end, timedOut: !ended },
          oomKilled: end.oomKilled,
          logTail: container.tail.lines,
          ...withPeak(memory),
          ...(start.lastPing && { lastPing: start.lastPing }),
          pingsUnderLoad: [],
          invocations: [],
        };
      }
      const use = await this.#use();
      const endedEarly = await container.hasEnded();
      const peak = withPeak(memory);
      const stop = endedEarly ? undefined : await this.#stop();
      const end = await container.end();
      return {
        ...common,
        ...use,
        readyAfterSeconds: start.readyAfterSeconds,
        ...(endedEarly && { end }),
        ...(stop && { stop }),
        oomKilled: end.oomKilled,
        logTail: container.tail.lines,
        ...peak,
      };
    } finally {
      memory.stop();
    }
  }

  /** Everything that is asked of a server that is ready. */
  async #use() {
    const { spec } = this;
    const multiModel = spec.multiModel ? await this.#loadModel() : undefined;
    const invocations: Invocation[] = [];
    for (const sample of spec.samples) {
      invocations.push(await this.#invoke(sample, await readFile(sample.path)));
    }
    const logAtInvocations = this.container.tail.lines;
    const answered = spec.samples.find((_, index) => isSuccess(invocations[index]?.status));
    const underLoad = answered ? await this.#pingUnderLoad(answered) : undefined;
    const parameters = await this.#ask({ method: 'GET', path: '/execution-parameters', limitSeconds: 10 });
    const badPayload = await this.#invoke(
      {
        name: 'bytes that are no text, JSON or CSV',
        contentType: spec.samples[0]?.contentType ?? 'application/json',
      },
      NONSENSE,
    );
    const alive = await this.#isAlive();
    const unloaded = spec.multiModel ? await this.#unloadModel() : [];
    return {
      invocations,
      logAtInvocations,
      pingsUnderLoad: underLoad?.pings ?? [],
      ...(underLoad && { load: underLoad.load }),
      badPayload,
      aliveAfterBadPayload: alive,
      ...('status' in parameters && {
        executionParameters: {
          status: parameters.status,
          body: parameters.body.toString('utf8').slice(0, PARSED_ANSWER),
        },
      }),
      ...(multiModel && { multiModel: { steps: [...multiModel, ...unloaded] } }),
    };
  }

  async #invoke(sample: Omit<Sample, 'path'>, body: Buffer): Promise<Invocation> {
    const answer = await this.#post(sample, body);
    const common = {
      payload: sample.name,
      contentType: sample.contentType,
      ...(sample.accept !== undefined && { accept: sample.accept }),
      ...(sample.expect !== undefined && { expect: sample.expect }),
      seconds: answer.seconds,
    };
    if ('error' in answer) {
      return { ...common, error: answer.error };
    }
    const text = answer.body.toString('utf8');
    return {
      ...common,
      status: answer.status,
      ...(answer.contentType !== undefined && { answerType: answer.contentType }),
      answer: text.slice(0, SHOWN_ANSWER),
      answerBytes: answer.bytes,
      ...(sample.expect !== undefined && { asExpected: isExpected(text, sample.expect) }),
    };
  }

  #post(sample: Omit<Sample, 'path'>, body: Buffer): Promise<HttpAnswer> {
    return this.#ask({
      method: 'POST',
      path: this.#invokePath,
      headers: this.#headers(sample),
      body,
      limitSeconds: INVOCATION_LIMIT_SECONDS,
    });
  }

  #headers({ contentType, accept }: Omit<Sample, 'path'>): Record<string, string> {
    return {
      'content-type': contentType,
      ...(accept !== undefined && { accept }),
      ...(this.spec.multiModel && { 'x-amzn-sagemaker-target-model': MULTI_MODEL_NAME }),
    };
  }

  /**
   * Pings while requests are in flight. A machine under load must not make a good server look bad: only a
   * server that misses its time in every round is reported as missing it.
   */
  async #pingUnderLoad(
    sample: Sample,
  ): Promise<{ pings: readonly PingAnswer[]; load: NonNullable<HostingRun['load']> }> {
    const body = await readFile(sample.path);
    let pings: PingAnswer[] = [];
    const seen = { requests: 0, refused: 0, lastStatus: 0 };
    for (let round = 0; round < LOAD_ROUNDS; round += 1) {
      let loading = true;
      const load = Array.from({ length: LOAD_CONCURRENCY }, async () => {
        while (loading) {
          const answer = await this.#post(sample, body);
          if ('error' in answer) {
            break;
          }
          seen.requests += 1;
          seen.refused += isSuccess(answer.status) ? 0 : 1;
          seen.lastStatus = answer.status;
          // A server that logs each request should not fill the log with this load.
          await sleep(20);
        }
      });
      pings = [];
      for (let count = 0; count < PINGS_A_ROUND; count += 1) {
        // Time for the requests to arrive, so that the ping meets a busy server.
        await sleep(50);
        pings.push(await this.#ping());
      }
      loading = false;
      await Promise.all(load);
      if (pings.every(({ status }) => status === 200)) {
        break;
      }
    }
    return { pings, load: seen };
  }

  async #ping(): Promise<PingAnswer> {
    return pingAnswer(await this.#ask({ method: 'GET', path: '/ping', limitSeconds: PING_LIMIT_SECONDS }));
  }

  async #isAlive(): Promise<boolean> {
    for (const began = performance.now(); performance.now() - began < RECOVERY_SECONDS * 1000; ) {
      if ((await this.#ping()).status === 200) {
        return true;
      }
      if (await this.container.hasEnded()) {
        return false;
      }
      await sleep(250);
    }
    return false;
  }

  /** The calls of the multi-model API up to a loaded model. [doc] mms-container-apis.md */
  async #loadModel(): Promise<MultiModelUse['steps']> {
    const url = `${MODELS_DIR}/${MULTI_MODEL_NAME}/model`;
    const load = { model_name: MULTI_MODEL_NAME, url };
    return [
      await this.#step('POST', '/models', [200], load),
      await this.#step('GET', '/models', [200]),
      await this.#step('GET', `/models/${MULTI_MODEL_NAME}`, [200]),
      await this.#step('POST', '/models', [409], load, 'again'),
    ];
  }

  async #unloadModel(): Promise<MultiModelUse['steps']> {
    return [
      await this.#step('DELETE', `/models/${MULTI_MODEL_NAME}`, [200]),
      await this.#step('GET', `/models/${MULTI_MODEL_NAME}`, [404], undefined, 'once unloaded'),
    ];
  }

  async #step(
    method: HttpRequest['method'],
    path: string,
    wanted: readonly number[],
    json?: unknown,
    when?: string,
  ): Promise<MultiModelUse['steps'][number]> {
    const answer = await this.#ask({
      method,
      path,
      ...(json !== undefined && {
        headers: { 'content-type': 'application/json' },
        body: Buffer.from(JSON.stringify(json)),
      }),
      limitSeconds: INVOCATION_LIMIT_SECONDS,
    });
    const request = `${method} ${path}${when ? ` ${when}` : ''}`;
    return 'error' in answer
      ? { request, wanted, error: answer.error }
      : { request, wanted, status: answer.status };
  }

  #ask(request: Omit<HttpRequest, 'signal'>): Promise<HttpAnswer> {
    return httpRequest(this.#base, { ...request, signal: this.engine.signal });
  }

  async #stop(): Promise<NonNullable<HostingRun['stop']>> {
    const { container, engine } = this;
    const state = await container.state();
    const handles = await engine.processTable.handlesSigterm(state.Pid, state.Id);
    const began = performance.now();
    let sigkilled = false;
    // A signal that the kernel drops needs no half minute to be seen as dropped.
    if (handles !== false) {
      await container.signalProcess('SIGTERM');
      await container.endsWithin(STOP_GRACE_SECONDS);
    }
    if (!(await container.hasEnded())) {
      sigkilled = true;
      await container.kill();
    }
    await container.ended;
    return {
      seconds: (performance.now() - began) / 1000,
      sigkilled,
      graceSeconds: STOP_GRACE_SECONDS,
      ...(handles !== undefined && { handlesSigterm: handles }),
    };
  }
}

/** No valid UTF-8, JSON, CSV, NPY or image. */
const NONSENSE = Buffer.from([0x00, 0xff, 0xfe, 0x80, 0x7b, 0x22, 0xc3, 0x28, 0x00, 0xff, 0x5b, 0x2c]);

const isSuccess = (status: number | undefined): boolean =>
  status !== undefined && status >= 200 && status < 300;

function pingAnswer(answer: HttpAnswer): PingAnswer {
  return 'error' in answer
    ? { seconds: answer.seconds, error: answer.error }
    : { seconds: answer.seconds, status: answer.status };
}

function withPeak(memory: MemoryWatch): { memoryPeakBytes?: number } {
  const peak = memory.stop();
  return peak === undefined ? {} : { memoryPeakBytes: peak };
}
