import type * as api from '@aws-sdk/client-sagemaker';
import type { EndpointConfig } from './endpoint.js';
import type { VariantFleet } from './variant-fleet.js';

/** With RetainAllVariantProperties, what the live variants have, but for what is excluded from it. */
export function retaining(
  config: EndpointConfig,
  { RetainAllVariantProperties, ExcludeRetainedVariantProperties = [] }: api.UpdateEndpointInput,
  live: readonly VariantFleet[],
  capture: api.DataCaptureConfig | undefined,
): EndpointConfig {
  if (!RetainAllVariantProperties) return config;
  const kept = (type: api.VariantPropertyType) =>
    !ExcludeRetainedVariantProperties.some(({ VariantPropertyType }) => VariantPropertyType === type);
  return {
    ...config,
    ...(kept('DataCaptureConfig') && capture && { DataCaptureConfig: capture }),
    ProductionVariants: config.ProductionVariants.map((variant) => {
      const fleet = live.find(({ name }) => name === variant.VariantName);
      if (fleet === undefined) return variant;
      return {
        ...variant,
        ...(kept('DesiredWeight') && { InitialVariantWeight: fleet.desiredWeight }),
        ...(kept('DesiredInstanceCount') &&
          variant.ServerlessConfig === undefined &&
          fleet.desiredCount !== undefined && { InitialInstanceCount: fleet.desiredCount }),
      };
    }),
  };
}
