import { accessSync, constants, lstatSync, realpathSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { contentTypeOf } from './inputs/content-types.js';
import { didYouMean, suggestion } from './inputs/did-you-mean.js';
import { parseInstanceType, platformOf } from './inputs/instance-types.js';
import {
  CHANNELS,
  COMMAND,
  characters,
  ENVIRONMENT,
  HYPERPARAMETERS,
  IMAGE_URI,
  INVOKE_ENDPOINT,
  SMOKE_HOSTS,
  SMOKE_TIMEOUT_SECONDS,
} from './inputs/limits.js';
import { parseMetricDefinitions } from './inputs/metric-definitions.js';
import { parseList } from './inputs/parse-list.js';
import { formOf, parseMap } from './inputs/parse-map.js';
import { dockerfilesNear, type Found, filesIn, findPath, isInside, shown } from './inputs/paths.js';
import { Field, type InputProblem, Problems } from './inputs/problems.js';
import { parseBoolean, parseChoice, parseDuration, parseInteger, parseMemory } from './inputs/quantities.js';
import { readAws } from './inputs/read-aws.js';
import { readFollow } from './inputs/read-follow.js';
import { knownMetrics, readJob, readTrainingOverrides } from './inputs/read-job.js';
import { readPush } from './inputs/read-push.js';
import { expectedBeside, findSampleFolder, type SampleFolder } from './inputs/sample-folder.js';
import {
  type BuildPlan,
  type BuildSecret,
  type ImageSource,
  type InputMode,
  type Plan,
  type ReportPlan,
  type SamplePayload,
  type Severity,
  SMOKE_RUNS,
  type SmokeRun,
  type SmokeTestPlan,
  STAGES,
  type Stage,
  type TrainingPlan,
} from './plan.js';

export type { InputProblem } from './inputs/problems.js';

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
  report: ['summary', 'annotations', 'report-path'],
} as const;

type InputName = (typeof INPUTS)[keyof typeof INPUTS][number];
const NAMES: readonly InputName[] = Object.values(INPUTS).flat();

/** An image that is not built here brings no sample. */
const NO_SAMPLE: SampleFolder = { channels: new Map(), payloads: [] };

/** Gives an input by its name. */
type Inputs = (name: InputName) => Field;

/**
 * Reads all inputs at once and checks them as a whole: either the plan, or every mistake there is.
 *
 * @param env the process' environment: `INPUT_*`, `GITHUB_WORKSPACE`, `RUNNER_TEMP`, `GITHUB_ACTION`
 * @param checkIds ids of the smoke test's checks, for `smoke-severity`
 */
export function readPlan(
  env: NodeJS.ProcessEnv,
  checkIds: readonly string[],
): { readonly plan: Plan } | { readonly problems: readonly InputProblem[] } {
  const problems = new Problems();
  const inputs = fields(env, problems);
  rejectUnknown(env, problems);

  const workspace = readWorkspace(env, problems);
  const stages = readStages(inputs);
  const training = readTraining(inputs);
  const platform = readPlatform(inputs);
  const image = readImage(inputs, workspace, platform);
  const sample = image.kind === 'build' ? findSampleFolder(image.build.context) : NO_SAMPLE;
  const hyperparameters = readHyperparameters(inputs('hyperparameters'));
  const smokeTest = readSmokeTest(inputs, workspace, checkIds, sample, hyperparameters);
  const aws = readAws(inputs, env, problems, stages.includes('push') || stages.includes('train'));
  const push = readPush(inputs, aws.region, stages.includes('push'));
  const overrides = readTrainingOverrides(inputs('training-overrides'), workspace);
  const definitions = knownMetrics(inputs('metric-definitions'), training, overrides);
  const job = readJob(inputs, {
    stages,
    region: aws.region,
    platform,
    training,
    definitions,
    hyperparameters,
    overrides,
    env,
  });
  const follow = readFollow(inputs, definitions);
  const report = readReport(inputs, workspace, env);
  rejectIdle(inputs, stages);

  if (problems.found.length > 0) return { problems: problems.found };
  return {
    plan: {
      stages,
      workspace,
      image,
      training,
      smokeTest,
      aws,
      ...(push === undefined ? {} : { push }),
      ...(job === undefined ? {} : { job }),
      follow,
      report,
    },
  };
}

