import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import { type Docker, DockerError } from '../docker/docker.js';
import { labelArgs } from '../docker/leftovers.js';
import { listContainerFolder, readContainerFile } from './container-files.js';
import type { Capability, ImageFacts } from './observations.js';

/** What the plan says about the image's use, which beats any guess from its files. */
export interface ImageUse {
  readonly wantedPlatform: string;
  /** The plan gives the container something to train on, or says how training starts. */
  readonly trains: boolean;
  /** The plan gives the container something to answer, or a model to serve. */
  readonly serves: boolean;
}

interface Config {
  readonly Entrypoint?: readonly string[] | null;
  readonly Cmd?: readonly string[] | null;
  readonly User?: string;
  readonly WorkingDir?: string;
  readonly Env?: readonly string[] | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly ExposedPorts?: Readonly<Record<string, unknown>> | null;
}

/** Folders that the platform mounts or fills. /opt/ml/code is not one of them. */
const RESERVED = ['/opt/ml/input', '/opt/ml/model', '/opt/ml/output', '/opt/ml/checkpoints'];
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
const SCRIPT_BYTES = 256 * 1024;
const INTERPRETERS = /^(python[\d.]*|(ba|da|a|z)?sh|env|perl|ruby|node|Rscript|java|julia|conda|mamba|uv)$/;
const SERVERS =
  /^(serve(\.py|\.sh)?|gunicorn|uvicorn|hypercorn|waitress-serve|nginx|flask|torchserve|tritonserver|tensorflow_model_server|multi-model-server|mlflow)$/;

/**
 * A program that tells `serve` from other arguments: there it is quoted, compared, a case of a shell script, or the
 * name of a function (click, fire, typer). In a sentence, the word means nothing.
 */
