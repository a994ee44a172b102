import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Container } from '../../../../src/contract/container.js';
import {
  PING_LIMIT_SECONDS,
  SERVER_PORT,
  STOP_GRACE_SECONDS,
} from '../../../../src/contract/hosting-limits.js';
import { httpRequest } from '../../../../src/contract/http-request.js';
import { MODEL_DIR } from '../../../../src/contract/opt-ml.js';
import { createProcessTable } from '../../../../src/contract/process-table.js';
import { StartWatch } from '../../../../src/contract/start-watch.js';
import { memoryArgs } from '../../../../src/contract/training-run.js';
import { fillVolume } from '../../../../src/contract/volume.js';
import type { Docker } from '../../../../src/docker/docker.js';
import { labelArgs, removeLeftovers } from '../../../../src/docker/leftovers.js';
import type { JobClock } from '../clock.js';
import { OwnWords } from '../dockers-words.js';
import type { ObjectStore } from '../object-store.js';
import type { PulledImages } from '../pulled-images.js';
import { fetchModelData } from './model-data.js';
import { requestModel } from './model-request.js';
import {
  type ModelAnswer,
  type ModelRequest,
  type ModelServer,
  type ModelServers,
  NoAnswer,
  type ServerSpec,
} from './model-server.js';
import { scriptedServer } from './scripted-server.js';
import { DeploymentFailure, REASONS } from './words.js';

const CRASH_LOOP_MS = 10_000;
const RESTART_MS = 500;
/** Between two pings of a container in service. The platform's figures for this are not published. */
const PING_MS = 5_000;
/** Pings without a 200, one after the other, that make a container unhealthy. */
const MISSED_PINGS = 5;

export interface DockerSurroundings {
  readonly docker: Docker;
  readonly images: PulledImages;
  readonly store: ObjectStore;
  readonly clock: JobClock;
  /** For downloads. */
  readonly folder: string;
  log(line: string): void;
}

/** Serves models on this machine's Docker engine, in containers made as the smoke test makes its one. */
export class DockerServers implements ModelServers {
  readonly #id = `local-aws-${randomBytes(4).toString('hex')}-hosting`;
  readonly #closing = new AbortController();
  readonly #networks = new Map<boolean, Promise<string>>();
  readonly #servers = new Set<DockerServer>();
  #number = 0;

  constructor(private readonly around: DockerSurroundings) {}

  create(spec: ServerSpec): ModelServer {
    const { script } = spec.scenario;
    if (script !== undefined) return scriptedServer(spec, script, this.around.clock);
    this.#number += 1;
    const server = new DockerServer(spec, this.around, {
      runId: this.#id,
      label: `${this.#number}`,
      network: (isolated) => this.#network(isolated),
      closing: this.#closing.signal,
      onStopped: () => this.#servers.delete(server),
    });
    this.#servers.add(server);
    return server;
  }

  /** One network for all that are isolated and one for the others: nobody reaches another container by them. */
  #network(isolated: boolean): Promise<string> {
    let network = this.#networks.get(isolated);
    if (network === undefined) {
      network = this.#createNetwork(isolated);
      network.catch(() => this.#networks.delete(isolated));
      this.#networks.set(isolated, network);
    }
    return network;
  }

