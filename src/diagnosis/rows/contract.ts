import type { ContainerFailure } from '../failure.js';
import { type CatalogueRow, inputOf, isHosting } from '../row.js';
import { named } from '../text.js';

/** Where the platform keeps what the toolkit's variables hold: environment.py of the toolkit [code]. */
const PLACES: Readonly<Record<string, string>> = {
  SM_MODEL_DIR: '/opt/ml/model',
  SM_INPUT_DIR: '/opt/ml/input',
  SM_INPUT_CONFIG_DIR: '/opt/ml/input/config',
  SM_OUTPUT_DIR: '/opt/ml/output',
  SM_OUTPUT_DATA_DIR: '/opt/ml/output/data',
  SM_HOSTS: '`hosts` in /opt/ml/input/config/resourceconfig.json',
  SM_CURRENT_HOST: '`current_host` in /opt/ml/input/config/resourceconfig.json',
  SM_CURRENT_INSTANCE_TYPE: '`current_instance_type` in /opt/ml/input/config/resourceconfig.json',
  SM_NETWORK_INTERFACE_NAME: '`network_interface_name` in /opt/ml/input/config/resourceconfig.json',
  SM_RESOURCE_CONFIG: '/opt/ml/input/config/resourceconfig.json',
  SM_CHANNELS: 'the keys of /opt/ml/input/config/inputdataconfig.json',
  SM_INPUT_DATA_CONFIG: '/opt/ml/input/config/inputdataconfig.json',
  SM_HPS: '/opt/ml/input/config/hyperparameters.json',
};

function placeOf(variable: string): string | undefined {
  if (variable.startsWith('SM_CHANNEL_')) return `/opt/ml/input/data/${channelOf(variable)}`;
  if (variable.startsWith('SM_HP_')) return '/opt/ml/input/config/hyperparameters.json';
  return PLACES[variable];
}

/** The toolkit upper-cases a channel's name and changes nothing else, so this is a guess at the case only. */
const channelOf = (variable: string): string => variable.slice('SM_CHANNEL_'.length).toLowerCase();

function channelList(failure: ContainerFailure): string {
  const channels = failure.knownChannels ?? [];
  if (channels.length === 0) return 'no channel';
  const shown = channels.slice(0, 10).map((channel) => `\`${named(channel, 64)}\``);
  const noun = channels.length === 1 ? 'the channel' : 'the channels';
  return `${noun} ${shown.join(', ')}${channels.length > shown.length ? ' and others' : ''}`;
}

const hasChannel = (failure: ContainerFailure, name: string): boolean =>
  (failure.knownChannels ?? []).some((channel) => channel.toLowerCase() === name.toLowerCase());

