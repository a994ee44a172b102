/** The measurements of script/bench. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { cpus, tmpdir, totalmem } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parse } from 'yaml';
import { follow } from './bench-follow.mjs';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const MAIN = join(ROOT, 'dist/index.js');
const { values: options } = parseArgs({
  options: {
    write: { type: 'boolean' },
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    against: { type: 'string', multiple: true, default: [] },
  },
});
const rounds = Number(options.rounds);
const work = mkdtempSync(join(tmpdir(), 'bench-'));
const parts = {
  container: () => {
    coldStart();
    sizes();
    smokeTest();
    rerun();
  },
  follow: () => follow(ROOT, rounds, row),
};
const chosen = Object.keys(parts).filter((name) => (options.only ?? name) === name);
if (chosen.length === 0) {
  console.error(`--only: ${options.only} is none of ${Object.keys(parts).join(', ')}`);
  process.exit(1);
}
// The loader of TypeScript is there from here on.
const { replaceFigures } = await import('../../test/bench/replace-figures.ts');
const tables = [];
let rows = [];

try {
  for (const name of chosen) {
    rows = [];
    await parts[name]();
    tables.push({ name, text: table() });
  }
} finally {
  rmSync(work, { recursive: true, force: true });
}
report();

/** Process start to process end on bad input: everything is read and said, nothing is done. */
function coldStart() {
  const others = [{ name: 'an ncc bundle that only calls `@actions/core`', program: emptyBundle() }];
  for (const folder of options.against) {
    const action = parse(readFileSync(join(folder, 'action.yml'), 'utf8'));
    others.push({ name: action.name, program: join(folder, action.runs.main) });
  }
  const ours = [];
  const theirs = others.map(() => []);
  // One after the other in each round, so that a busy moment hits all alike.
  for (let round = 0; round < rounds * 4; round += 1) {
    ours.push(timed(() => run(MAIN, { stages: 'biuld' }, 1)));
    others.forEach(({ program }, index) => {
      theirs[index].push(timed(() => run(program, {})));
    });
  }
  others.forEach(({ name }, index) => {
    row(
      `cold start, bad input, against ${name}`,
      `${ratio(median(ours), median(theirs[index]))} (${ms(median(ours))} : ${ms(median(theirs[index]))})`,
      'no slower than the fastest AWS action',
    );
  });
}

function sizes() {
  const files = readdirSync(join(ROOT, 'dist')).filter((name) => name.endsWith('.js'));
  const all = files.reduce((sum, name) => sum + statSync(join(ROOT, 'dist', name)).size, 0);
  row('`dist`, code in all', kilobytes(all), 'under 2.5 MB');
  // V8 itself tells which scripts were loaded.
  const coverage = join(work, 'coverage');
  run(MAIN, smokeInputs(image()), 0, { NODE_V8_COVERAGE: coverage });
  const loaded = new Set(
    readdirSync(coverage).flatMap((name) =>
      JSON.parse(readFileSync(join(coverage, name), 'utf8'))
        .result.map(({ url }) => url)
        .filter((url) => url.startsWith('file:'))
        .map((url) => fileURLToPath(url))
        .filter((path) => path.startsWith(join(ROOT, 'dist'))),
    ),
  );
  const bytes = [...loaded].reduce((sum, path) => sum + statSync(path).size, 0);
  row('code that a pull-request check loads', kilobytes(bytes), 'under 0.6 MB');
}

/** The same work by hand: train, train without the data, serve, the same requests, stop. */
function smokeTest() {
  const tag = image();
  const action = [];
  const bare = [];
  for (let round = 0; round < rounds; round += 1) {
    bare.push(timed(() => bareDocker(tag)));
    action.push(timed(() => run(MAIN, smokeInputs(tag), 0)));
  }
  row(
    'smoke test against bare `docker run`s with the same work',
    `${ratio(median(action), median(bare))} (${seconds(median(action))} : ${seconds(median(bare))})`,
    'at most 1.15',
  );
}

function bareDocker(tag) {
  const folder = mkdtempSync(join(work, 'bare-'));
  const tree = (name, data) => {
    const ml = join(folder, name);
    for (const path of ['input/config', 'input/data', 'model', 'output']) {
      mkdirSync(join(ml, path), { recursive: true });
    }
    writeFileSync(join(ml, 'input/config/hyperparameters.json'), '{}');
    if (data) {
      cpSync(join(ROOT, 'container/sample/train'), join(ml, 'input/data/train'), { recursive: true });
    }
    return ml;
  };
  const good = tree('good', true);
  docker('run', '--rm', '--volume', `${good}:/opt/ml`, tag, 'train');
  spawnSync('docker', ['run', '--rm', '--volume', `${tree('broken', false)}:/opt/ml`, tag, 'train']);
  const model = `${good}/model:/opt/ml/model:ro`;
  const id = docker(
    'run',
    '--detach',
    '--publish',
    '127.0.0.1::8080',
    '--volume',
    model,
    tag,
    'serve',
  ).trim();
  const base = `http://${docker('port', id, '8080/tcp').trim()}`;
  const script = `
    until curl --silent --fail --max-time 2 ${base}/ping; do sleep 0.1; done
    for type in csv:text/csv json:application/json; do
      curl --silent --fail --data-binary @container/sample/payload.\${type%%:*} \\
        --header "Content-Type: \${type#*:}" ${base}/invocations
    done`;
  execFileSync('bash', ['-ec', script], { cwd: ROOT, stdio: 'pipe' });
  docker('stop', '--time', '30', id);
  docker('rm', '--volumes', id);
}