  async #createNetwork(isolated: boolean): Promise<string> {
    const name = `sagemaker-byoc-${this.#id}${isolated ? '-isolated' : ''}`;
    await this.around.docker.run([
      ...['network', 'create', ...labelArgs(this.#id), ...(isolated ? ['--internal'] : [])],
      ...['--opt', 'com.docker.network.bridge.enable_icc=false', name],
    ]);
    return name;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all([...this.#servers].map((server) => server.stop()));
    if (this.#number > 0) await removeLeftovers(this.around.docker, this.#id);
  }
}

interface Place {
  readonly runId: string;
  /** Part of the names of the containers and the volume. */
  readonly label: string;
  network(isolated: boolean): Promise<string>;
  /** Aborted when local AWS ends: nobody is given time then. */
  readonly closing: AbortSignal;
  onStopped(): void;
}

/** The container of a variant: started again when it ends, until it is stopped. */
class DockerServer implements ModelServer {
  readonly #volume: string;
  readonly #stopping = new AbortController();
  readonly #signal = this.#stopping.signal;
  #image = '';
  #container: Container | undefined;
  #starts = 0;
  /** Where it answers, while it is healthy. */
  #base: string | undefined;
  #starting: Promise<void> | undefined;
  #watching: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(
    private readonly spec: ServerSpec,
    private readonly around: DockerSurroundings,
    private readonly place: Place,
  ) {
    this.#volume = `sagemaker-byoc-${place.runId}-${place.label}-model`;
  }

  start(): Promise<void> {
    this.#starting = this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    const { variantName, model } = this.spec;
    const image = await this.around.images.pull(model.container.resolvedImage, this.#signal);
    if (image === undefined) throw new DeploymentFailure(REASONS.images(variantName));
    this.#image = image;
    await this.#fillVolume();
    this.#watching = this.#watch(await this.#run());
  }

  /** The model, root's own; an empty folder when there is none. */
  async #fillVolume(): Promise<void> {
    const { docker, store } = this.around;
    const folder = join(this.around.folder, `${this.place.runId}-${this.place.label}`);
    try {
      const data = await fetchModelData(store, this.spec, folder);
      if (data === undefined) {
        await docker.run(['volume', 'create', ...labelArgs(this.place.runId), this.#volume], {
          signal: this.#signal,
        });
        return;
      }
      const engine = { docker, runId: this.place.runId, signal: this.#signal };
      await fillVolume(engine, this.#image, this.#volume, MODEL_DIR, data);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Starts it, again and again while it ends by itself, until it is healthy or its time is over. */
  async #run(): Promise<Container> {
    const { variantName, scenario, windowSeconds } = this.spec;
    const until = this.around.clock.now() + (scenario.crashLoop ?? CRASH_LOOP_MS);
    for (;;) {
      const container = await this.#create();
      this.#signal.throwIfAborted();
      const watch = new StartWatch({ processTable: createProcessTable(), signal: this.#signal }, container, {
        windowSeconds,
      });
      container.start();
      const start = await watch.run();
      this.#signal.throwIfAborted();
      if (start.readyAfterSeconds !== undefined) {
        this.#base = start.base;
        return container;
      }
      const ended = await container.hasEnded();
      const startError = ended ? (await container.end()).startError : undefined;
      this.#words.settle('', startError === undefined);
      // [obs] E03: of what the engine says, only this is in the endpoint's log.
      const [missing] = /exec: "serve": executable file not found in \$PATH/.exec(startError ?? '') ?? [];
      if (missing !== undefined) this.spec.onLine(missing);
      await this.#remove();
      if (!ended || this.around.clock.now() >= until) {
        throw new DeploymentFailure(REASONS[startError === undefined ? 'ping' : 'start'](variantName));
      }
      await this.around.clock.sleep(RESTART_MS, this.#signal);
    }
  }

  readonly #words = new OwnWords((_, line) => this.spec.onLine(line));

  async #create(): Promise<Container> {
    const { docker } = this.around;
    const { networkIsolation, memoryBytes, model } = this.spec;
    this.#starts += 1;
    const container = await Container.create(
      docker,
      {
        name: `sagemaker-byoc-${this.place.runId}-${this.place.label}-${this.#starts}`,
        environment: new Map(Object.entries(model.container.environment)),
        args: [
          ...labelArgs(this.place.runId),
          ...['--network', await this.place.network(networkIsolation)],
          ...['--mount', `type=volume,source=${this.#volume},target=${MODEL_DIR},readonly,volume-nocopy`],
          // An internal network takes no published port; its addresses can be reached from this machine.
          ...(networkIsolation ? [] : ['--publish', `127.0.0.1::${SERVER_PORT}`]),
          ...memoryArgs(memoryBytes),
        ],
        image: this.#image,
        command: ['serve'],
      },
      '',
      (source, line) => this.#words.push(source, line),
      // Not the one of its end: it is stopped in order.
      new AbortController().signal,
    );
    this.#container = container;
    return container;
  }

  /** A container that ends or gets unhealthy in service is replaced, for as long as the endpoint lives. [doc] */
  async #watch(first: Container): Promise<void> {
    for (let container: Container | undefined = first; !this.#signal.aborted; ) {
      if (container !== undefined) await this.#whileHealthy(container);
      this.#base = undefined;
      if (this.#signal.aborted) return;
      if (container !== undefined) {
        this.around.log(`the container of ${this.spec.endpointName}/${this.spec.variantName} is replaced`);
        await this.#remove();
      }
      container = await this.#run().catch((error: unknown) => {
        if (!this.#signal.aborted && !(error instanceof DeploymentFailure)) {
          this.around.log(`${this.spec.endpointName}: ${error}`);
        }
        return undefined;
      });
      if (container === undefined) await this.around.clock.sleep(RESTART_MS, this.#signal);
    }
  }

  /** Resolves when it has ended, or answers GET /ping no more. */
  async #whileHealthy(container: Container): Promise<void> {
    const over = new AbortController();
    const ended = container.ended.then(() => over.abort());
    const signal = AbortSignal.any([over.signal, this.#signal]);
    for (let missed = 0; missed < MISSED_PINGS; ) {
      await this.around.clock.sleep(PING_MS, signal);
      if (signal.aborted) return ended;
      const answer = await httpRequest(this.#base ?? '', {
        method: 'GET',
        path: '/ping',
        limitSeconds: PING_LIMIT_SECONDS,
        signal,
      });
      missed = 'status' in answer && answer.status === 200 ? 0 : missed + 1;
    }
  }

  async request(request: ModelRequest): Promise<ModelAnswer> {
    if (this.#base === undefined) throw new NoAnswer('unhealthy', 'the container is not healthy');
    return requestModel(this.#base, request);
  }

  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    const { closing } = this.place;
    const container = this.#container;
    if (container !== undefined && !closing.aborted && (await container.signalProcess('SIGTERM'))) {
      const grace = this.spec.scenario.stopGraceSeconds ?? STOP_GRACE_SECONDS;
      const closed = new Promise((resolve) => closing.addEventListener('abort', resolve, { once: true }));
      await Promise.race([container.endsWithin(grace), closed]);
    }
    let settled = false;
    const over = Promise.allSettled([this.#starting, this.#watching]).then(() => {
      settled = true;
    });
    // It may be about to start one.
    while (!settled) {
      await this.#container?.kill();
      await Promise.race([over, this.around.clock.sleep(200)]);
    }
    await over;
    await this.#remove();
    await this.around.docker.run(['volume', 'rm', '--force', this.#volume]);
    this.place.onStopped();
  }

  async #remove(): Promise<void> {
    const container = this.#container;
    this.#container = undefined;
    await container?.remove();
  }
}
