import { type Instruction, stageHeads } from './dockerfile.js';

/** A step of a build as its builder counts and names it. */
export interface BuildStep {
  /** What the builder calls it, without its number: `RUN pip install …`, `[internal] load metadata for …`. */
  readonly title: string;
  readonly count?: StepCount;
}

/**
 * The number of a step. BuildKit counts what makes a layer, in each build stage anew; the classic builder
 * counts every instruction of the file.
 */
export type StepCount =
  | { readonly by: 'stage'; readonly stage?: string; readonly number: number; readonly total: number }
  | { readonly by: 'file'; readonly number: number };

/** Instructions that BuildKit numbers, besides a `FROM` that pulls. */
const LAYERS = new Set(['RUN', 'COPY', 'ADD', 'WORKDIR']);

/** The instruction that a step came from; undefined when that cannot be told for sure. */
export function locateStep(instructions: readonly Instruction[], step: BuildStep): Instruction | undefined {
  const found = step.count ? byCount(instructions, step.title, step.count) : undefined;
  return found ?? byImage(instructions, pulledImage(step.title));
}

/** The image that a step pulls, or asks a registry about. */
export function pulledImage(title: string): string | undefined {
  return /^(?:\[internal\] load metadata for |FROM |resolve image config for (?:docker-image:\/\/)?)(\S+)/.exec(
    title,
  )?.[1];
}

function byCount(
  instructions: readonly Instruction[],
  title: string,
  count: StepCount,
): Instruction | undefined {
  if (count.by === 'file') {
    return matching(instructions[count.number - 1], title);
  }
  const stage = stageIndex(instructions, count.stage);
  const own = instructions.filter((instruction) => instruction.stage === stage);
  const layers = own.filter(({ keyword }) => LAYERS.has(keyword));
  // From the end, since ONBUILD instructions of the base image are counted too, before all others.
  const index = layers.length - 1 - (count.total - count.number);
  return index >= 0 ? matching(layers[index], title) : own.find(({ keyword }) => keyword === 'FROM');
}

/** A wrong count (a frontend that counts differently) must not lead to a wrong line. */
function matching(instruction: Instruction | undefined, title: string): Instruction | undefined {
  return instruction?.keyword === title.split(/\s/, 1)[0]?.toUpperCase() ? instruction : undefined;
}

function stageIndex(instructions: readonly Instruction[], name: string | undefined): number {
  const heads = stageHeads(instructions);
  if (name === undefined) {
    return heads.length - 1;
  }
  const named = heads.findIndex((head) => head.name === name);
  return named >= 0 ? named : Number(/^stage-(\d+)$/.exec(name)?.[1] ?? -1);
}

/** The instruction that uses an image: `FROM`, `COPY --from=`, `RUN --mount=…,from=`, or the `syntax` line. */
function byImage(instructions: readonly Instruction[], image: string | undefined): Instruction | undefined {
  if (image === undefined) {
    return undefined;
  }
  const wanted = fullName(image);
  const uses = (instruction: Instruction): readonly string[] =>
    instruction.keyword === 'FROM'
      ? stageHeads([instruction]).map((head) => head.image)
      : [...instruction.rest.matchAll(/\bfrom=([^\s,]+)/g)].map(([, name = '']) => name);
  const exact = instructions.find((instruction) =>
    uses(instruction).some((name) => fullName(name) === wanted),
  );
  if (exact) {
    return exact;
  }
  // A name made of build arguments: it can only be that one when there is no other.
  const variable = instructions.filter((instruction) => uses(instruction).some((name) => name.includes('$')));
  return variable.length === 1 ? variable[0] : undefined;
}

/** `python` and `docker.io/library/python:latest` are the same image. */
function fullName(image: string): string {
  const short = image.replace(/^docker\.io\//, '').replace(/^library\//, '');
  return /[:@][^/]*$/.test(short) ? short : `${short}:latest`;
}
