import type { CreateEndpointConfigInput, DescribeEndpointOutput } from '../../aws/endpoints.js';
import { isBornAt } from './changed-by-others.js';
import type { FoundModel } from './find-model.js';

/** Where a deployment has come down, when the endpoint is settled again. */
export type Landing =
  | { readonly kind: 'live' }
  /** In service, but not as wanted: SageMaker went back by itself, or it runs another image. */
  | { readonly kind: 'other'; readonly why: string }
  /** In service on a configuration that neither this run nor SageMaker has put there. */
  | { readonly kind: 'others'; readonly why: string }
  /** Not in service. */
  | { readonly kind: 'down'; readonly why: string };

/** What was asked for. */
export interface Wanted {
  readonly name: string;
  readonly config: CreateEndpointConfigInput;
  /** Name of the configuration that was live before the update; absent for a creation. */
  readonly before?: string;
  /** CreationTime, in milliseconds since 1970; absent when it was not seen. */
  readonly bornAt?: number;
  /** FailureReason that was there before the update, and has not changed since. */
  readonly earlierReason?: string;
  /** By variant. */
  readonly models: ReadonlyMap<string, FoundModel>;
}

/**
 * Compares what is live with what was asked for. `InService` alone says nothing: a failed update ends in it too, on the
 * configuration before, and a reason may be missing. [obs]
 */
export function landingOf(endpoint: DescribeEndpointOutput | undefined, wanted: Wanted): Landing {
  const { name, config, before, bornAt, earlierReason } = wanted;
  if (endpoint === undefined) {
    return { kind: 'down', why: `The endpoint ${name} was deleted while it was deployed to.` };
  }
  const { EndpointStatus: status, EndpointConfigName: live, FailureReason } = endpoint;
  if (!isBornAt(endpoint, bornAt)) {
    return {
      kind: 'others',
      why: `The endpoint ${name} was changed by others meanwhile: deleted and created anew. It is ${status} on ${live}.`,
    };
  }
  const isEarlier = FailureReason !== undefined && FailureReason === earlierReason;
  const given = isEarlier ? 'SageMaker gives the reason that it gave before this update already: ' : '';
  const reason = FailureReason ? ` ${given}${FailureReason}` : ' SageMaker gives no reason.';
  if (status === 'InService') {
    if (live !== config.EndpointConfigName && live !== before) {
      return {
        kind: 'others',
        why: `The endpoint ${name} is in service on ${live}, not on ${config.EndpointConfigName}${before === undefined ? '' : `, nor on ${before} as before`}: it was changed by others meanwhile.`,
      };
    }
    if (live !== config.EndpointConfigName) {
      return {
        kind: 'other',
        why: `The endpoint ${name} is in service on ${live}, not on ${config.EndpointConfigName}: the update failed, and SageMaker went back.${reason}`,
      };
    }
    const image = otherImage(endpoint, wanted);
    return image === undefined ? { kind: 'live' } : { kind: 'other', why: image };
  }
  if (status === 'UpdateRollbackFailed') {
    return {
      kind: 'down',
      why: `The update of the endpoint ${name} failed, and so did going back: its instances are of both versions now.${reason}`,
    };
  }
  return { kind: 'down', why: `The endpoint ${name} is ${status}.${reason}` };
}

/** The digests in service must be those that were asked for, where both are known. */
function otherImage(
  { ProductionVariants = [] }: DescribeEndpointOutput,
  { name, models }: Wanted,
): string | undefined {
  for (const { VariantName = '', DeployedImages = [] } of ProductionVariants) {
    const wanted = digestOf(models.get(VariantName)?.image);
    const deployed = DeployedImages.flatMap(({ ResolvedImage }) => digestOf(ResolvedImage) ?? []);
    if (wanted === undefined || deployed.length === 0 || deployed.includes(wanted)) continue;
    return `The variant ${VariantName} of the endpoint ${name} runs the image ${deployed.join(', ')}, not ${wanted}.`;
  }
  return undefined;
}

const digestOf = (image: string | undefined): string | undefined =>
  /@(sha256:[0-9a-f]{64})$/.exec(image ?? '')?.[1];
