/** Every input of `action.yml`, by group. */
export const INPUTS = {
  run: ['stages', 'aws-region', 'execution-role-arn', 'tags'],
  build: [
    'context',
    'dockerfile',
    'target',
    'build-args',
    'build-secrets',
    'build-secret-files',
    'labels',
    'platform',
    'cache-from',
    'cache-to',
    'pull',
    'image-uri',
  ],
  push: ['repository', 'image-tags', 'create-repository', 'keep-images'],
  train: [
    'training-job-name',
    'instance-type',
    'instance-count',
    'volume-size',
    'max-runtime',
    'spot',
    'max-wait',
    'keep-alive',
    'fallback-instance-types',
    'channels',
    'input-mode',
    'output-path',
    'hyperparameters',
    'entrypoint',
    'arguments',
    'environment',
    'toolkit-environment',
    'metric-definitions',
    'metric-gates',
    'checkpoint-path',
    'subnets',
    'security-group-ids',
    'network-isolation',
    'kms-key-id',
    'training-overrides',
    'hourly-price',
  ],
  wait: ['wait', 'timeout', 'stall-timeout', 'stop-when', 'stop-on-cancel', 'stream-logs'],
  deploy: ['endpoint-instance-type'],
  'smoke test': [
    'smoke-runs',
    'smoke-channels',
    'smoke-hyperparameters',
    'smoke-model',
    'smoke-payload',
    'smoke-content-type',
    'smoke-accept',
    'smoke-expect',
    'smoke-hosts',
    'smoke-memory',
    'smoke-timeout',
    'smoke-severity',
  ],
  report: ['summary', 'annotations', 'comment', 'baseline-ref', 'github-token', 'report-path'],
} as const;

/** Name of an input, as `with:` has it. */
export type InputName = (typeof INPUTS)[keyof typeof INPUTS][number];

export const NAMES: readonly InputName[] = Object.values(INPUTS).flat();

/** Inputs whose values never stand in a message. */
export const SECRET_INPUTS: readonly InputName[] = ['build-secrets', 'github-token'];

/** The variable in which the runner hands the input on. */
export const variableOf = (name: string): string => `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;