/**
 * The runner passes input `smoke-channels` as INPUT_SMOKE-CHANNELS (upper case, spaces as underscores), and one
 * that is not given as the empty string: the two cannot be told apart, so empty means not given.
 */
function fields(env: NodeJS.ProcessEnv, problems: Problems): Inputs {
  const secret: readonly InputName[] = ['build-secrets'];
  const map = new Map(
    NAMES.map((name) => {
      const text = (env[variableOf(name)] ?? '').replaceAll('\r\n', '\n');
      return [name, new Field(name, text, problems, secret.includes(name))];
    }),
  );
  return (name) => map.get(name) as Field;
}

const variableOf = (name: string): string => `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`;

/**
 * Unknown inputs. The runner hands a mistyped key of `with:` on like any other, and only warns; a pull request
 * would then be green without the sample data that `smoke-chanels` was meant to give. So it is an error.
 *
 * What else begins with INPUT_ here: on GitHub, an action written in Node gets its own inputs only, not those of
 * a composite action or workflow around it (the runner's Handler.AddInputsToEnvironment works on the step's own).
 * But variables of an `env:` block or of GITHUB_ENV land in the same dictionary, and act, Gitea and Forgejo give
 * the steps of a composite action that action's inputs as well. Nothing tells these from inputs, so they are
 * errors too: a false alarm says at once what to do, a lost input would say nothing. An empty variable is no
 * input, which is the way out: `env:` of the step empties it for this step alone.
 */
function rejectUnknown(env: NodeJS.ProcessEnv, problems: Problems): void {
  const known = new Set(NAMES.map(variableOf));
  for (const [variable, value] of Object.entries(env)) {
    if (!variable.startsWith('INPUT_') || known.has(variable) || !value) continue;
    const name = variable.slice('INPUT_'.length).toLowerCase();
    const close = didYouMean(name, NAMES);
    problems.add({
      input: name,
      // A mistyped `build-secrets` holds secrets too, and so may a variable that is no input at all.
      value: close === undefined || close.startsWith('build-secret') ? '***' : value,
      rule: 'This action has no input of this name.',
      fix: unknownFix(variable, close),
    });
  }
}

function unknownFix(variable: string, close: string | undefined): string {
  // With a dash and the look of one of ours it is nothing else; of any other, the way out is said too.
  if (close !== undefined && variable.includes('-')) return `Did you mean \`${close}\`?`;
  return (
    `${close === undefined ? 'Remove it from `with:`.' : `Did you mean \`${close}\`?`} If it does not come from ` +
    `\`with:\` (but from \`env:\`, or a composite action around this step), empty it here: \`env: { ${variable}: '' }\`.`
  );
}

function readWorkspace(env: NodeJS.ProcessEnv, problems: Problems): string {
  // Without GitHub around it, the current directory is the repository.
  const given = env['GITHUB_WORKSPACE'] || process.cwd();
  try {
    const real = realpathSync(given);
    if (statSync(real).isDirectory()) return real;
  } catch {
    // Reported below.
  }
  problems.add({
    input: 'GITHUB_WORKSPACE',
    value: given,
    rule: 'The workspace is not a folder that can be read.',
    fix: 'Check the repository out before this step: `- uses: actions/checkout@v4`.',
  });
  return resolve(given);
}

/** What is done when nothing is said: all that needs no AWS. */
const DEFAULT_STAGES: readonly Stage[] = ['build', 'smoke-test'];

function readStages(inputs: Inputs): readonly Stage[] {
  const field = inputs('stages');
  const uri = inputs('image-uri');
  if (!field.given) return DEFAULT_STAGES.filter((stage) => stage !== 'build' || !uri.given);

  const stages = new Set(readWords(field, STAGES, 'stage'));
  // What follows from a mistyped stage is not worth saying.
  if (stages.size === 0 || field.failed) return DEFAULT_STAGES;
  if (uri.given && stages.has('build')) {
    field.problem(
      'The stage `build` builds an image, but `image-uri` names one in its place.',
      'Remove `build` from `stages`, or remove `image-uri`.',
    );
  }
  if (!uri.given && !stages.has('build')) {
    field.problem(
      'There is no image: neither the stage `build` makes one, nor does `image-uri` name one.',
      'Add `build` to `stages`, or set `image-uri`.',
    );
  }
  // The order of a run is not for the workflow to choose.
  return STAGES.filter((stage) => stages.has(stage));
}

