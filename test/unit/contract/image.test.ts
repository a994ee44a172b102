import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { capabilities, ImageMissingError, type ImageUse, inspectImage } from '../../../src/contract/image.js';
import { COPY, type FakeDocker, fakeDocker } from '../docker/fake-docker.js';

type Facts = Parameters<typeof capabilities>[0];

/** What an image offers, by its configuration and its text files. */
async function offers(
  facts: Partial<Facts>,
  files: Readonly<Record<string, string>> = {},
  use = { trains: false, serves: false },
): Promise<{ training: boolean; hosting: boolean }> {
  const found = await capabilities(
    {
      entrypoint: [],
      path: ['/usr/local/bin', '/usr/bin'],
      workdir: '/',
      exposesPort: false,
      labels: [],
      ...facts,
    },
    { read: async (path) => files[path] },
    use,
  );
  expect(found.training.reason).toMatch(/^[A-Z].*\.$/);
  expect(found.hosting.reason).toMatch(/^[A-Z].*\.$/);
  return { training: found.training.offered, hosting: found.hosting.offered };
}

const BOTH = { training: true, hosting: true };
const TRAINING = { training: true, hosting: false };
const HOSTING = { training: false, hosting: true };

describe('An image without ENTRYPOINT offers what its programs on PATH say', () => {
  test.each([
    [['/usr/bin/train', '/usr/local/bin/serve'], BOTH],
    [['/usr/bin/train'], TRAINING],
    [['/usr/bin/serve'], HOSTING],
    // Where nothing is looked up.
    [['/opt/program/serve', '/srv/serve'], TRAINING],
    [['/usr/bin/serve.py'], TRAINING],
    [[], TRAINING],
  ])('%j', async (paths, expected) => {
    expect(await offers({}, Object.fromEntries(paths.map((path) => [path, '#!/bin/sh'])))).toEqual(expected);
  });

  test('a program that is no text counts as well', async () => {
    expect(await offers({}, { '/usr/bin/serve': '', '/usr/bin/train': '' })).toEqual(BOTH);
  });

  test('a program in its working directory counts, as AWS’s own examples have it', async () => {
    const files = { '/opt/program/train': '', '/opt/program/serve': '' };
    expect(await offers({ workdir: '/opt/program' }, files)).toEqual(BOTH);
  });
});

describe('An image with ENTRYPOINT offers what its program knows', () => {
  test.each<[string, Partial<Facts>, Readonly<Record<string, string>>, typeof BOTH]>([
    [
      'a script that only trains',
      { entrypoint: ['python', 'train.py'], workdir: '/opt/ml/code' },
      { '/opt/ml/code/train.py': 'print("train")' },
      TRAINING,
    ],
    [
      'a program that looks at its argument',
      { entrypoint: ['python', '/opt/program/main.py'] },
      { '/opt/program/main.py': 'if sys.argv[1] == "serve": ...\nelif sys.argv[1] == "train": ...' },
      BOTH,
    ],
    [
      'a shell script that starts both',
      { entrypoint: ['/entrypoint.sh'] },
      { '/entrypoint.sh': '#!/bin/sh\ncase $1 in train) ;; serve) ;; esac' },
      BOTH,
    ],
    [
      'a program `train` with a program `serve` beside it',
      { entrypoint: ['python', 'train'], workdir: '/opt/program' },
      { '/opt/program/train': 'import x', '/opt/program/serve': 'import flask' },
      BOTH,
    ],
    ['a server', { entrypoint: ['gunicorn', 'app:app'] }, {}, HOSTING],
    ['a server by its path', { entrypoint: ['/usr/bin/tritonserver'] }, {}, HOSTING],
    [
      'a script `serve.py`',
      { entrypoint: ['python', '/app/serve.py'] },
      { '/app/serve.py': 'app.run()' },
      HOSTING,
    ],
    [
      'a server’s script that knows how to train',
      { entrypoint: ['python', '/app/serve.py'] },
      { '/app/serve.py': 'if argv[1] == "train": fit()' },
      BOTH,
    ],
    [
      'a word that only holds “serve”',
      { entrypoint: ['python', '/app/run.py'] },
      { '/app/run.py': 'observer = preserve(server)' },
      TRAINING,
    ],
    [
      'a script that tells what becomes of its model',
      { entrypoint: ['python', '/app/train.py'] },
      { '/app/train.py': '# Endpoints serve the model later.\nprint("saved: ready to serve")' },
      TRAINING,
    ],
    ...[
      'case "$1" in\n  train|serve) exec "$1";;',
      '[ "$1" = serve ] && gunicorn app',
      'def serve(port):',
    ].map((text): [string, Partial<Facts>, Readonly<Record<string, string>>, typeof BOTH] => [
      `a program with ${text}`,
      { entrypoint: ['/app/run'] },
      { '/app/run': text },
      BOTH,
    ]),
    ['a bare interpreter', { entrypoint: ['python'] }, {}, TRAINING],
  ])('%s', async (_, facts, files, expected) => {
    expect(await offers(facts, files)).toEqual(expected);
  });
});

