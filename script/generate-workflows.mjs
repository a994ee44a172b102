#!/usr/bin/env node
/**
 * Writes what the reusable workflows have in common with action.yml, from action.yml:
 *
 *   node script/generate-workflows.mjs            writes it                         (npm run workflows)
 *   node script/generate-workflows.mjs --check    names what is stale, exit code 1  (npm run check:workflows, CI)
 *
 * In .github/workflows/ these are the parts between a line `# begin inputs` (or `outputs`, `job-outputs`, `with`)
 * and the line `# end` after it. `--root FOLDER` takes action.yml and the workflows from there, and writes there.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readActionFile } from './lib/action-file.mjs';

const { values: options } = parseArgs({
  options: {
    check: { type: 'boolean', default: false },
    root: { type: 'string', default: resolve(import.meta.dirname, '..') },
  },
});
const action = readActionFile(readFileSync(join(options.root, 'action.yml'), 'utf8'));
const ofGroups = (...groups) => {
  for (const group of groups) {
    if (!action.inputs.some((input) => input.group === group))
      throw new Error(`no input is of the group ${group}`);
  }
  return action.inputs.filter(({ group }) => groups.includes(group)).map(({ name }) => name);
};

/** Of the training job and of the endpoint: what its container is given, which the smoke test gives it too. */
const OF_THE_CONTAINER = [
  'instance-type',
  'instance-count',
  'input-mode',
  'hyperparameters',
  'entrypoint',
  'arguments',
  'environment',
  'toolkit-environment',
  'metric-definitions',
  'network-isolation',
  'endpoint-instance-type',
  'endpoint-environment',
];
/** They are `secrets:` of a reusable workflow. */
const SECRETS = ['build-secrets', 'github-token'];
/** Other inputs of the workflow say them. */
const SAID_OTHERWISE = { 'comment-key': 'inputs.job-name' };
/** A file of a job that is over is of no use to the next one; what holds an account id may never reach it. */
const OF_NO_USE_LATER = [
  'report-path',
  'junit-path',
  'image-uri',
  'training-job-arn',
  'model-package-arn',
  'endpoint-arn',
  'metrics-report',
];
const ALWAYS = ['outcome', 'failure-class', 'failure-reason'];
const OF_THE_SMOKE_TEST = [...ALWAYS, 'image-id', 'failed-checks', 'warnings', 'skipped-checks', 'metrics'];
const OF_THE_ENDPOINT = [
  'endpoint-name',
  'endpoint-status',
  'endpoint-action',
  'endpoint-config-name',
  'endpoint-url',
];

const WORKFLOWS = {
  // Nothing of AWS can be asked for here, whatever the caller writes.
  'pull-request.yml': {
    inputs: [...ofGroups('Build', 'Smoke test', 'Report'), ...OF_THE_CONTAINER],
    without: ['baseline-ref', 'report-path'],
    outputs: OF_THE_SMOKE_TEST,
  },
  'train.yml': {
    inputs: [
      ...ofGroups('Run', 'Build', 'Push', 'Train', 'Wait', 'Register', 'Smoke test', 'Report'),
      ...OF_THE_CONTAINER,
      'model-artifacts',
    ],
    without: ['report-path'],
    defaults: { stages: 'build, smoke-test, push, train' },
    outputs: action.outputs
      .map(({ name }) => name)
      .filter((name) => !OF_NO_USE_LATER.includes(name) && !/^endpoint-|^model-name$|^removed$/.test(name)),
  },
  'deploy.yml': {
    inputs: [
      ...ofGroups('Run', 'Register', 'Deploy', 'Shift, undeploy and clean-up', 'Report'),
      'image-uri',
      'platform',
      'repository',
      'training-job-name',
      'environment',
      'subnets',
      'security-group-ids',
      'network-isolation',
      'kms-key-id',
    ],
    // The job itself is in the GitHub environment, which shows the deployment.
    without: ['github-environment', 'baseline-ref', 'report-path'],
    defaults: { stages: 'deploy' },
    outputs: [
      ...ALWAYS,
      'model-package-version',
      'model-package-group',
      'approval-status',
      ...OF_THE_ENDPOINT,
      'model-name',
      'removed',
    ],
  },
};

const stale = [];
for (const [file, workflow] of Object.entries(WORKFLOWS)) {
  const path = join(options.root, '.github', 'workflows', file);
  const before = readFileSync(path, 'utf8');
  const after = Object.entries(partsOf(workflow)).reduce(
    (text, [name, lines]) => between(text, name, lines, file),
    before,
  );
  if (after === before) continue;
  stale.push(file);
  if (!options.check) writeFileSync(path, after);
}
if (options.check && stale.length > 0) {
  for (const file of stale) console.error(`.github/workflows/${file} is stale: action.yml says otherwise.`);
  console.error('Fix: run `npm run workflows`, and commit what it changed.');
  process.exit(1);
}
console.log(
  options.check ? 'The reusable workflows have what action.yml has.' : `${stale.length} workflows changed.`,
);

/** In the order of action.yml. */
function partsOf({ inputs: wanted, without, defaults = {}, outputs: wantedOutputs }) {
  const known = new Set(action.inputs.map(({ name }) => name));
  for (const name of [...wanted, ...without])
    if (!known.has(name)) throw new Error(`action.yml has no input ${name}`);
  const inputs = action.inputs.filter(({ name }) => wanted.includes(name) && !without.includes(name));
  const outputs = wantedOutputs.map((name) => {
    const output = action.outputs.find((each) => each.name === name);
    if (output === undefined) throw new Error(`action.yml has no output ${name}`);
    return output;
  });
  return {
    inputs: inputs
      .filter(({ name }) => !SECRETS.includes(name) && !(name in SAID_OTHERWISE))
      .flatMap((input) => [
        `${input.name}:`,
        `  description: ${description(input, defaults[input.name])}`,
        '  type: string',
        ...(defaults[input.name] === undefined ? [] : [`  default: ${defaults[input.name]}`]),
      ]),
    with: inputs.map(({ name }) => `${name}: \${{ ${sourceOf(name)} }}`),
    outputs: outputs.flatMap(({ name, text }) => [
      `${name}:`,
      `  description: ${JSON.stringify(text)}`,
      `  value: \${{ jobs.byoc.outputs.${name} }}`,
    ]),
    'job-outputs': outputs.map(({ name }) => `${name}: \${{ steps.byoc.outputs.${name} }}`),
  };
}

function sourceOf(name) {
  // A fork's pull request has no secrets: with the job's own token the action can say that it may only read.
  if (name === 'github-token') return 'secrets.github-token || github.token';
  if (name in SAID_OTHERWISE) return SAID_OTHERWISE[name];
  return `${SECRETS.includes(name) ? 'secrets' : 'inputs'}.${name}`;
}

function description({ text, fallback }, own) {
  if (own !== undefined || fallback === undefined) return JSON.stringify(text);
  return JSON.stringify(`${text} Default: ${fallback}.`);
}

/** Puts the lines between the markers, as deep as the first marker. */
function between(text, name, lines, file) {
  const part = new RegExp(`^( *)# begin ${name}: .*\n(?:.*\n)*?\\1# end\n`, 'm').exec(text);
  if (part === null) throw new Error(`${file} has no part "# begin ${name}: …" to "# end"`);
  const [whole, indent] = part;
  const first = whole.slice(0, whole.indexOf('\n') + 1);
  const body = lines.map((line) => `${indent}${line}\n`).join('');
  return text.replace(whole, () => `${first}${body}${indent}# end\n`);
}
