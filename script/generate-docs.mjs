#!/usr/bin/env node
/**
 * Writes the parts of the documentation that say the same as the code, from the code:
 *
 *   node script/generate-docs.mjs            writes them                        (npm run docs)
 *   node script/generate-docs.mjs --check    names what is stale, exit code 1   (npm run check:docs, CI)
 *
 * docs/checks/ from src/contract/checks/, docs/failures.md from src/diagnosis/, and the tables of inputs and
 * outputs between their markers in README.md from action.yml. `--root FOLDER` takes action.yml and README.md
 * from there, and writes there.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { readActionFile } from './lib/action-file.mjs';
import { cell, generatedFrom, prose, table } from './lib/markdown.mjs';

const REPOSITORY = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const { values: options } = parseArgs({
  options: { check: { type: 'boolean', default: false }, root: { type: 'string', default: REPOSITORY } },
});
const root = resolve(options.root);

// Node reads TypeScript itself; only the `.js` of the imports has to become `.ts` again.
registerHooks({
  resolve: (specifier, context, next) =>
    next(
      context.parentURL?.endsWith('.ts') && /^\.\.?\//.test(specifier)
        ? specifier.replace(/\.js$/, '.ts')
        : specifier,
      context,
    ),
});
const { CHECKS } = await import('../src/contract/checks/index.ts');
const { describeCatalogue } = await import('../src/diagnosis/catalogue.ts');
const { OTHER_CLASSES } = await import('../src/report/failure-class.ts');

const readme = readFileSync(join(root, 'README.md'), 'utf8');
const action = readActionFile(readFileSync(join(root, 'action.yml'), 'utf8'));

/** Path relative to the root → content. */
const files = new Map([
  ['docs/checks/README.md', checksPage()],
  ...CHECKS.map((check) => [`docs/checks/${check.id}.md`, checkPage(check)]),
  ['docs/failures.md', failuresPage()],
  ['README.md', between(between(readme, 'inputs', inputsTables()), 'outputs', outputsTable())],
]);
const gone = pagesOfNoCheck();

if (options.check) {
  const stale = [...files].filter(([path, content]) => read(path) !== content).map(([path]) => path);
  if (stale.length + gone.length > 0) {
    for (const path of stale) {
      console.error(`${path} is stale: it does not say what the code says.`);
    }
    for (const path of gone) {
      console.error(`${path} is about a check that does not exist.`);
    }
    console.error('Fix: run `npm run docs`, and commit what it changed.');
    process.exit(1);
  }
  console.log(`The generated documentation is up to date (${files.size} files).`);
} else {
  for (const path of gone) {
    rmSync(join(root, path));
  }
  let changed = 0;
  for (const [path, content] of files) {
    if (read(path) !== content) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), content);
      changed += 1;
    }
  }
  console.log(`${files.size} files, ${changed} changed, ${gone.length} removed.`);
}

function checksPage() {
  const groups = [
    ['image', 'The image', 'What `docker image inspect` and the image’s files say. Nothing is run for them.'],
    ['training', 'Training', 'The container is run as a training job: `docker run <image> train`.'],
    ['hosting', 'Hosting', 'The container is run as an endpoint’s instance: `docker run <image> serve`.'],
  ];
  return page('src/contract/checks/', [
    '# The checks of the smoke test',
    `The smoke test runs the container as SageMaker would and judges what it saw by ${CHECKS.length} named checks. Each is
a claim that holds when the check passes. A check that could not be judged is *skipped*, with the reason; it is
never green. One failure has one red check, the most telling one: the others point to it.`,
    `A failed check of severity **error** fails the step; a **warning** does not. \`smoke-severity\` changes that by
id, or turns a check off:`,
    `\`\`\`yaml
with:
  smoke-severity: |
    train-metrics=error
    image-size=off
\`\`\``,
    ...groups.flatMap(([group, title, text]) => [
      `## ${title}`,
      text,
      table(
        ['check', 'severity', 'claim', 'judged'],
        CHECKS.filter((check) => check.group === group).map((check) => [
          `[\`${check.id}\`](${check.id}.md)`,
          check.severity,
          cell(check.title),
          cell(check.judged),
        ]),
      ),
    ]),
    `## Which runs are made, and why these

\`smoke-runs\` names the runs; without it (\`auto\`) a pull request pays for what it would have to wait for anyway:

| run | what it does | what it costs | made |
|---|---|---|---|
| \`train\` | A training job with the sample channels and hyperparameters. | what the container itself takes | by default, when the image can train |
| \`broken-input\` | The same without its channels: a healthy program fails, and writes why. | little: such a program ends early | by default, when there are \`smoke-channels\` to leave out |
| \`serve\` | An endpoint with the model that \`train\` wrote, or \`smoke-model\`. | what the container itself takes to start, and the samples | by default, when the image can serve |
| \`stop\` | A training job that gets SIGTERM in its middle. | half of the training again, and up to 120 s of grace | when \`smoke-runs\` names it |

These change what is tested, or multiply what it costs, so they are asked for by an input:

- **several hosts** (\`smoke-hosts: 2\`): each host is a container of its own, with memory of its own;
- **network isolation** (\`network-isolation: true\`): for jobs and endpoints that run with \`EnableNetworkIsolation\`;
- **Pipe mode** (\`input-mode: Pipe\`): for programs that read their channels from FIFOs.

The same inputs will configure the real job: what was tested is what runs.`,
  ]);
}

