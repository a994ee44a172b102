import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { XMLParser } from 'fast-xml-parser';
import { marked } from 'marked';
import { parse } from 'yaml';
import { type ActionRun, REPOSITORY, runAction } from './run-action.js';
import { runnerCommands } from './runner-commands.js';
import { makeWorkspace, type Workspace } from './workspace.js';

jest.setTimeout(120_000);

/** What a container prints that wants to be more than text: bytes, as Python writes them. */
const HOSTILE = String.raw`
b"::error file=train.py,line=1::pwned\n"
b"  ::set-output name=outcome::pwned\n"
b"::add-mask::e\n"
b"::stop-commands::pwned\n::pwned::\n"
b"##[error]pwned\n"
b"look: ##[add-mask]pwned\n"
b"##vso[task.setvariable variable=x]pwned\n"
b"\r::error::pwned\r\n::error::pwned\n"
b"\x1b[2K\x1b[1A\x1b[31m::error::pwned\x1b[0m\n"
b"\xc2\x85::error::pwned\xe2\x80\xa8::error::pwned\n"
b"::endgroup::\n::group::pwned\n"
b"\x00\x01\x07\x08 \xff\xfe\xc3\x28 \xe2\x80\xae pwned\n"
b"<script>alert('pwned')</script> <img src=x onerror=pwned> @octocat [pwned](javascript:pwned)\n"
b"]]> --> &amp; ${'$'}{{ secrets.PWNED }} ${'`'}${'`'}${'`'} | x | y |\n"
`;

/** Prints all of that, and more than a log can take in one line. */
const PRINT = `import sys
for line in (${HOSTILE.trim().split('\n').join(', ')}):
    sys.stdout.buffer.write(line)
sys.stdout.buffer.write(b"x" * 1_000_000 + b"::error::pwned\\n")
sys.stdout.buffer.write(b"::error::pwned without an end")
sys.stdout.flush()
`;

describe('the log, in a process of its own', () => {
  /** Gives bytes to the program, and what it wrote by the time it ended. */
  async function shown(bytes: Buffer): Promise<string> {
    const program = [
      '--import',
      join(__dirname, '../local-aws/load-typescript.mjs'),
      join(__dirname, 'print-bytes.ts'),
    ];
    const child = spawn(process.execPath, program, { stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(bytes);
    const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
    return output;
  }

  test('of random bytes nothing becomes a command, and nothing gets lost', async () => {
    const pieces = ['::error::pwned', '##[error]pwned', '\r', '\n', '\x1b[', '::', '\u2028', '\x85', ' '];
    let seed = 20_260_101;
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const parts = Array.from({ length: 20_000 }, () =>
      random(2) === 0
        ? Buffer.from(pieces[random(pieces.length)] ?? '')
        : Buffer.from(Array.from({ length: random(6) }, () => random(256))),
    );
    const output = await shown(Buffer.concat(parts));
    expect(runnerCommands(output)).toEqual([]);
    expect(runnerCommands(output.replaceAll(/^::.*::.*$/gm, ''))).toEqual([]);
    expect(output).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f]/);
    expect(output).toMatch(/the end\n$/);
  });

  test('the reader gets everything, though the process ends at once and faster than it reads', async () => {
    const lines = Array.from({ length: 50_000 }, (_, index) => `line ${index} ${'x'.repeat(80)}`);
    const output = await shown(Buffer.from(lines.join('\n')));
    const got = output.split('\n').filter((line) => line.startsWith('algo-1 | '));
    expect(got.length).toBe(lines.length);
    expect(got.at(-1)).toBe(`algo-1 | ${lines.at(-1)}`);
    expect(output).toMatch(/the end\n$/);
  });
});

describe('a container that prints what would be commands, Markdown, HTML and XML', () => {
  let workspace: Workspace;
  let run: ActionRun;

  beforeAll(async () => {
    workspace = makeWorkspace({
      // Never the same twice: a step out of the cache prints nothing.
      'container/Dockerfile': `FROM python:3.11-slim-bookworm
COPY print.py train /usr/local/bin/
RUN : ${randomUUID()}; python3 /usr/local/bin/print.py
`,
      'container/print.py': PRINT,
      'container/train': `#!/usr/bin/env python3
import shutil, sys
exec(open("/usr/local/bin/print.py").read())
with open("/opt/ml/output/failure", "wb") as failure:
    for line in (${HOSTILE.trim().split('\n').join(', ')}):
        failure.write(line)
sys.exit(1)
`,
      'data/rows.csv': '1,2\n',
    });
    run = await runAction(
      { 'smoke-channels': 'train=data', 'smoke-runs': 'train', 'report-path': 'reports' },
      { workspace: workspace.path },
    );
  });
  afterAll(() => {
    workspace.remove();
    execFileSync('docker', ['image', 'rm', '--force', run.outputs['image-uri'] ?? '']);
  });

  test('was built and run, and what it printed was shown', () => {
    expect(run.outputs['outcome']).toBe('failed');
    expect(run.stdout).toMatch(/^build \| .*pwned/m);
    expect(run.stdout).toMatch(/^algo-1 \| .*pwned/m);
    expect(run.stdout).toMatch(/^algo-1 \| x{8192} … \[cut/m);
  });

  test("gives the runner no command but the action's own", () => {
    const own = ['group', 'endgroup', 'error', 'warning', 'notice'];
    expect(run.commands.map(({ name }) => name).filter((name) => !own.includes(name))).toEqual([]);
    const groups = run.commands.filter(({ name }) => name === 'group');
    expect(groups.map(({ message }) => message).join()).not.toContain('pwned');
    for (const { message, properties } of run.commands) {
      expect(message).not.toMatch(/^pwned/);
      expect(properties['file'] ?? '').not.toContain('pwned');
      expect(properties['title'] ?? '').not.toContain('pwned');
    }
  });

  test('leaves nothing in the log that a terminal would obey', () => {
    expect(run.log).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u202e]/);
    expect(Math.max(...run.stdout.split('\n').map((line) => line.length))).toBeLessThan(20_000);
  });

  test('sets no output and no state but those of the action', () => {
    const { outputs } = parse(readFileSync(join(REPOSITORY, 'action.yml'), 'utf8')) as { outputs: object };
    expect(Object.keys(run.outputs).sort()).toEqual(Object.keys(outputs).sort());
    expect(Object.keys(run.state).sort()).toEqual(['runId', 'tempDir']);
  });

  test('is text in the summary: it makes no tag and no link', async () => {
    const html = await marked.parse(run.summary);
    const tags = new Set([...html.matchAll(/<([a-z][a-z0-9]*)/gi)].map(([, tag]) => tag));
    for (const tag of ['script', 'img']) expect(tags).not.toContain(tag);
    const links = [...html.matchAll(/href="([^"]*)"/g)].map(([, link]) => link);
    expect(links.filter((link) => !link?.startsWith('https://github.com/octo-org/octo-model/'))).toEqual([]);
    expect(html).toContain('&lt;script&gt;alert(');
    expect(run.summary).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202e]/);
  });

  test('leaves the JSON and the JUnit report well-formed', () => {
    expect(run.report?.outcome).toBe('failed');
    expect(() => new XMLParser().parse(run.junit ?? '', true)).not.toThrow();
    expect(run.junit).not.toMatch(/[\0-\x08\x0b\x0c\x0e-\x1f]/);
  });
});
