import type { InputMode } from '../plan.js';
import {
  CONFIG_DIR,
  DATA_DIR,
  HOMOGENEOUS_CLUSTER,
  hostNames,
  INPUT_DIR,
  inputDataConfigJson,
  MODEL_DIR,
  NETWORK_INTERFACE,
  OUTPUT_DIR,
} from './opt-ml.js';
import { decodeJson, encodeJson, type PythonValue, sorted, stringOf } from './python-value.js';

/** Limits of CreateTrainingJob on `Environment` and `ContainerArguments`. [doc] service model */
const MAX_VALUE = 512;
const MAX_ENTRIES = 100;
const MAX_ARGUMENT = 256;
const MAX_ARGUMENTS = 100;
const NAME = /^[a-zA-Z_][a-zA-Z0-9_]*$/;

export interface ToolkitRequest {
  /** What starts the program: the request's entry point, or the image's. Empty: `train` from PATH. */
  readonly entrypoint: readonly string[];
  /** The request's own arguments; absent: they are made of the hyperparameters. */
  readonly arguments?: readonly string[];
  readonly hyperparameters: ReadonlyMap<string, string>;
  readonly channels: readonly string[];
  readonly inputMode: InputMode;
  readonly hostCount: number;
  readonly instanceType: string;
  /** The request's own variables: they win. */
  readonly environment: ReadonlyMap<string, string>;
}

/** The part of CreateTrainingJob that stands in for sagemaker-training-toolkit. */
export interface ToolkitEnvironment {
  readonly environment: ReadonlyMap<string, string>;
  readonly entrypoint: readonly string[];
  /** Absent when there are none: the API takes no empty list. */
  readonly arguments?: readonly string[];
  /** Variables and arguments that the request cannot carry, with the reason. */
  readonly omitted: readonly string[];
}

/**
 * What sagemaker-training-toolkit would have set, as fields of the request: `Environment`,
 * `ContainerEntrypoint` and `ContainerArguments`. The smoke test runs exactly this, so that what was tested
 * is what runs.
 *
 * Names and formats: [code] toolkit `environment.py`, `mapping.py`: `SM_` and the name in upper case without
 * replacing any character; strings raw, all else JSON with sorted keys and no blanks. What differs between
 * hosts or is only known on the instance is found by a small shell program, {@link HOST_SCRIPT}.
 */
