#!/usr/bin/env node
/**
 * Checks every YAML example of the documentation with actionlint: whole workflows, and parts of one, which get what a
 * reader would put around them. This repository's action and workflows are looked up here, so that an input, a secret
 * or an output that does not exist is found too.
 *
 *   node script/lint-docs.mjs      exit code 1 and a line for each finding     (script/lint-workflows)
 *
 * An example that is followed by a block of `text` shows a mistake: docs/inputs.md, which a unit test reads.
 * `--root FOLDER` takes action.yml, the workflows and the pages from there.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: { root: { type: 'string', default: resolve(import.meta.dirname, '..') } },
});

/** Folders whose pages are no documentation of this repository. */
const NO_PAGES = /(?:^|\/)(?:node_modules|\.git|\.tools|dist|test)(?:\/|$)/;
const BLOCK = /^( *)(`{3,})ya?ml\n([\s\S]*?)^\1\2$/gm;

const RUNNER = '    runs-on: ubuntu-latest';
const JOB = ['on: push', 'jobs:', '  example:'];
const ANY_STEP = ['    steps:', '      - run: "true"'];
const STEP = [...JOB, RUNNER, '    steps:', '      - uses: ./'];
/** What a part of a workflow stands in, by how it begins; and how deep it is in there. */
const AROUND = [
  { begins: /^jobs:/, lines: ['on: push'], indent: 0 },
  { begins: /^- /, lines: [...JOB, RUNNER, '    steps:'], indent: 6 },
  { begins: /^(?:permissions|runs-on):/, lines: JOB, indent: 4 },
  { begins: /^(?:with|env):/, lines: STEP, indent: 8 },
  { begins: /^[a-z-]+:/, lines: [...STEP, '        with:'], indent: 10 },
];

const folder = mkdtempSync(join(tmpdir(), 'lint-docs-'));
try {
  const workflows = join(folder, '.github', 'workflows');
  mkdirSync(join(folder, '.git'));
  cpSync(join(options.root, '.github'), join(folder, '.github'), { recursive: true });
  cpSync(join(options.root, 'action.yml'), join(folder, 'action.yml'));
  // Looked for, and not read.
  mkdirSync(join(folder, 'dist'));
  for (const name of ['index.js', 'post.js']) writeFileSync(join(folder, 'dist', name), '');
  const places = new Map();
  for (const page of pages(options.root)) {
    for (const { line, text } of examples(readFileSync(join(options.root, page), 'utf8'))) {
      const file = join(workflows, `example-${places.size + 1}.yml`);
      writeFileSync(file, text);
      places.set(file, { page, line });
    }
  }
  if (places.size === 0) throw new Error('the documentation has no example in YAML');
  const run = spawnSync('actionlint', ['-format', '{{json .}}', ...places.keys()], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (run.error !== undefined) throw run.error;
  if (run.status > 1) throw new Error(`actionlint: ${run.stderr}`);
  const findings = JSON.parse(run.stdout);
  for (const { filepath, line, message, kind } of findings) {
    const place = places.get(resolve(folder, filepath));
    console.error(`${place.page}:${Math.max(line, place.line)}: ${message} [${kind}]`);
  }
  if (findings.length > 0) process.exitCode = 1;
  else console.log(`actionlint: no findings in ${places.size} examples of the documentation.`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function pages(root) {
  return readdirSync(root, { recursive: true })
    .filter((path) => path.endsWith('.md') && !NO_PAGES.test(path))
    .sort();
}

/** Each example as a workflow, its lines where they are on the page as far as there is room. */
function examples(page) {
  return [...page.matchAll(BLOCK)].flatMap((match) => {
    const line = page.slice(0, match.index).split('\n').length + 1;
    if (/^\s+`{3,}text\n/.test(page.slice(match.index + match[0].length))) return [];
    const text = whole(match[3]);
    const around =
      /^on:/m.test(text) && /^jobs:/m.test(text)
        ? { lines: [], indent: 0 }
        : AROUND.find(({ begins }) => begins.test(text.replace(/^(?:#.*)?\n/gm, '')));
    if (around === undefined) throw new Error(`line ${line}: an example that is no part of a workflow`);
    const { lines, indent } = around;
    const after =
      lines === JOB
        ? [...(/^runs-on:/m.test(text) ? [] : [RUNNER]), ...(/^steps:/m.test(text) ? [] : ANY_STEP)]
        : [];
    const body = text.replace(/^(?=.)/gm, ' '.repeat(indent));
    const room = '\n'.repeat(Math.max(0, line - 1 - lines.length));
    return [{ line, text: `${room}${[...lines, body.trimEnd(), ...after].join('\n')}\n` }];
  });
}

/** Without the indentation of the page, and with this repository where GitHub would look for it. */
function whole(text) {
  const indent = Math.min(...[...text.matchAll(/^( *)\S/gm)].map(([, blanks]) => blanks.length));
  return text
    .replace(new RegExp(`^ {${indent}}`, 'gm'), '')
    .replace(/uses: org\/sagemaker-byoc@v1/g, 'uses: ./')
    .replace(/uses: org\/sagemaker-byoc(\/\.github\/workflows\/[\w-]+\.yml)@v1/g, 'uses: .$1');
}