function checkPage(check) {
  const other = check.severity === 'error' ? 'warning' : 'error';
  return page(`src/contract/checks/${check.id}.ts`, [
    `# ${check.id}`,
    `**${prose(check.title)}.**`,
    `## What a pass proves`,
    prose(check.proves),
    `## Why SageMaker cares`,
    prose(check.why),
    `## The fix`,
    prose(check.fix),
    `## When it is judged`,
    `${prose(check.judged[0].toUpperCase() + check.judged.slice(1))}. Otherwise the check is skipped, and says why.`.replace(
      /^Always\..*/,
      'Always.',
    ),
    `## Its severity`,
    `**${check.severity}**, unless you change it:`,
    `\`\`\`yaml
with:
  smoke-severity: |
    ${check.id}=${other}
\`\`\``,
    `\`${check.id}=off\` turns it off.`,
    `## Source`,
    `${prose(check.source)}.`,
    `\`[doc]\` AWS’s documentation or service model, \`[obs]\` observed on the platform, \`[code]\` read in AWS’s open
code, \`[inf]\` inferred. Failure numbers (\`T01\`) are those of [the failure catalogue](../failures.md) where it has them.`,
    `[All checks](README.md)`,
  ]);
}

function failuresPage() {
  const entries = describeCatalogue();
  const places = [...new Set(entries.map(({ where }) => where))];
  const anchor = anchors();
  return page('src/diagnosis/rows/', [
    '# Failures that are recognised',
    `What AWS, Docker or a container says of a failure is compared with these ${entries.length} kinds: a container’s exit code,
its failure file and the end of its log; a training job’s failure reason and status; the code and the message of a call
of AWS. The class is the output \`failure-class\`; \`unknown\` means that none fits, and the evidence is shown all the
same. *Seen in* says where the failure shows on SageMaker. Where a job and the smoke test need different words, these are
the smoke test’s.`,
    ...places.flatMap((where) => [
      `## Seen in: ${prose(where)}`,
      table(
        ['class', 'id', 'cause', 'fix'],
        entries
          .filter((entry) => entry.where === where)
          .map((entry) => [anchor(entry.class), entry.id, cell(entry.cause), cell(entry.fix)]),
      ),
    ]),
    '## Failures of the run',
    'What `failure-class` says when none of these kinds fits.',
    table(
      ['class', 'what happened'],
      Object.entries(OTHER_CLASSES).map(([name, meaning]) => [anchor(name), cell(meaning)]),
    ),
  ]);
}

/** A class as code, its first place on the page with the anchor that the summary links to (src/report/link.ts). */
function anchors() {
  const seen = new Set();
  return (name) => {
    const first = !seen.has(name);
    seen.add(name);
    return `${first ? `<a id="${name}"></a>` : ''}\`${name}\``;
  };
}

function inputsTables() {
  const groups = [...new Set(action.inputs.map(({ group }) => group))];
  return groups
    .flatMap((group) => {
      const inputs = action.inputs.filter((input) => input.group === group);
      return [
        `### ${prose(group)}`,
        table(
          ['input', 'what it is', 'default'],
          inputs.map(({ name, text, example, fallback }) => [
            `\`${name}\``,
            cell(example === undefined ? text : `${text} Example: ${example}`),
            cell(fallback ?? ''),
          ]),
        ),
      ];
    })
    .join('\n\n');
}

function outputsTable() {
  return table(
    ['output', 'what it is'],
    action.outputs.map(({ name, text }) => [`\`${name}\``, cell(text)]),
  );
}

function page(source, blocks) {
  return `${[generatedFrom(source), ...blocks].join('\n\n')}\n`;
}

/** Puts the content between `<!-- name -->` and `<!-- /name -->`. */
function between(text, name, content) {
  const begin = `<!-- ${name} -->`;
  const end = `<!-- /${name} -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) {
    console.error(
      `README.md needs the line ${begin} and after it the line ${end}, to put the table between.`,
    );
    process.exit(1);
  }
  const note = generatedFrom('action.yml');
  return `${text.slice(0, from + begin.length)}\n${note}\n\n${content}\n\n${text.slice(to)}`;
}

function pagesOfNoCheck() {
  let names;
  try {
    names = readdirSync(join(root, 'docs/checks'));
  } catch {
    return [];
  }
  return names
    .map((name) => `docs/checks/${name}`)
    .filter((path) => path.endsWith('.md') && !files.has(path));
}

function read(path) {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return undefined;
  }
}
