import type * as api from '@aws-sdk/client-sagemaker';
import { AwsError, type CallContext } from '../../service.js';
import { paginate } from '../paginate.js';
import { listed } from '../registry/listed.js';
import type { Tags } from '../tags.js';
import { type Deployment, Endpoint, type EndpointSurroundings } from './endpoint.js';
import type { EndpointConfigs } from './endpoint-configs.js';
import type { Models } from './models.js';
import type { EndpointOperation, EndpointScenario, EndpointScenarios } from './scenario.js';
import { alreadyThere, hostingArn, notFound } from './words.js';

type Place = Pick<CallContext, 'region' | 'account'>;

/** The endpoints, by name, until they are deleted. */
export class Endpoints {
  readonly #endpoints = new Map<string, Endpoint>();

  constructor(
    private readonly around: EndpointSurroundings,
    private readonly configs: EndpointConfigs,
    private readonly models: Models,
    private readonly tags: Tags,
    private readonly scenarios: EndpointScenarios,
  ) {}

  create(input: api.CreateEndpointInput, context: CallContext): api.CreateEndpointOutput {
    const name = input.EndpointName ?? '';
    const arn = hostingArn('endpoint', name, context);
    if (this.#endpoints.has(name)) throw alreadyThere('endpoint', arn);
    const deployment = this.#deployment('create', name, input.EndpointConfigName ?? '', context);
    const endpoint = new Endpoint(name, arn, context.region, deployment.config, this.around);
    endpoint.create(deployment, input.DeploymentConfig);
    this.#endpoints.set(name, endpoint);
    this.tags.create(arn, input.Tags);
    return { EndpointArn: arn };
  }

  describe(
    { EndpointName = '' }: api.DescribeEndpointInput,
    context: CallContext,
  ): api.DescribeEndpointOutput {
    return this.get(EndpointName, context).describe();
  }

  update(input: api.UpdateEndpointInput, context: CallContext): api.UpdateEndpointOutput {
    const endpoint = this.get(input.EndpointName ?? '', context);
    endpoint.refuseBusy();
    endpoint.update(
      this.#deployment('update', endpoint.name, input.EndpointConfigName ?? '', context),
      input,
    );
    return { EndpointArn: endpoint.arn };
  }

  updateWeights(
    input: api.UpdateEndpointWeightsAndCapacitiesInput,
    context: CallContext,
  ): api.UpdateEndpointWeightsAndCapacitiesOutput {
    const endpoint = this.get(input.EndpointName ?? '', context);
    endpoint.refuseBusy();
    const config = endpoint.config.EndpointConfigName ?? '';
    const scenario = this.scenarios.take('weights', endpoint.name, config);
    refuseOverQuota(scenario, endpoint.config.ProductionVariants);
    endpoint.updateWeights(input.DesiredWeightsAndCapacities ?? [], scenario);
    return { EndpointArn: endpoint.arn };
  }

  delete({ EndpointName = '' }: api.DeleteEndpointInput, context: CallContext): void {
    const endpoint = this.get(EndpointName, context);
    endpoint.refuseBusy();
    const config = endpoint.config.EndpointConfigName ?? '';
    endpoint.delete(this.scenarios.take('delete', endpoint.name, config), () => {
      this.#endpoints.delete(EndpointName);
      this.tags.remove(endpoint.arn);
    });
  }

  list(input: api.ListEndpointsInput): api.ListEndpointsOutput {
    const { SortBy, StatusEquals, LastModifiedTimeAfter, LastModifiedTimeBefore } = input;
    const within = [...this.#endpoints.values()].filter(
      ({ status, modified }) =>
        (StatusEquals ?? status) === status &&
        (LastModifiedTimeAfter === undefined || modified > LastModifiedTimeAfter) &&
        (LastModifiedTimeBefore === undefined || modified < LastModifiedTimeBefore),
    );
    const sorted = listed(within, ({ name, created }) => ({ name, created }), {
      ...input,
      SortBy: SortBy === 'Name' ? 'Name' : 'CreationTime',
      SortOrder: input.SortOrder ?? 'Descending',
    });
    const all = SortBy === 'Status' ? sorted.toSorted((a, b) => a.status.localeCompare(b.status)) : sorted;
    const page = paginate(all, input);
    return {
      Endpoints: page.items.map(({ name, arn, created, modified, status }) => ({
        EndpointName: name,
        EndpointArn: arn,
        CreationTime: created,
        LastModifiedTime: modified,
        EndpointStatus: status,
      })),
      NextToken: page.next,
    };
  }

  /** @throws AwsError when there is none */
  get(name: string, context: Place): Endpoint {
    const endpoint = this.#endpoints.get(name);
    if (endpoint === undefined) throw notFound('endpoint', hostingArn('endpoint', name, context));
    return endpoint;
  }

  /** Undefined when there is none. */
  find(name: string): Endpoint | undefined {
    return this.#endpoints.get(name);
  }

  async close(): Promise<void> {
    const closed = [...this.#endpoints.values()].map((endpoint) => endpoint.close());
    // What they wait for ends with the servers.
    await this.around.servers.close();
    await Promise.all(closed);
  }

  #deployment(
    operation: EndpointOperation,
    endpointName: string,
    configName: string,
    context: CallContext,
  ): Deployment {
    const scenario = this.scenarios.take(operation, endpointName, configName);
    if (scenario.config === 'missing') {
      throw notFound('endpoint-config', hostingArn('endpoint-config', configName, context));
    }
    const config = this.configs.get(configName, context);
    const models = new Map(
      config.ProductionVariants.map(({ VariantName = '', ModelName = '' }) => [
        VariantName,
        this.models.get(ModelName, context),
      ]),
    );
    refuseOverQuota(scenario, config.ProductionVariants);
    return { config, models, scenario };
  }
}

/** [obs] A01 */
function refuseOverQuota(scenario: EndpointScenario, [variant]: readonly api.ProductionVariant[]): void {
  if (scenario.quota !== 'exceeded') return;
  const [what, unit, delta] =
    variant?.ServerlessConfig === undefined
      ? [`${variant?.InstanceType} for endpoint usage`, 'Instances', variant?.InitialInstanceCount ?? 1]
      : [
          'Memory size in MB per serverless endpoint',
          'Megabytes',
          variant.ServerlessConfig.MemorySizeInMB ?? 0,
        ];
  throw new AwsError(
    'ResourceLimitExceeded',
    `The account-level service limit '${what}' is 0 ${unit}, with current utilization of 0 ${unit} and a request delta of ${delta} ${unit}. Please use AWS Service Quotas to request an increase for this quota.`,
  );
}