export function toolkitEnvironment(request: ToolkitRequest): ToolkitEnvironment {
  const hyperparameters = new Map(
    [...request.hyperparameters]
      .filter(([name]) => !name.startsWith('sagemaker_'))
      .map(([name, value]) => [name, decodeJson(value)]),
  );
  const channels = [...request.channels].sort();
  const hosts = [...hostNames(request.hostCount)].sort();
  const omitted: string[] = [];
  const userArguments = request.arguments ?? commandLine(hyperparameters, omitted);
  const inputDataConfig = decodeJson(inputDataConfigJson(channels, request.inputMode));

  const variables: [string, string][] = [
    ['SM_HOSTS', encodeJson(hosts)],
    ['SM_CURRENT_INSTANCE_TYPE', request.instanceType],
    ['SM_CURRENT_INSTANCE_GROUP', HOMOGENEOUS_CLUSTER],
    ['SM_CURRENT_INSTANCE_GROUP_HOSTS', encodeJson(hosts)],
    ['SM_INSTANCE_GROUPS', encodeJson([HOMOGENEOUS_CLUSTER])],
    [
      'SM_INSTANCE_GROUPS_DICT',
      encodeJson(
        new Map([
          [
            HOMOGENEOUS_CLUSTER,
            new Map<string, PythonValue>([
              ['hosts', hosts],
              ['instance_group_name', HOMOGENEOUS_CLUSTER],
              ['instance_type', request.instanceType],
            ]),
          ],
        ]),
      ),
    ],
    ['SM_DISTRIBUTION_INSTANCE_GROUPS', encodeJson([])],
    ['SM_IS_HETERO', 'false'],
    ['SM_NETWORK_INTERFACE_NAME', NETWORK_INTERFACE],
    ['SM_HPS', encodeJson(hyperparameters)],
    ['SM_USER_ARGS', encodeJson(userArguments)],
    ['SM_CHANNELS', encodeJson(channels)],
    ['SM_MODEL_DIR', MODEL_DIR],
    ['SM_INPUT_DIR', INPUT_DIR],
    ['SM_INPUT_CONFIG_DIR', CONFIG_DIR],
    ['SM_OUTPUT_DIR', OUTPUT_DIR],
    ['SM_OUTPUT_DATA_DIR', `${OUTPUT_DIR}/data`],
    ['SM_OUTPUT_INTERMEDIATE_DIR', `${OUTPUT_DIR}/intermediate`],
    ['SM_INPUT_DATA_CONFIG', encodeJson(inputDataConfig)],
    ['SM_MODULE_DIR', '/opt/ml/code'],
    ['SM_LOG_LEVEL', '20'],
    ...channels.map((name): [string, string] => [`SM_CHANNEL_${name.toUpperCase()}`, `${DATA_DIR}/${name}`]),
    ...[...hyperparameters].map(([name, value]): [string, string] => [
      `SM_HP_${name.toUpperCase()}`,
      typeof value === 'string' ? value : value === null ? '' : encodeJson(value),
    ]),
  ];

  const environment = new Map<string, string>(request.environment);
  for (const [name, value] of variables) {
    if (environment.has(name)) {
      continue;
    }
    if (!NAME.test(name)) {
      omitted.push(`${name}: the request takes only letters, digits and _ in names`);
    } else if (value.length > MAX_VALUE) {
      omitted.push(`${name}: ${value.length} characters, the request takes ${MAX_VALUE}`);
    } else if (environment.size >= MAX_ENTRIES) {
      omitted.push(`${name}: the request takes ${MAX_ENTRIES} variables`);
    } else {
      environment.set(name, value);
    }
  }
  const command = request.entrypoint.length > 0 ? request.entrypoint : ['train'];
  return {
    environment,
    entrypoint: [
      '/bin/sh',
      '-c',
      'eval "$1$2"; shift 2; exec "$@"',
      'toolkit-environment',
      ...HOST_SCRIPT,
      ...command,
    ],
    ...(userArguments.length > 0 && { arguments: userArguments }),
    omitted,
  };
}

/**
 * Reads what only the host knows. Shell built-ins only, since an image need not have more than a shell, and
 * in two parts, since the API takes at most 256 characters an item. `read` fails at a file without a
 * newline at its end, but has read it.
 */
const HOST_SCRIPT: readonly [string, string] = [
  `read -r j <${CONFIG_DIR}/resourceconfig.json; export SM_RESOURCE_CONFIG="$j"; j=\${j#*\\"current_host\\":}; j=\${j#*\\"}; export SM_CURRENT_HOST="\${j%%\\"*}" CURRENT_HOST="\${j%%\\"*}"; `,
  'n=0; for d in /dev/nvidia[0-9]*; do [ -e "$d" ] && n=$((n+1)); done; export SM_NUM_GPUS="$n" SM_NUM_NEURONS=0 SM_NUM_CPUS="$(nproc 2>/dev/null || echo 1)"',
];

/**
 * The hyperparameters as arguments, sorted by name: `--epochs 10`, `-k` for a name of one character,
 * `True`/`False`, nothing for null, `a=1,b=2` for an object. [code] toolkit mapping.py `to_cmd_args`
 */
function commandLine(
  hyperparameters: ReadonlyMap<string, PythonValue>,
  omitted: string[],
): readonly string[] {
  const words: string[] = [];
  for (const [name, value] of sorted(hyperparameters)) {
    const pair = [name.length === 1 ? `-${name}` : `--${name}`, argument(value)];
    const longest = Math.max(...pair.map((word) => word.length));
    if (longest > MAX_ARGUMENT) {
      omitted.push(`argument --${name}: ${longest} characters, the request takes ${MAX_ARGUMENT}`);
    } else if (words.length + pair.length > MAX_ARGUMENTS) {
      omitted.push(`argument --${name}: the request takes ${MAX_ARGUMENTS} words`);
    } else {
      words.push(...pair);
    }
  }
  return words;
}

function argument(value: PythonValue): string {
  if (value instanceof Map) {
    return sorted(value as ReadonlyMap<string, PythonValue>)
      .map(([key, item]) => `${key}=${stringOf(item)}`)
      .join(',');
  }
  return value === null ? '' : stringOf(value);
}