describe('Other signs', () => {
  test('port 8080 and the labels of SageMaker are signs of hosting', async () => {
    expect(await offers({ exposesPort: true }, { '/usr/bin/train': '' })).toEqual(BOTH);
    expect(await offers({ exposesPort: true })).toEqual(HOSTING);
    const label = 'com.amazonaws.sagemaker.capabilities.multi-models';
    expect(await offers({ labels: [label] })).toEqual(HOSTING);
    expect(await offers({ labels: ['maintainer'] })).toEqual(TRAINING);
  });

  test('what the inputs say beats every guess', async () => {
    expect(await offers({}, {}, { trains: false, serves: true })).toEqual(HOSTING);
    expect(await offers({ exposesPort: true }, {}, { trains: true, serves: false })).toEqual(BOTH);
    expect(await offers({ entrypoint: ['gunicorn'] }, {}, { trains: true, serves: true })).toEqual(BOTH);
  });

  test('the reason names the program that was found', async () => {
    const facts = { entrypoint: [], path: ['/usr/bin'], workdir: '/', exposesPort: false, labels: [] };
    const files: Record<string, string> = { '/usr/bin/serve': '' };
    const none = { trains: false, serves: false };
    const found = await capabilities(facts, { read: async (path) => files[path] }, none);
    expect(found.hosting.reason).toBe('The image has a program /usr/bin/serve.');
    expect(found.training.reason).toBe(
      'Nothing in the image trains: there is no program `train`, and the image serves.',
    );
  });
});

/** `docker image inspect --format '{{json .}}'` of a small image, as Docker 20.10 prints it, shortened. */
const INSPECTED = {
  Id: 'sha256:0a1b2c3d4e5f60718293a4b5c6d7e8f900112233445566778899aabbccddeeff',
  RepoTags: ['model:1'],
  Created: '2026-01-02T03:04:05.678901234Z',
  Config: {
    ExposedPorts: { '8080/tcp': {}, '9090/tcp': {} },
    Env: ['PATH=/opt/venv/bin:/usr/local/bin:relative', 'A=b=c', 'EMPTY=', 'NVIDIA_REQUIRE_CUDA=cuda>=12.2'],
    Cmd: ['--help'],
    Entrypoint: ['python', '/opt/program/main.py'],
    WorkingDir: '/opt/program',
    User: '1000:0',
    Labels: { maintainer: 'us', 'com.amazonaws.sagemaker.capabilities.multi-models': 'true' },
  },
  Architecture: 'arm64',
  Variant: 'v8',
  Os: 'linux',
  Size: 123_456_789,
};

