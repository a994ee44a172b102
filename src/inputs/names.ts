/** Every input of `action.yml`, by group. */
export const INPUTS = {
  run: ['stages'],
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
  train: [
    'instance-type',
    'input-mode',
    'entrypoint',
    'arguments',
    'environment',
    'metric-definitions',
    'network-isolation',
    'toolkit-environment',
  ],
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
  report: ['summary', 'annotations', 'report-path'],
} as const;

/** Name of an input, as `with:` has it. */
export type InputName = (typeof INPUTS)[keyof typeof INPUTS][number];

export const NAMES: readonly InputName[] = Object.values(INPUTS).flat();

/** The variable in which the runner hands the input on. */
export const variableOf = (name: string): string => `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;