const TAKES_SERVE =
  /(["'`])serve\1|=\s*serve\b|^\s*(?:[\w-]+\s*\|\s*)*serve\s*[|)]|\bcase\b.{0,200}\bserve\s*[|)]|\bserve\(/m;

/** The image is not on this engine. */
export class ImageMissingError extends Error {
  override readonly name = 'ImageMissingError';
}

/**
 * Inspects an image: what its configuration says, and, by looking at its files without running anything,
 * whether it is made for training, for hosting, or for both.
 */
export async function inspectImage(
  docker: Docker,
  image: string,
  use: ImageUse,
  runId: string,
  signal: AbortSignal,
): Promise<ImageFacts> {
  const { stdout } = await docker
    .run(['image', 'inspect', '--format', '{{json .}}', image], { signal })
    .catch((error: unknown) => {
      throw error instanceof DockerError && /No such image/i.test(error.stderr)
        ? new ImageMissingError(image)
        : error;
    });
  const inspected = JSON.parse(stdout) as {
    Id: string;
    Os: string;
    Architecture: string;
    Size: number;
    Config?: Config | null;
  };
  const config = inspected.Config ?? {};
  const entrypoint = config.Entrypoint ?? [];
  const env = new Map((config.Env ?? []).map((entry) => split(entry)));
  const workdir = config.WorkingDir || '/';

  // Never started: it only gives access to the image's files. Any name will do as its command.
  const probe = `sagemaker-byoc-${runId}-probe-${randomBytes(3).toString('hex')}`;
  await docker.run(
    ['create', '--name', probe, ...labelArgs(runId), '--network', 'none', inspected.Id, 'train'],
    { signal },
  );
  try {
    const files = imageFiles(docker, probe, signal);
    const baked = (
      await Promise.all(
        RESERVED.map(async (path) =>
          (await listContainerFolder(docker, probe, path, 1, signal)).length > 0 ? [path] : [],
        ),
      )
    ).flat();
    const facts = {
      entrypoint,
      path: (env.get('PATH') || DEFAULT_PATH).split(':').filter((folder) => folder.startsWith('/')),
      workdir,
      exposesPort: Object.keys(config.ExposedPorts ?? {}).includes('8080/tcp'),
      labels: Object.keys(config.Labels ?? {}),
    };
    return {
      id: inspected.Id,
      os: inspected.Os,
      architecture: inspected.Architecture,
      wantedPlatform: use.wantedPlatform,
      sizeBytes: inspected.Size,
      entrypoint,
      cmd: config.Cmd ?? [],
      user: config.User ?? '',
      workdir,
      env,
      labels: new Map(Object.entries(config.Labels ?? {})),
      exposedPorts: Object.keys(config.ExposedPorts ?? {}),
      bakedPaths: baked,
      ...(await capabilities(facts, files, use)),
    };
  } finally {
    await docker.run(['rm', '--force', '--volumes', probe]);
  }
}

interface EntryFacts {
  readonly entrypoint: readonly string[];
  readonly path: readonly string[];
  readonly workdir: string;
  readonly exposesPort: boolean;
  readonly labels: readonly string[];
}

interface ImageFiles {
  /** The start of a text file; undefined when there is none, '' for a program that is not text. */
  read(path: string): Promise<string | undefined>;
}

function imageFiles(docker: Docker, container: string, signal: AbortSignal): ImageFiles {
  const cache = new Map<string, Promise<string | undefined>>();
  return {
    read(path) {
      const known = cache.get(path);
      if (known) {
        return known;
      }
      const reading = readContainerFile(docker, container, path, SCRIPT_BYTES, signal).then((content) =>
        content === undefined ? undefined : content.includes(0) ? '' : content.toString('utf8'),
      );
      cache.set(path, reading);
      return reading;
    },
  };
}

/**
 * Finds out what the image offers, from the strongest sign to the weakest. A wrong guess must not cost a
 * green check: what is not offered is skipped with this reason, and `smoke-runs` overrules it.
 */
export async function capabilities(
  facts: EntryFacts,
  files: ImageFiles,
  use: Pick<ImageUse, 'trains' | 'serves'>,
): Promise<{ training: Capability; hosting: Capability }> {
  const scripts = entryScripts(facts);
  const texts = (await Promise.all(scripts.map((path) => files.read(path)))).filter(
    (text) => text !== undefined,
  );
  const findProgram = async (name: 'train' | 'serve') => {
    const folders = [
      ...facts.path,
      facts.workdir,
      ...scripts.map((script) => posix.dirname(script)),
      ...(facts.entrypoint.length > 0 ? ['/opt/program', '/opt/ml/code'] : []),
    ];
    const names = facts.entrypoint.length > 0 ? [name, `${name}.py`, `${name}.sh`] : [name];
    const paths = [...new Set(folders)].flatMap((folder) => {
      const inPath = facts.path.includes(folder);
      return (inPath ? [name] : names).map((candidate) => posix.join(folder, candidate));
    });
    for (const path of paths) {
      if (!scripts.includes(path) && (await files.read(path)) !== undefined) {
        return path;
      }
    }
    return undefined;
  };

  const hosting = await (async (): Promise<Capability> => {
    if (use.serves) {
      return yes('The inputs give the server something to answer or a model to serve.');
    }
    if (facts.exposesPort) {
      return yes('The image exposes port 8080.');
    }
    if (facts.labels.some((label) => label.startsWith('com.amazonaws.sagemaker.capabilities.'))) {
      return yes('The image has a label for hosting.');
    }
    if (facts.entrypoint.some((word) => SERVERS.test(posix.basename(word)))) {
      return yes('The ENTRYPOINT starts a server.');
    }
    if (texts.some((text) => TAKES_SERVE.test(text))) {
      return yes('The ENTRYPOINT’s program knows the argument serve.');
    }
    const program = await findProgram('serve');
    return program
      ? yes(`The image has a program ${program}.`)
      : no('Nothing in the image serves: no program `serve`, no exposed port 8080, no label for hosting.');
  })();

  const training = await (async (): Promise<Capability> => {
    if (use.trains) {
      return yes('The inputs give the program something to train on.');
    }
    if (!hosting.offered) {
      return yes('The image is not made for hosting.');
    }
    if (facts.entrypoint.length > 0) {
      const servesOnly =
        facts.entrypoint.some((word) => SERVERS.test(posix.basename(word))) &&
        !texts.some((text) => /\btrain\b/.test(text)) &&
        !facts.entrypoint.some((word) => /\btrain\b/.test(word));
      if (!servesOnly) {
        return yes('The ENTRYPOINT takes the argument train.');
      }
    }
    const program = await findProgram('train');
    return program
      ? yes(`The image has a program ${program}.`)
      : no('Nothing in the image trains: there is no program `train`, and the image serves.');
  })();
  return { training, hosting };
}

const yes = (reason: string): Capability => ({ offered: true, reason });
const no = (reason: string): Capability => ({ offered: false, reason });

/** Files that the ENTRYPOINT names: its program unless that is an interpreter, and script arguments. */
function entryScripts({ entrypoint, workdir }: EntryFacts): readonly string[] {
  return entrypoint
    .filter((word, index) => {
      const name = posix.basename(word);
      const isPath = word.includes('/') || /\.(py|sh|R|pl|js)$/.test(word) || index > 0;
      return isPath && !word.startsWith('-') && !/\s/.test(word) && !INTERPRETERS.test(name);
    })
    .map((word) => posix.resolve(workdir, word));
}

function split(entry: string): [string, string] {
  const at = entry.indexOf('=');
  return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)];
}