/** An engine with one image that has this configuration and these files. */
function engine(inspected: unknown, files: Readonly<Record<string, string>> = {}): FakeDocker {
  const fake = fakeDocker(`case "$1 $2" in
'image inspect') exec cat "$FOLDER/inspect.json";;
'cp --follow-link') ${COPY};;
esac`);
  writeFileSync(join(fake.folder, 'inspect.json'), JSON.stringify(inspected));
  for (const [path, content] of Object.entries(files)) {
    const file = join(fake.folder, 'root', path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return fake;
}

const USE: ImageUse = { wantedPlatform: 'linux/amd64', trains: false, serves: false };
const inspect = ({ docker }: FakeDocker, use = USE) =>
  inspectImage(docker, 'model:1', use, 'run-1', new AbortController().signal);

describe('inspectImage', () => {
  test('tells what the configuration says', async () => {
    expect(await inspect(engine(INSPECTED))).toMatchObject({
      id: INSPECTED.Id,
      os: 'linux',
      architecture: 'arm64',
      wantedPlatform: 'linux/amd64',
      sizeBytes: 123_456_789,
      entrypoint: ['python', '/opt/program/main.py'],
      cmd: ['--help'],
      user: '1000:0',
      workdir: '/opt/program',
      exposedPorts: ['8080/tcp', '9090/tcp'],
      env: new Map([
        ['PATH', '/opt/venv/bin:/usr/local/bin:relative'],
        ['A', 'b=c'],
        ['EMPTY', ''],
        ['NVIDIA_REQUIRE_CUDA', 'cuda>=12.2'],
      ]),
      labels: new Map(Object.entries(INSPECTED.Config.Labels)),
      bakedPaths: [],
      hosting: { offered: true, reason: 'The image exposes port 8080.' },
    });
  });

  test('takes an image without any configuration for what it is', async () => {
    const bare = { ...INSPECTED, Config: { Entrypoint: null, Cmd: null, Env: null, Labels: null } };
    expect(await inspect(engine(bare))).toMatchObject({
      entrypoint: [],
      cmd: [],
      user: '',
      workdir: '/',
      exposedPorts: [],
      env: new Map(),
      training: { offered: true, reason: 'The image is not made for hosting.' },
      hosting: { offered: false },
    });
    expect(await inspect(engine({ ...INSPECTED, Config: null }))).toMatchObject({ entrypoint: [] });
  });

  test('names the reserved folders that hold something, and no others', async () => {
    const facts = await inspect(
      engine(INSPECTED, {
        '/opt/ml/model/model.bin': 'x',
        '/opt/ml/input/data/train/a.csv': 'x',
        '/opt/ml/code/train.py': 'x',
        '/opt/program/main.py': 'x',
      }),
    );
    expect(facts.bakedPaths).toEqual(['/opt/ml/input', '/opt/ml/model']);
  });

  test('takes an empty reserved folder for empty', async () => {
    const fake = engine(INSPECTED);
    mkdirSync(join(fake.folder, 'root/opt/ml/model'), { recursive: true });
    expect((await inspect(fake)).bakedPaths).toEqual([]);
  });

  test('looks for programs on the PATH that the image has', async () => {
    const config = { Env: ['PATH=/opt/venv/bin'] };
    const image = { ...INSPECTED, Config: config };
    expect((await inspect(engine(image, { '/opt/venv/bin/serve': 'x' }))).hosting).toEqual({
      offered: true,
      reason: 'The image has a program /opt/venv/bin/serve.',
    });
    expect((await inspect(engine(image, { '/usr/bin/serve': 'x' }))).hosting.offered).toBe(false);
  });

  test('starts nothing: it makes a container without a network, marks it, and removes it', async () => {
    const fake = engine(INSPECTED);
    await inspect(fake);
    const calls = fake.calls();
    const create = calls.find(([verb]) => verb === 'create') ?? [];
    expect(create.join(' ')).toMatch(
      /^create --name sagemaker-byoc-run-1-probe-\w+ --label io\.github\.sagemaker-byoc\.run=run-1 --network none sha256:\w+ train$/,
    );
    expect(calls.map(([verb]) => verb)).not.toContain('start');
    expect(calls.at(-1)).toEqual(['rm', '--force', '--volumes', create[2]]);
  });

  test('removes the container also when it cannot look into it', async () => {
    const fake = fakeDocker(`case "$1" in
image) exec cat "$FOLDER/inspect.json";;
cp) echo 'Error response from daemon: boom' >&2; exit 1;;
esac`);
    writeFileSync(join(fake.folder, 'inspect.json'), JSON.stringify(INSPECTED));
    await expect(inspect(fake)).rejects.toThrow('boom');
    expect(fake.calls().at(-1)?.[0]).toBe('rm');
  });

  test('says that the image is missing, which is no fault of Docker', async () => {
    const missing = fakeDocker('echo "[]"; echo "Error: No such image: model:1" >&2; exit 1');
    await expect(inspect(missing)).rejects.toThrow(ImageMissingError);
    const broken = fakeDocker('echo "Error response from daemon: boom" >&2; exit 1');
    await expect(inspect(broken)).rejects.toThrow('boom');
  });
});