function readWords<Word extends string>(field: Field, words: readonly Word[], what: string): readonly Word[] {
  const found: Word[] = [];
  for (const item of parseList(field, { commas: true }).items) {
    const word = words.find((candidate) => candidate === item);
    if (word === undefined) {
      field.problem(
        `There is no ${what} of this name.`,
        `${suggestion(item, words)}Known: ${words.map((name) => `\`${name}\``).join(', ')}.`,
        item,
      );
    } else if (found.includes(word)) {
      field.problem(`The ${what} is named twice.`, 'Name it once.', item);
    } else {
      found.push(word);
    }
  }
  return found;
}

const PLATFORMS = ['linux/amd64', 'linux/arm64'] as const;

/** One platform: the one named, or the one that the named instance types have; they must agree. */
function readPlatform(inputs: Inputs): string {
  const field = inputs('platform');
  const named = field.given ? parseChoice(field, PLATFORMS, 'linux/amd64', suggestion) : undefined;

  const types = (
    [
      ['instance-type', 'training'],
      ['endpoint-instance-type', 'hosting'],
    ] as const
  ).flatMap(([name, use]) => {
    const type = parseInstanceType(inputs(name), use);
    return type === undefined ? [] : [{ field: inputs(name), type, platform: platformOf(type) }];
  });
  const [first, second] = types;
  if (named === undefined) {
    if (first && second && first.platform !== second.platform) {
      second.field.problem(
        `Needs an image for ${second.platform}, but \`${first.field.name}\` (${first.type}) one for ${first.platform}: one image cannot run on both.`,
        'Name types of the same architecture, or build two images, each with the one instance type that it is for.',
      );
    }
    return first?.platform ?? second?.platform ?? 'linux/amd64';
  }
  for (const type of types) {
    if (type.platform === named) continue;
    field.problem(
      `\`${type.field.name}\` (${type.type}) runs images for ${type.platform} only.`,
      `Remove \`platform\`, or name an instance type for ${named}.`,
    );
  }
  return named;
}

const BUILD_INPUTS = INPUTS.build.filter((name) => name !== 'image-uri' && name !== 'platform');

function readImage(inputs: Inputs, workspace: string, platform: string): ImageSource {
  const uri = inputs('image-uri');
  const build = (): ImageSource => ({ kind: 'build', build: readBuild(inputs, workspace, platform) });
  if (!uri.given) return build();

  for (const name of BUILD_INPUTS) {
    const field = inputs(name);
    // A reusable workflow hands its own boolean on, which is `false` when nobody asked for anything.
    if (!field.given || (name === 'pull' && /^false$/i.test(field.text.trim()))) continue;
    field.problem(
      'Is for building an image, but `image-uri` names one in place of a build.',
      `Remove \`${name}\`, or remove \`image-uri\`.`,
    );
  }
  return { kind: 'image', uri: readImageUri(uri), platform };
}

/** Docker's grammar of references: [host[:port]/]path[:tag][@digest], paths in lower case. */
const REFERENCE =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;
const IMAGE_ID = /^sha256:[0-9a-f]{64}$/;

function readImageUri(field: Field): string {
  const uri = field.text.trim();
  if (characters(uri) > IMAGE_URI.length) {
    field.problem(`An image's name has at most ${IMAGE_URI.length} characters.`, 'Shorten it.');
  } else if (/^[a-z]+:\/\//i.test(uri)) {
    field.problem(
      "Is a web address, not an image's name.",
      'Remove what comes before the host: `host/name:tag`.',
    );
  } else if (!REFERENCE.test(uri) && !IMAGE_ID.test(uri)) {
    field.problem(
      "Is not an image's name as Docker reads it: `[host/]name[:tag]` or `[host/]name@sha256:…`.",
      /[A-Z]/.test(uri.replace(/:[^/]*$/, ''))
        ? `Repository names are lower case: \`${uri.toLowerCase()}\`?`
        : 'Write for example `ghcr.io/org/model:1.4`.',
    );
  }
  return uri;
}