function missingVariable(variable: string, failure: ContainerFailure): { cause: string; fix: string } {
  const place = placeOf(variable);
  const direct = place === undefined ? '' : `, or read ${place} in the program`;
  if (failure.phase === 'hosting') {
    return {
      cause: `The program reads the environment variable \`${variable}\`. It comes from sagemaker-training-toolkit, not from SageMaker, and a model’s container has none of the toolkit’s variables.`,
      fix: place?.startsWith('/')
        ? `Use the path itself as the default (\`os.environ.get("${variable}", "${place}")\`), or set \`ENV ${variable}=${place}\` in the Dockerfile.`
        : 'Give the variable a default in the program or with `ENV` in the Dockerfile.',
    };
  }
  const channel = variable.startsWith('SM_CHANNEL_') ? channelOf(variable) : undefined;
  const absent =
    channel !== undefined && failure.knownChannels !== undefined && !hasChannel(failure, channel);
  if (failure.toolkitEnvironment === true) {
    if (absent)
      return {
        cause: `The program reads \`${variable}\`, which stands for a channel called \`${channel}\`; the container was given ${channelList(failure)}.`,
        fix: `Name a channel \`${channel}\` in ${inputOf(failure, 'channels')}, or read the variable of a channel that exists.`,
      };
    if (variable.startsWith('SM_HP_'))
      return {
        cause: `The program reads \`${variable}\`, and there is no hyperparameter of that name.`,
        fix: `Add it to ${inputOf(failure, 'hyperparameters')}, or give it a default in the program.`,
      };
    return {
      cause: `The program reads the environment variable \`${variable}\`, which is not among those that \`toolkit-environment\` sets.`,
      fix: `Pass it in \`environment\`, or give it a default in the program${place === undefined ? '' : ` (${place})`}.`,
    };
  }
  return {
    cause: `The program reads the environment variable \`${variable}\`. It comes from sagemaker-training-toolkit; SageMaker itself does not set it.`,
    fix: `Set \`toolkit-environment: true\` to have it set without changing the image${direct}, or install sagemaker-training-toolkit.${
      absent
        ? ` The channel must then be called \`${channel}\`; the container was given ${channelList(failure)}.`
        : ''
    }`,
  };
}

/** What SageMaker's own contract explains: variables, channels, folders, strings, users. */
export const CONTRACT_ROWS: readonly CatalogueRow[] = [
  {
    id: 'T27',
    class: 'toolkit-environment-missing',
    where: 'training log',
    pattern:
      /KeyError: ['"](SM_[A-Z0-9_-]+)['"]|(?:^|[\s:$])(SM_[A-Z0-9_]+): (?:unbound variable|parameter (?:not set|null or not set))|(?:[Ee]nvironment|[Ee]nv) var(?:iable)?s? ['"`]?(SM_[A-Z0-9_-]+)['"`]? (?:is |was |are )?(?:not|missing|required|unset|undefined)/,
    cause:
      'The program reads an `SM_…` environment variable. These come from sagemaker-training-toolkit; SageMaker itself does not set them.',
    fix: 'Set `toolkit-environment: true` to have them set without changing the image, or read /opt/ml/input/data/<channel>, /opt/ml/model and /opt/ml/input/config directly, or install sagemaker-training-toolkit.',
    specific: (groups, failure) => missingVariable(named(groups[1] ?? groups[2] ?? groups[3], 80), failure),
    source: '[doc] model-train-storage.md; [obs] sdk#2521, sdk#2418, training-toolkit#107, examples#995',
  },
  {
    id: 'P08',
    class: 'path-not-set',
    where: 'training log',
    pattern:
      /TypeError: (?:expected str, bytes or os\.PathLike object, not NoneType|(?:join|stat|listdir|open|_getfullpathname)\(?\)?:? .{0,60}not NoneType|argument should be a str or an os\.PathLike object.{0,60}not '?NoneType|the JSON object must be str, bytes or bytearray, not NoneType)/,
    cause:
      'The program uses a path or a setting that is `None`. Often it is the default of an argument read with `os.environ.get("SM_…")`: those variables come from sagemaker-training-toolkit, not from SageMaker.',
    fix: 'Set `toolkit-environment: true` when the value comes from an `SM_…` variable, or give it a default: /opt/ml/input/data/<channel>, /opt/ml/model, /opt/ml/output/data.',
    specific: (_groups, failure) =>
      failure.phase === 'training' && failure.toolkitEnvironment !== true
        ? {}
        : {
            cause:
              'The program uses a path or a setting that is `None`: the variable or argument that it reads was not given.',
            fix: 'Give it a default in the program: /opt/ml/input/data/<channel>, /opt/ml/model, /opt/ml/output/data.',
          },
    source: '[inf] from T27: the same variables, read with a default',
  },
  {
    id: 'E11',
    class: 'model-folder-read-only',
    where: 'endpoint log',
    pattern:
      /(?:Read-only file system:? ?|EROFS: read-only file system.{0,40})['"‘]?(\/opt\/ml\/model[^\s'"’]*)|(\/opt\/ml\/model[^\s'":’]*)['"’]?: Read-only file system/,
    applies: isHosting,
    cause: 'The server writes into /opt/ml/model, which SageMaker mounts read-only in a model’s container.',
    fix: 'Write caches, compiled files and locks to /tmp.',
    specific: (groups) => ({
      cause: `The server writes to ${named(groups[1] ?? groups[2])}, and SageMaker mounts /opt/ml/model read-only in a model’s container.`,
    }),
    source: '[doc] current hosting documentation',
  },
  {
    id: 'P09',
    class: 'input-folder-read-only',
    where: 'training log',
    pattern:
      /(?:Read-only file system:? ?|EROFS: read-only file system.{0,40})['"‘]?(\/opt\/ml\/input[^\s'"’]*)|(\/opt\/ml\/input[^\s'":’]*)['"’]?: Read-only file system/,
    cause:
      'The program writes below /opt/ml/input. A FastFile channel is read-only on SageMaker, so the smoke test gives channels read-only.',
    fix: 'Write caches and intermediate files to /tmp, results to /opt/ml/output/data.',
    onPlatform: { cause: 'The program writes below /opt/ml/input, which is read-only in this job.' },
    specific: (groups, failure) => {
      const path = named(groups[1] ?? groups[2]);
      return failure.onPlatform === true
        ? { cause: `The program writes to ${path}, which is read-only in this job.` }
        : {
            cause: `The program writes to ${path}. A FastFile channel is read-only on SageMaker, so the smoke test gives channels read-only.`,
          };
    },
    source: '[doc] FastFile is a read-only mount; [inf] for the other modes',
  },
  {
    id: 'T36',
    class: 'opt-ml-not-permitted',
    where: 'training log',
    pattern:
      /Permission denied:? ?['"‘]?(\/opt\/ml\/[^\s'"’]*)|(\/opt\/ml\/(?:output|model|input|checkpoints)[^\s'":’]*)['"’]?:? .{0,80}(?:Permission denied|not available for writes|EACCES)|EACCES: permission denied.{0,40}['"](\/opt\/ml\/[^'"]+)/,
    cause:
      'The program may not use a folder below /opt/ml. SageMaker creates these folders for root, and the image’s `USER` is another one; then the failure file cannot be written either, and the job shows no reason.',
    fix: 'Remove `USER` from the Dockerfile, or start as root and change to the user after a `chown` in the entry point.',
    specific: (groups) => ({
      cause: `The program may not use ${named(groups[1] ?? groups[2] ?? groups[3])}. SageMaker creates the folders below /opt/ml for root, and the program runs as another user; then the failure file cannot be written either, and the job shows no reason.`,
    }),
    source: '[obs] measured with a non-root USER; [doc] hosting expects root',
  },
  {
    id: 'P34',
    class: 'training-input-missing',
    where: 'endpoint log',
    pattern:
      /^(?=.*(?:Error|Exception|error:|No such file|[Nn]ot found|does not exist|ENOENT|[Cc]annot|[Cc]an['’]t)).*?(\/opt\/ml\/input(?:\/[^\s'":’)\]]*)?)/,
    applies: (failure) => isHosting(failure) && failure.exitCode !== undefined && failure.exitCode !== 0,
    cause:
      'The program ended when it looked below /opt/ml/input, which only training has: with the argument `serve` the training program ran, or the server reads what is not there when it serves.',
    fix: 'Let the ENTRYPOINT’s program look at its argument, `train` or `serve`; or remove the ENTRYPOINT and put executables `train` and `serve` on PATH. What the server needs to know of the training belongs into /opt/ml/model.',
    specific: (groups) => ({
      cause: `The program ended when it looked for ${named(groups[1])}, and only training has /opt/ml/input: with the argument \`serve\` the training program ran, or the server reads what is not there when it serves.`,
    }),
    source: '[doc] docker run <image> serve; the layout of /opt/ml in hosting',
  },
  {
    id: 'T39',
    class: 'channel-file-missing',
    where: 'training log',
    pattern:
      /(?:No such file or directory|does not exist|not found|[Nn]o (?:valid )?files? (?:found|match)|Couldn'?t find any|ENOENT)[^/]{0,80}\/opt\/ml\/input\/data\/([^/'"\s:]+)(\/[^'"\s]*)?|\/opt\/ml\/input\/data\/([^/'"\s:]+)(\/[^'"\s:]*)?['"’]?:? .{0,40}(?:No such file or directory|does not exist|not found)/,
    cause:
      'The program reads a file of a channel that is not there: the channel has another name, or its files have another layout.',
    fix: 'Compare the names in `smoke-channels` (and in the job’s `channels`) with those in the program, and the sample’s layout with that of the data on S3.',
    onPlatform: {
      fix: 'Compare the names in `channels` with those in the program, and what lies below each channel’s S3 prefix with what the program reads.',
    },
    specific: (groups, failure) => {
      const channel = groups[1] ?? groups[3] ?? '';
      const file = groups[2] ?? groups[4];
      const shown = named(channel, 64);
      if (failure.knownChannels === undefined) return {};
      if (!failure.knownChannels.includes(channel))
        return {
          cause: `The program reads the channel \`${shown}\`; the container was given ${channelList(failure)}.`,
          fix: `Name a ${failure.onPlatform === true ? 'channel' : 'sample'} \`${shown}\` in ${inputOf(failure, 'channels')}, or read a channel that exists: its name is the folder’s name below /opt/ml/input/data.`,
        };
      return {
        cause: `The channel \`${shown}\` exists and does not hold ${file === undefined ? 'what the program looks for' : named(file.slice(1))}.`,
        fix:
          failure.onPlatform === true
            ? 'Look at the objects below the channel’s S3 prefix: what follows the prefix in their keys is their path below the channel’s folder.'
            : 'Give the sample in `smoke-channels` the same layout as the data on S3: what lies below the S3 prefix lies directly below the channel’s folder.',
      };
    },
    source: '[obs] examples#995; [doc] channel folders',
  },
  {
    id: 'P10',
    class: 'checkpoint-folder-missing',
    where: 'training log',
    pattern: /No such file or directory:? ?['"‘]?(\/opt\/ml\/checkpoints[^\s'"’]*)/,
    cause:
      'The program uses /opt/ml/checkpoints, which exists only when the job has a checkpoint configuration.',
    fix: 'Create the folder in the program (`os.makedirs("/opt/ml/checkpoints", exist_ok=True)`).',
    source: '[doc] CheckpointConfig',
  },
  {
    id: 'P11',
    class: 'model-file-missing',
    where: 'endpoint log',
    pattern:
      /(?:No such file or directory|does not exist|not found|no file named)[^/]{0,80}(\/opt\/ml\/model\/[^\s'"’]+)|(\/opt\/ml\/model\/[^\s'":’]+)['"’]?:? .{0,40}(?:No such file or directory|does not exist|not found)/,
    applies: isHosting,
    cause:
      'The server looks for a model file that is not in /opt/ml/model: the archive has another file name, or a folder around its files.',
    fix: 'Save the model under the name that the server loads. The content of training’s /opt/ml/model lies directly in hosting’s /opt/ml/model; an archive of your own is made with `tar -czf model.tar.gz -C folder .`',
    specific: (groups) => ({
      cause: `The server looks for ${named(groups[1] ?? groups[2])}, which the model does not hold: training saved it under another name, or the archive has a folder around its files.`,
    }),
    source: '[doc] the archive is extracted to /opt/ml/model',
  },
  {
    id: 'T41',
    class: 'hyperparameter-quoted-twice',
    where: 'training log',
    pattern:
      /(?:could not convert string to float|invalid literal for int\(\) with base 10): '\\?"[^']*"'|invalid (?:int|float) value: '\\?"[^']*"'/,
    cause:
      'A hyperparameter’s value holds quotation marks of its own. All values arrive as strings, and the Python SDK’s framework estimators encode strings as JSON on top.',
    fix: 'Decode each value with `json.loads()` and keep the raw string when that fails, as the training toolkit does.',
    source: '[doc] hyperparameters.json; [code] toolkit environment.py, mapping.py',
  },
  {
    id: 'P12',
    class: 'hyperparameter-is-a-string',
    where: 'training log',
    pattern:
      /TypeError: (?:'[<>]=?' not supported between instances of '(?:str' and '(?:int|float)|(?:int|float)' and 'str)'|can't multiply sequence by non-int of type '(?:str|float)'|'str' object cannot be interpreted as an integer|unsupported operand type\(s\) for [^:]{1,12}: '(?:str' and '(?:int|float|str)|(?:int|float)' and 'str)'|must be real number, not str|can only concatenate str \(not "(?:int|float)"\) to str|slice indices must be integers)|InvalidParameterError: .{0,300}Got '-?[\d.]+(?:e-?\d+)?' instead|ValueError: invalid literal for int\(\) with base 10: '-?\d+\.\d*'/,
    cause:
      'The program computes with a text where it needs a number. On SageMaker every hyperparameter is a string, whatever its type was in the request, so this is most likely a value of hyperparameters.json.',
    fix: 'Convert each value when it is read: `int(hp["epochs"])`, `float(hp["lr"])`; `json.loads()` copes with numbers, booleans and lists alike.',
    source: '[doc] hyperparameters.json: all values are strings',
  },
];
