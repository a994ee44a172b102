/**
 * The limits of the platform that inputs are checked against, in one place, each with its source: SageMaker's
 * published service models (`sagemaker-2017-07-24`, `runtime.sagemaker-2017-05-13`), [doc].
 */

/** CreateTrainingJob `HyperParameters`: map of at most 100, key at most 256, value at most 2500 characters. */
export const HYPERPARAMETERS = { entries: 100, key: 256, value: 2500 } as const;

/** CreateTrainingJob `Environment`: map of at most 100, key and value at most 512 characters. */
export const ENVIRONMENT = {
  entries: 100,
  key: 512,
  value: 512,
  keyPattern: /^[a-zA-Z_][a-zA-Z0-9_]*$/,
} as const;

/** `AlgorithmSpecification.ContainerEntrypoint` and `ContainerArguments`: 1 to 100 of at most 256 characters. */
export const COMMAND = { items: 100, item: 256 } as const;

/** `AlgorithmSpecification.MetricDefinitions`: at most 40, `Name` 1 to 255, `Regex` 1 to 500 characters. */
export const METRIC_DEFINITIONS = { entries: 40, name: 255, regex: 500 } as const;

/** `InputDataConfig`: 1 to 20 channels; `ChannelName` 1 to 64 characters of this pattern. */
export const CHANNELS = { entries: 20, name: 64, namePattern: /^[A-Za-z0-9.\-_]+$/ } as const;

/** `AlgorithmSpecification.TrainingImage` and `ContainerDefinition.Image`: at most 255 characters. */
export const IMAGE_URI = { length: 255 } as const;

/** InvokeEndpoint `Body`: at most 6,291,456 bytes; `ContentType` and `Accept`: at most 1024 ASCII characters. */
export const INVOKE_ENDPOINT = { bodyBytes: 6_291_456, header: 1024 } as const;

/** Not the platform's: what one runner can carry. */
export const SMOKE_HOSTS = { min: 1, max: 20 } as const;

/** Not the platform's: a job on GitHub's own runners ends after 6 hours, on others after 5 days at most. */
export const SMOKE_TIMEOUT_SECONDS = { min: 1, max: 86_400 } as const;

/** Docker refuses to start a container with less memory than 6 MiB. */
export const SMOKE_MEMORY_BYTES = { min: 6 * 1024 * 1024 } as const;

/** Characters as the service models count them: Unicode code points, not UTF-16 units. */
export const characters = (text: string): number => {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
};