function readBuild(inputs: Inputs, workspace: string, platform: string): BuildPlan {
  const { context, dockerfile } = readContext(inputs, workspace);
  const target = inputs('target').text.trim();
  if (target !== '' && !/^(?:[A-Za-z][A-Za-z0-9_.-]*|\d+)$/.test(target)) {
    inputs('target').problem(
      'Is not the name of a build stage.',
      'Write the name behind `AS` in the Dockerfile, as in `FROM python:3.13 AS train`.',
    );
  }
  return {
    context,
    dockerfile,
    ...(target === '' ? {} : { target }),
    buildArgs: readNamed(
      inputs('build-args'),
      /^[^\s=]+$/,
      'A build argument',
      '`ARG` name in the Dockerfile',
    ),
    secrets: readSecrets(inputs, workspace),
    labels: readNamed(inputs('labels'), /^[^\s=]+$/, 'A label', 'name such as `team` or `org.example.team`'),
    platform,
    cacheFrom: parseList(inputs('cache-from')).items,
    cacheTo: parseList(inputs('cache-to')).items,
    pull: parseBoolean(inputs('pull'), false),
  };
}

function readContext(inputs: Inputs, workspace: string): { context: string; dockerfile: string } {
  const field = inputs('context');
  const given = field.given ? field.text.trim() : 'container';
  const context = findPath(field, workspace, given, { kind: 'folder', what: 'build context' });

  const file = inputs('dockerfile');
  if (file.given) {
    const named = file.text.trim();
    const below = join(given, named);
    const found = findPath(silent(), workspace, below, { kind: 'file', what: 'Dockerfile' });
    if (found && !entryExists(resolve(workspace, named))) {
      file.problem(
        'There is no such file: the path of the Dockerfile is relative to the workspace, not to the context.',
        `Set \`dockerfile: ${below}\`.`,
      );
      return { context: context?.path ?? '', dockerfile: '' };
    }
    const dockerfile = findPath(file, workspace, named, { kind: 'file', what: 'Dockerfile' });
    return { context: context?.path ?? '', dockerfile: dockerfile?.path ?? '' };
  }
  // Without a context, the Dockerfile's absence is the same mistake again.
  if (!context) return { context: '', dockerfile: '' };

  const path = join(given, 'Dockerfile');
  const dockerfile = findPath(silent(), workspace, path, { kind: 'file', what: 'Dockerfile' });
  if (dockerfile) return { context: context.path, dockerfile: dockerfile.path };
  if (entryExists(join(context.path, 'Dockerfile'))) {
    // It is there, but a broken link, a folder, or unreadable: say which.
    findPath(file, workspace, path, { kind: 'file', what: 'Dockerfile' });
  } else {
    const near = dockerfilesNear(workspace, context.path);
    const fix =
      near[0] === undefined
        ? 'Add one, or set `context` to the folder that holds it.'
        : `Found ${near.map((name) => `./${name}`).join(', ')}: set \`dockerfile: ${near[0]}\`, or \`context\` to its folder.`;
    file.problem(`There is no Dockerfile in the build context \`${given}\`.`, fix, path);
  }
  return { context: context.path, dockerfile: '' };
}

/** A field whose mistakes go nowhere: to look something up. */
const silent = (text = ''): Field => new Field('', text, new Problems());

/** A map whose keys must match; nothing is said of its values. */
function readNamed(field: Field, pattern: RegExp, what: string, kind: string): ReadonlyMap<string, string> {
  const map = parseMap(field);
  for (const key of map.keys()) {
    if (!pattern.test(key))
      field.problem(`${what} cannot have this name.`, `Write a ${kind}, without spaces.`, key);
  }
  return map;
}

const SECRET_ID = /^[A-Za-z0-9_.-]{1,64}$/;