/** The build of a context that Docker has never seen, then of the same again. */
function rerun() {
  const first = [];
  const second = [];
  for (let round = 0; round < Math.min(rounds, 3); round += 1) {
    const workspace = mkdtempSync(join(work, 'rerun-'));
    cpSync(join(ROOT, 'container'), join(workspace, 'container'), { recursive: true });
    const requirements = join(workspace, 'container/requirements.txt');
    writeFileSync(requirements, `# ${workspace}\n${readFileSync(requirements, 'utf8')}`);
    const inputs = { stages: 'build' };
    const extra = { GITHUB_WORKSPACE: workspace, GITHUB_REPOSITORY: 'octo-org/sagemaker-byoc-bench' };
    first.push(timed(() => run(MAIN, inputs, 0, extra)));
    second.push(timed(() => run(MAIN, inputs, 0, extra)));
  }
  // The images that the action built are of no use to anybody; the layers stay.
  const built = docker('images', '--quiet', 'sagemaker-byoc/sagemaker-byoc-bench')
    .split('\n')
    .filter(Boolean);
  docker('rmi', '--force', ...new Set(built));
  row(
    'build again, nothing changed, against the first build',
    `${ratio(median(second), median(first))} (${seconds(median(second))} : ${seconds(median(first))})`,
    'under 0.1',
  );
}

function smokeInputs(tag) {
  return {
    'image-uri': tag,
    'smoke-channels': 'train=container/sample/train',
    'smoke-payload': 'container/sample/payload.csv\ncontainer/sample/payload.json',
  };
}

function image() {
  const tag = 'sagemaker-byoc-bench';
  docker('build', '--quiet', '--tag', tag, join(ROOT, 'container'));
  return tag;
}

/** Runs an action's program as GitHub's runner does; with `code`, another exit code is an error. */
function run(program, inputs, code, extra = {}) {
  const folder = mkdtempSync(join(work, 'run-'));
  const file = (name) => {
    const path = join(folder, name);
    writeFileSync(path, '');
    return path;
  };
  const env = {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    GITHUB_WORKSPACE: ROOT,
    RUNNER_TEMP: folder,
    GITHUB_OUTPUT: file('output'),
    GITHUB_STATE: file('state'),
    GITHUB_STEP_SUMMARY: file('summary'),
    GITHUB_ENV: file('env'),
    GITHUB_PATH: file('path'),
    ...extra,
    ...Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
    ),
  };
  const { status, stdout, stderr } = spawnSync(process.execPath, [program], { env, cwd: ROOT });
  if (code !== undefined && status !== code) {
    throw new Error(`${program} ended with ${status} instead of ${code}:\n${stdout}${stderr}`);
  }
}

function docker(...args) {
  return execFileSync('docker', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function emptyBundle() {
  const source = join(ROOT, 'build/bench');
  mkdirSync(source, { recursive: true });
  writeFileSync(
    join(source, 'empty.mjs'),
    "import * as core from '@actions/core';\ncore.info(core.getInput('stages'));\n",
  );
  const out = join(work, 'empty');
  execFileSync('npx', ['ncc', 'build', join(source, 'empty.mjs'), '--minify', '--out', out], {
    cwd: ROOT,
    stdio: 'pipe',
  });
  return ['index.mjs', 'index.js'].map((name) => join(out, name)).find((path) => existsSync(path));
}

function timed(work) {
  const began = performance.now();
  work();
  return performance.now() - began;
}

function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.ceil((sorted.length - 1) / 2)]) / 2;
}

function ratio(a, b) {
  return (a / b).toFixed(2);
}
function ms(value) {
  return `${Math.round(value)} ms`;
}
function seconds(value) {
  return `${(value / 1000).toFixed(1)} s`;
}
function kilobytes(bytes) {
  return `${Math.round(bytes / 1000)} kB`;
}

function row(what, figure, goal) {
  rows.push(`| ${what} | ${figure} | ${goal} |`);
  console.log(`${what}: ${figure} (goal: ${goal})`);
}

function table() {
  const machine = `${cpus().length} cores (${cpus()[0].model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node.js ${process.versions.node}, Docker ${docker('version', '--format', '{{.Server.Version}}').trim()}`;
  const lines = ['| what | measured | goal |', '|---|---|---|', ...rows].join('\n');
  return `Median of ${rounds} rounds. Machine: ${machine}.\n\n${lines}`;
}

function report() {
  for (const { text } of tables) console.log(`\n${text}`);
  if (options.write) {
    const page = join(ROOT, 'docs/performance.md');
    writeFileSync(
      page,
      tables.reduce(
        (text, { name, text: figures }) => replaceFigures(text, name, figures),
        readFileSync(page, 'utf8'),
      ),
    );
    console.log(`Written to ${page}`);
  }
}
