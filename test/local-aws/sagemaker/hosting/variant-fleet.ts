import { randomBytes } from 'node:crypto';
import type {
  DeployedImage,
  ProductionVariant,
  ProductionVariantServerlessConfig,
  ProductionVariantSummary,
  VariantStatus,
} from '@aws-sdk/client-sagemaker';
import type { ModelServer } from './model-server.js';
import type { KeptModel, ResolvedContainer } from './models.js';

/** The instances of one variant in one deployment. They are one server here; their number is only kept. */
export class VariantFleet {
  /** As EC2 names them: the log stream's last part. */
  readonly instanceId = `i-0${randomBytes(8).toString('hex')}`;
  readonly name: string;
  readonly images: readonly DeployedImage[];
  currentWeight: number;
  desiredWeight: number;
  currentCount: number | undefined;
  desiredCount: number | undefined;
  serverless: ProductionVariantServerlessConfig | undefined;
  #server: ModelServer | undefined;
  #status: { readonly status: VariantStatus; readonly since: Date } | undefined;
  #inFlight = 0;
  #idle: (() => void)[] = [];

  constructor(
    readonly variant: ProductionVariant,
    readonly model: KeptModel,
    private readonly now: () => Date,
  ) {
    this.name = variant.VariantName ?? '';
    this.images = [deployed(model.container, now())];
    this.currentWeight = this.desiredWeight = variant.InitialVariantWeight ?? 1;
    this.serverless = variant.ServerlessConfig;
    if (variant.ServerlessConfig === undefined) {
      this.currentCount = this.desiredCount = variant.InitialInstanceCount ?? 1;
    }
  }

  get server(): ModelServer {
    if (this.#server === undefined) throw new Error(`the variant ${this.name} has no server`);
    return this.#server;
  }

  set server(server: ModelServer) {
    this.#server = server;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** @param status undefined: no stage of a deployment */
  set status(status: VariantStatus | undefined) {
    this.#status = status && { status, since: this.now() };
  }

  /** A request has come: it is not stopped until the returned function was called, once. */
  enter(): () => void {
    this.#inFlight += 1;
    return () => {
      this.#inFlight -= 1;
      if (this.#inFlight === 0) {
        for (const wake of this.#idle.splice(0)) wake();
      }
    };
  }

  /** Waits for the requests that are in flight, and stops. No new ones may come. */
  async retire(): Promise<void> {
    this.status = 'Deleting';
    if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    await this.#server?.stop();
  }

  summary(): ProductionVariantSummary & { VariantName: string } {
    const { RoutingConfig, ManagedInstanceScaling } = this.variant;
    return {
      VariantName: this.name,
      DeployedImages: [...this.images],
      CurrentWeight: this.currentWeight,
      DesiredWeight: this.desiredWeight,
      CurrentInstanceCount: this.currentCount,
      DesiredInstanceCount: this.desiredCount,
      ...(this.serverless && {
        CurrentServerlessConfig: this.serverless,
        DesiredServerlessConfig: this.serverless,
      }),
      ...(this.#status && {
        VariantStatus: [{ Status: this.#status.status, StartTime: this.#status.since }],
      }),
      RoutingConfig,
      ManagedInstanceScaling,
    };
  }
}

const deployed = ({ image, resolvedImage }: ResolvedContainer, now: Date): DeployedImage => ({
  SpecifiedImage: image,
  ResolvedImage: resolvedImage,
  ResolutionTime: now,
});