function readSecrets(inputs: Inputs, workspace: string): ReadonlyMap<string, BuildSecret> {
  const secrets = new Map<string, BuildSecret>();
  const values = inputs('build-secrets');
  let entry = 0;
  for (const [id, value] of parseMap(values)) {
    entry += 1;
    // Not even the id is shown: where a secret of several lines was torn apart, it is a piece of the secret.
    if (SECRET_ID.test(id)) secrets.set(id, { kind: 'value', value });
    else {
      values.problem(
        `Entry ${entry}: the id of a secret has 1 to 64 letters, digits, \`_\`, \`.\` or \`-\`.`,
        'Write `id=value`, with the id of `RUN --mount=type=secret,id=…`. A secret of several lines goes into ' +
          '`build-secret-files`, or into the JSON form with `toJSON`.',
      );
    }
  }
  const files = inputs('build-secret-files');
  for (const [id, given] of parseMap(files, { trim: true })) {
    if (!SECRET_ID.test(id)) {
      files.problem(
        'The id of a secret has 1 to 64 letters, digits, `_`, `.` or `-`.',
        'Write `id=path`, with the id of `RUN --mount=type=secret,id=…`.',
        id,
      );
      continue;
    }
    if (secrets.has(id)) {
      files.problem('The secret is given in `build-secrets` too.', 'Keep one of the two.', id);
      continue;
    }
    const what = `file of secret \`${id}\``;
    const file = findPath(files, workspace, given, { kind: 'file', what, outsideIfAbsolute: true });
    if (file) secrets.set(id, { kind: 'file', path: file.path });
  }
  return secrets;
}

function readTraining(inputs: Inputs): TrainingPlan {
  const entrypoint = readCommand(inputs('entrypoint'), true);
  const args = readCommand(inputs('arguments'), false);
  // What is wrong with the type is said where the platform is decided.
  const type = inputs('instance-type').text.trim();
  return {
    instanceType: type === '' ? 'ml.m5.xlarge' : type,
    inputMode: parseChoice<InputMode>(inputs('input-mode'), ['File', 'FastFile', 'Pipe'], 'File', suggestion),
    ...(entrypoint === undefined ? {} : { entrypoint }),
    ...(args === undefined ? {} : { arguments: args }),
    environment: readEnvironment(inputs('environment')),
    metricDefinitions: parseMetricDefinitions(inputs('metric-definitions')),
    networkIsolation: parseBoolean(inputs('network-isolation'), false),
    toolkitEnvironment: parseBoolean(inputs('toolkit-environment'), false),
  };
}

function readCommand(field: Field, isProgram: boolean): readonly string[] | undefined {
  if (!field.given) return undefined;
  const { items, form } = parseList(field);
  if (items.length === 0 || items.length > COMMAND.items) {
    field.problem(
      `SageMaker takes 1 to ${COMMAND.items} words; these are ${items.length}.`,
      'Write one word a line.',
      '',
    );
  }
  for (const [index, item] of items.entries()) {
    if (characters(item) > COMMAND.item) {
      field.problem(`A word has at most ${COMMAND.item} characters.`, 'Move long values into a file.', item);
    }
    // No shell splits these words: `--epochs 3` in one line would reach the program as one argument. In a YAML
    // list the writer put the limits of a word himself.
    const looksUnsplit = isProgram && index === 0 ? /\S\s+\S/ : /^--?[A-Za-z][\w-]*\s+\S/;
    if (form === 'lines' && looksUnsplit.test(item)) {
      const words = item.split(/\s+/).map((word) => JSON.stringify(word));
      field.problem(
        'Are several words in one line; they would reach the container as a single one.',
        `Write one word a line, or a list: \`[${words.join(', ')}]\`. If it is one word, put it into such a list.`,
        item,
      );
    }
  }
  return items;
}

function readEnvironment(field: Field): ReadonlyMap<string, string> {
  const map = parseMap(field);
  limitEntries(field, map, ENVIRONMENT.entries, 'environment variables');
  for (const [key, value] of map) {
    if (!ENVIRONMENT.keyPattern.test(key)) {
      field.problem(
        'The name of a variable has letters, digits and `_`, and does not begin with a digit.',
        'Rename it.',
        key,
      );
    }
    limitLength(field, key, key, ENVIRONMENT.key, 'The name of a variable');
    limitLength(field, key, value, ENVIRONMENT.value, 'The value of a variable');
  }
  return map;
}

