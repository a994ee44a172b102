#!/usr/bin/env node
/**
 * Shows how often the integration and end-to-end tests have given each stage and input to the action, run as a runner
 * runs it, and how often it has set each output:
 *
 *   node script/used-inputs.mjs     after script/test integration end-to-end     (npm run check:usage, CI)
 *
 * The table is in .tools/test/used.md, too. Exit code 1, with a line for each, when something of action.yml was never
 * used. `--root FOLDER` takes action.yml and what the tests have written down from there.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { readActionFile } from './lib/action-file.mjs';
import { table } from './lib/markdown.mjs';

const {
  values: { root },
} = parseArgs({ options: { root: { type: 'string', default: resolve(import.meta.dirname, '..') } } });
const folder = join(root, '.tools', 'test', 'used');
const projects = existsSync(folder) ? readdirSync(folder).sort() : [];
if (projects.length === 0) {
  console.error('No test has written down what it used. Run: script/test integration end-to-end');
  process.exit(1);
}

const source = readFileSync(join(root, 'action.yml'), 'utf8');
const action = readActionFile(source);
const [stages] = action.inputs.filter(({ name }) => name === 'stages').map(({ text }) => text.split('. ')[0]);
const names = {
  stages: [...stages.matchAll(/`([a-z-]+)`/g)].map(([, name]) => name),
  inputs: action.inputs.map(({ name }) => name),
  outputs: action.outputs.map(({ name }) => name),
};
const runs = Object.fromEntries(
  projects.map((project) => [
    project,
    readFileSync(join(folder, project, 'used.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ]),
);

/** A run's inputs and stages, and its outputs, are a line each. */
const timesUsed = (project, kind, name) => runs[project].filter((run) => run[kind]?.includes(name)).length;

const parts = [];
const never = [];
for (const [kind, all] of Object.entries(names)) {
  const rows = all.map((name) => {
    const counts = projects.map((project) => timesUsed(project, kind, name));
    if (counts.every((count) => count === 0)) never.push(`${kind.slice(0, -1)} ${name}`);
    return [`\`${name}\``, ...counts.map(String)];
  });
  parts.push(table([kind.slice(0, -1), ...projects], rows));
}
const page = `# Runs of the action in which each stage, input and output was used\n\n${parts.join('\n\n')}\n`;
writeFileSync(join(root, '.tools', 'test', 'used.md'), page);
console.log(page);
if (never.length > 0) {
  for (const name of never) console.error(`never used: ${name}`);
  console.error(`${never.length} of ${Object.values(names).flat().length} were never used in a run.`);
  console.error(
    'Fix: give them to the action in a test that runs it (CONTRIBUTING.md), and run script/test again.',
  );
  process.exit(1);
}