function readHyperparameters(field: Field): ReadonlyMap<string, string> {
  const map = parseMap(field, { nested: true });
  limitEntries(field, map, HYPERPARAMETERS.entries, 'hyperparameters');
  for (const [key, value] of map) {
    limitLength(field, key, key, HYPERPARAMETERS.key, 'The name of a hyperparameter');
    limitLength(field, key, value, HYPERPARAMETERS.value, 'The value of a hyperparameter');
  }
  return map;
}

function limitEntries(field: Field, map: ReadonlyMap<string, unknown>, most: number, what: string): void {
  if (map.size <= most) return;
  field.problem(`SageMaker takes at most ${most} ${what}; these are ${map.size}.`, 'Remove some.', '');
}

function limitLength(field: Field, key: string, text: string, most: number, what: string): void {
  const length = characters(text);
  if (length <= most) return;
  field.problem(
    `${what} has at most ${most} characters in SageMaker; this one has ${length}.`,
    'Shorten it, or move it into a file of a channel.',
    key,
  );
}

function readSmokeTest(
  inputs: Inputs,
  workspace: string,
  checkIds: readonly string[],
  sample: SampleFolder,
  hyperparameters: ReadonlyMap<string, string>,
): SmokeTestPlan {
  const model = readModel(inputs('smoke-model'), workspace);
  const memoryBytes = parseMemory(inputs('smoke-memory'));
  return {
    runs: readRuns(inputs('smoke-runs')),
    channels: readChannels(inputs('smoke-channels'), workspace, sample),
    hyperparameters: inputs('smoke-hyperparameters').given
      ? readHyperparameters(inputs('smoke-hyperparameters'))
      : hyperparameters,
    ...(model === undefined ? {} : { model }),
    payloads: readPayloads(inputs, workspace, sample),
    hosts: parseInteger(inputs('smoke-hosts'), SMOKE_HOSTS, 1),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    timeoutSeconds: parseDuration(inputs('smoke-timeout'), SMOKE_TIMEOUT_SECONDS, 600),
    severities: readSeverities(inputs('smoke-severity'), checkIds),
  };
}

function readRuns(field: Field): 'auto' | readonly SmokeRun[] {
  if (!field.given || field.text.trim() === 'auto') return 'auto';
  const words = readWords(field, ['auto', ...SMOKE_RUNS], 'run');
  if (words.includes('auto') && words.length > 1) {
    field.problem('`auto` stands alone: it chooses the runs.', 'Name the runs, or `auto` only.');
  }
  const runs = SMOKE_RUNS.filter((run) => words.includes(run));
  return runs.length > 0 ? runs : 'auto';
}

function readChannels(field: Field, workspace: string, sample: SampleFolder): ReadonlyMap<string, string> {
  const channels = new Map<string, string>();
  const map = field.given ? parseMap(field, { trim: true }) : inWorkspace(workspace, sample.channels);
  if (map.size > CHANNELS.entries) {
    field.problem(
      `SageMaker takes at most ${CHANNELS.entries} channels; these are ${map.size}.`,
      'Remove some.',
      '',
    );
  }
  for (const [name, given] of map) {
    if (!CHANNELS.namePattern.test(name) || name.length > CHANNELS.name) {
      field.problem(
        `The name of a channel has 1 to ${CHANNELS.name} letters, digits, \`.\`, \`_\` or \`-\`.`,
        'Rename it: `train=path`.',
        name,
      );
      continue;
    }
    const what = `sample data of channel \`${name}\``;
    const found = findFilled(field, workspace, given, what);
    if (found) channels.set(name, found.path);
  }
  return channels;
}

/** What stands in the sample folder is checked like what an input names, so it is named the same way. */
const inWorkspace = (workspace: string, paths: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map([...paths].map(([name, path]) => [name, relative(workspace, path)]));

/** A file, or a folder with at least one file in it, of which each could be copied. */
function findFilled(field: Field, workspace: string, given: string, what: string): Found | undefined {
  const found = findPath(field, workspace, given, { kind: 'any', what });
  if (found?.kind !== 'folder') return found;
  let mistakes = 0;
  const counting = new Problems();
  const probe = new Field(field.name, '', counting);
  const files = filesIn(probe, workspace, found, what);
  for (const { rule, fix, value } of counting.found) {
    field.problem(rule, fix, value);
    mistakes += 1;
  }
  if (files.length > 0 || mistakes > 0) return found;
  return field.problem(
    `The ${what} is an empty folder.`,
    'Put a sample file into it. Git keeps no empty folders, and files that it ignores are not there after a checkout.',
    given,
  );
}

const readModel = (field: Field, workspace: string): string | undefined =>
  field.given ? findFilled(field, workspace, field.text.trim(), 'model')?.path : undefined;

function readPayloads(inputs: Inputs, workspace: string, sample: SampleFolder): readonly SamplePayload[] {
  const field = inputs('smoke-payload');
  const contentType = readHeader(inputs('smoke-content-type'), true);
  const accept = readHeader(inputs('smoke-accept'), false);
  const given = field.given
    ? parseList(field).items
    : sample.payloads.map((path) => relative(workspace, path));
  const files = findPayloads(field, workspace, given);
  for (const name of ['smoke-content-type', 'smoke-accept', 'smoke-expect'] as const) {
    if (inputs(name).given && given.length === 0) {
      inputs(name).problem('Is about sample requests, but there are none.', 'Set `smoke-payload` too.');
    }
  }
  const expectations =
    inputs('smoke-expect').given || field.given
      ? readExpectations(inputs('smoke-expect'), files)
      : ({ path }: Found) => expectedBeside(path);
  return files.map((file) => {
    const expect = expectations(file);
    return {
      path: file.path,
      contentType: contentType ?? contentTypeOf(file.given),
      ...(accept === undefined ? {} : { accept }),
      ...(expect === undefined ? {} : { expect }),
    };
  });
}

function findPayloads(field: Field, workspace: string, paths: readonly string[]): readonly Found[] {
  const payloads: Found[] = [];
  const add = (found: Found): void => {
    if (found.bytes > INVOKE_ENDPOINT.bodyBytes) {
      field.problem(
        `The request has ${found.bytes} bytes; InvokeEndpoint takes at most ${INVOKE_ENDPOINT.bodyBytes}.`,
        'Send a smaller sample.',
        found.given,
      );
    } else if (payloads.some(({ path }) => path === found.path)) {
      field.problem('The request is named twice.', 'Name it once.', found.given);
    } else {
      payloads.push(found);
    }
  };
  for (const given of paths) {
    const what = 'sample request';
    const found = findPath(field, workspace, given, { kind: 'any', what });
    if (found?.kind === 'file') add(found);
    if (found?.kind !== 'folder') continue;
    // Hidden files (.gitkeep, .DS_Store) are nobody's sample request.
    const names = filesIn(field, workspace, found, what).filter((name) => !/(?:^|\/)\./.test(name));
    if (names.length === 0) {
      field.problem('The folder holds no sample request.', 'Put a file into it, or remove it here.', given);
    }
    for (const name of names) {
      const path = realpathSync(join(found.path, name));
      add({ path, kind: 'file', given: join(given, name), bytes: statSync(path).size });
    }
  }
  return payloads;
}

/** A media type, or for `Accept` a list of them: printable ASCII, so that it can be a header's value. */
function readHeader(field: Field, single: boolean): string | undefined {
  if (!field.given) return undefined;
  const text = field.text.trim();
  const isType = single ? /^[\w.+-]+\/[\w.+-]+\s*(?:;.*)?$/ : /^[\w.+*-]+\/[\w.+*-]+/;
  if (!/^[\x20-\x7e]+$/.test(text) || text.length > INVOKE_ENDPOINT.header || !isType.test(text)) {
    field.problem(
      `Is not a media type of at most ${INVOKE_ENDPOINT.header} ASCII characters.`,
      'Write for example `application/json`.',
    );
  }
  return text;
}

/**
 * What the answers must hold. One text for all, or, when its form is that of a map and a key names a payload, a
 * map: JSON that is expected of every answer, such as `{"predictions": [0]}`, names none.
 */
function readExpectations(field: Field, payloads: readonly Found[]): (payload: Found) => string | undefined {
  if (!field.given) return () => undefined;
  const everywhere = field.text.trim();
  const form = formOf(field.text);
  if (form !== 'lines' && form !== 'yaml') return () => everywhere;

  const named = (key: string): Found | undefined =>
    payloads.find(({ given }) => given === key) ?? payloads.find(({ given }) => basename(given) === key);
  const names = payloads.flatMap(({ given }) => [given, basename(given)]);
  const keys = [...parseMap(silent(field.text), { nested: true }).keys()];
  // A mistyped file name is a mistake, not a text; file names have a dot, words of an answer seldom do.
  const isFor = (key: string): boolean =>
    named(key) !== undefined || (key.includes('.') && didYouMean(key, names) !== undefined);
  if (!keys.some(isFor)) return () => everywhere;

  const expected = new Map<string, string>();
  for (const [key, text] of parseMap(field, { nested: true })) {
    const payload = named(key);
    if (payload) expected.set(payload.path, text);
    else {
      field.problem(
        'Names no sample request.',
        `${suggestion(key, names)}Name one of \`smoke-payload\`, by path or file name.`,
        key,
      );
    }
  }
  return ({ path }) => expected.get(path);
}

function readSeverities(field: Field, checkIds: readonly string[]): ReadonlyMap<string, Severity | 'off'> {
  const severities = new Map<string, Severity | 'off'>();
  const words = ['error', 'warning', 'off'] as const;
  for (const [id, text] of parseMap(field, { trim: true })) {
    const severity = words.find((word) => word === text);
    if (!checkIds.includes(id)) {
      field.problem(
        'There is no check of this id.',
        `${suggestion(id, checkIds)}The ids are in docs/checks/README.md.`,
        id,
      );
    } else if (severity === undefined) {
      field.problem(
        'A severity is `error`, `warning` or `off`.',
        `${suggestion(text, words)}Write \`${id}=warning\`, for example.`,
        `${id}=${text}`,
      );
    } else {
      severities.set(id, severity);
    }
  }
  return severities;
}

function readReport(inputs: Inputs, workspace: string, env: NodeJS.ProcessEnv): ReportPlan {
  return {
    summary: parseBoolean(inputs('summary'), true),
    annotations: parseBoolean(inputs('annotations'), true),
    path: readReportPath(inputs('report-path'), workspace, env),
  };
}

/** A folder that is there or can be made. A relative path stays in the workspace, also through links. */
function readReportPath(field: Field, workspace: string, env: NodeJS.ProcessEnv): string {
  if (!field.given) {
    // GITHUB_ACTION is unique for each step of a job: two uses of this action keep their own reports.
    const step = (env['GITHUB_ACTION'] ?? '').replace(/[^\w.-]+/g, '_') || 'report';
    return join(env['RUNNER_TEMP'] || tmpdir(), 'sagemaker-byoc', step.replace(/^\.+/, '_'));
  }
  const given = field.text.trim();
  const path = resolve(workspace, given);
  let parent = path;
  while (!entryExists(parent) && dirname(parent) !== parent) parent = dirname(parent);
  try {
    if (given.includes('\0') || !statSync(parent).isDirectory()) throw new Error('not a folder');
    accessSync(parent, constants.W_OK | constants.X_OK);
  } catch {
    field.problem(
      `Is not a folder that can be made or written: ${shown(workspace, parent)} is in the way.`,
      'Name a folder, such as `reports`, in a place where the user that runs this step may write.',
    );
    return path;
  }
  const leaves = !isInside(workspace, path) || !isInside(workspace, realpathSync(parent));
  if (!given.startsWith('/') && leaves) {
    field.problem(
      `Lies outside of the workspace (${workspace}).`,
      'Name a folder in the workspace, or write the path in full when the place outside is meant.',
    );
  }
  return path;
}

/** Whether there is something of this name, be it a link to nothing. */
function entryExists(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

/** Inputs for a stage that does not run: what they ask for would silently not happen. */
function rejectIdle(inputs: Inputs, stages: readonly Stage[]): void {
  if (stages.includes('smoke-test')) return;
  for (const name of INPUTS['smoke test']) {
    if (!inputs(name).given) continue;
    inputs(name).problem(
      'Is about the smoke test, but `stages` does not name it.',
      'Add `smoke-test` to `stages`, or remove this input.',
    );
  }
}
