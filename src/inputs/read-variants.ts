import type { ModelPackageReference, ModelSource, VariantHosting } from '../plan.js';
import { checkEntityName } from './entity-names.js';
import type { Inputs } from './fields.js';
import { checkInstanceType, platformOf } from './instance-types.js';
import { INSTANCE_COUNT, SERVERLESS, VARIANTS } from './limits.js';
import { type Parts, readNamedParts, readParts } from './map-parts.js';
import { parseModelArtifacts } from './model-artifacts.js';
import type { Field } from './problems.js';
import { parseInteger, parseNumber } from './quantities.js';
import { checkImageUri } from './read-image.js';
import { parseModelPackage } from './read-model-package.js';

const SERVERLESS_KEYS = ['memory-size', 'max-concurrency', 'provisioned-concurrency'] as const;
const SOURCE_KEYS = ['model-package', 'model-artifacts', 'image-uri'] as const;
const KEYS = ['weight', 'instance-type', 'instance-count', ...SERVERLESS_KEYS, ...SOURCE_KEYS] as const;
type Key = (typeof KEYS)[number];

/** What the endpoint runs on, and from what, before it is known from where the run's own model comes. */
export interface Variants {
  readonly drafts: readonly VariantDraft[];
  readonly serverless: boolean;
}

export interface VariantDraft {
  readonly name: string;
  readonly weight: number;
  /** Absent: nothing says it. */
  readonly hosting?: VariantHosting;
  /** Absent: that of the endpoint. */
  readonly model?: ModelSource;
}

/**
 * The variants: those of `variants`, or one called `AllTraffic`, each on what it says itself, or else on what the
 * endpoint's inputs say.
 *
 * @param group of `model-package-group`
 */
export function readVariants(
  inputs: Inputs,
  group: string | undefined,
  region: string | undefined,
): Variants {
  const field = inputs('variants');
  const common = readHosting(inputs);
  if (!field.given) {
    return {
      drafts: [{ name: 'AllTraffic', weight: 1, ...(common && { hosting: common }) }],
      serverless: common?.kind === 'serverless',
    };
  }
  const named = readNamedParts(field, KEYS, 'blue: {weight: 9, instance-type: ml.m5.large}');
  const drafts = [...named].map(([name, parts]): VariantDraft => {
    checkEntityName(field, name, 'a variant');
    const hosting = hostingOf(parts, common);
    const model = sourceOf(inputs, parts, group, region);
    return {
      name,
      weight: parts('weight').given ? parseNumber(parts('weight'), { min: 0, max: 1_000_000 }, 1) : 1,
      ...(hosting && { hosting }),
      ...(model && { model }),
    };
  });
  const serverless = drafts.some(({ hosting }) => hosting?.kind === 'serverless');
  checkTogether(field, drafts, serverless);
  return { drafts, serverless };
}

function checkTogether(field: Field, drafts: readonly VariantDraft[], serverless: boolean): void {
  if (field.failed) return;
  if (drafts.length === 0 || drafts.length > VARIANTS.entries) {
    field.problem(
      `An endpoint has 1 to ${VARIANTS.entries} variants; these are ${drafts.length}.`,
      'Write one `name: {…}` for each.',
      '',
    );
  } else if (drafts.every(({ weight }) => weight === 0)) {
    field.problem(
      'No variant has a weight above 0: nothing would answer.',
      'Give one of them a weight.',
      drafts.map(({ name }) => name).join(', '),
    );
  } else if (serverless && drafts.length > 1) {
    field.problem(
      'A serverless endpoint has one variant only.',
      'Keep one variant, or host them on instances.',
      drafts.map(({ name }) => name).join(', '),
    );
  }
}

/** What `endpoint-instance-type` or `serverless` say. */
function readHosting(inputs: Inputs): VariantHosting | undefined {
  const [type, count, field] = [
    inputs('endpoint-instance-type'),
    inputs('endpoint-instance-count'),
    inputs('serverless'),
  ];
  const instances = parseInteger(count, INSTANCE_COUNT, 1);
  if (field.given) {
    for (const other of [type, count]) {
      if (!other.given) continue;
      other.problem(
        'Is for an endpoint on instances, but `serverless` is given.',
        `Remove \`${other.name}\`, or \`serverless\`.`,
      );
    }
    const parts = readParts(field, { keys: SERVERLESS_KEYS });
    return serverlessOf(parts);
  }
  // What is wrong with the type is said where the platform is decided.
  return type.given ? { kind: 'instance', type: type.text.trim(), count: instances } : undefined;
}

/** The defaults are the platform's console's: 2 GB for a small model, and few at a time. */
const DEFAULT_MEMORY = 2048;
const DEFAULT_CONCURRENCY = 5;

function serverlessOf(parts: Parts<(typeof SERVERLESS_KEYS)[number]>): VariantHosting {
  const memory = parts('memory-size');
  const memorySizeInMB = parseInteger(memory, SERVERLESS.memory, DEFAULT_MEMORY);
  if (memorySizeInMB % SERVERLESS.memoryStep !== 0) {
    memory.problem(
      'The memory of a serverless endpoint is a multiple of 1024 MB.',
      'Write `1024`, `2048`, `3072`, `4096`, `5120` or `6144`.',
    );
  }
  const maxConcurrency = parseInteger(parts('max-concurrency'), SERVERLESS.concurrency, DEFAULT_CONCURRENCY);
  const provisioned = parts('provisioned-concurrency');
  const provisionedConcurrency = parseInteger(provisioned, SERVERLESS.concurrency, 1);
  if (provisioned.given && provisionedConcurrency > maxConcurrency) {
    provisioned.problem(
      `More is kept ready than may run at a time (\`max-concurrency\`: ${maxConcurrency}).`,
      `Write ${maxConcurrency} or less, or raise \`max-concurrency\`.`,
    );
  }
  return {
    kind: 'serverless',
    memorySizeInMB,
    maxConcurrency,
    ...(provisioned.given ? { provisionedConcurrency } : {}),
  };
}

function hostingOf(parts: Parts<Key>, common: VariantHosting | undefined): VariantHosting | undefined {
  const [type, count] = [parts('instance-type'), parts('instance-count')];
  const ownServerless = SERVERLESS_KEYS.filter((key) => parts(key).given);
  const [first] = ownServerless;
  if (first !== undefined) {
    if (type.given || count.given) {
      parts(first).problem(
        'A variant runs on instances, or serverless.',
        'Remove `instance-type` and `instance-count`, or this key.',
      );
    }
    return serverlessOf(parts);
  }
  const instances = parseInteger(count, INSTANCE_COUNT, common?.kind === 'instance' ? common.count : 1);
  if (type.given) {
    const checked = checkInstanceType(type, type.text.trim(), 'hosting');
    return checked === undefined ? undefined : { kind: 'instance', type: checked, count: instances };
  }
  return common?.kind === 'instance' ? { ...common, count: instances } : common;
}

function sourceOf(
  inputs: Inputs,
  parts: Parts<Key>,
  group: string | undefined,
  region: string | undefined,
): ModelSource | undefined {
  const [version, artifacts, image] = [parts('model-package'), parts('model-artifacts'), parts('image-uri')];
  const groupGiven = inputs('model-package-group').given;
  const reference: ModelPackageReference | undefined = version.given
    ? parseModelPackage(version, groupGiven, group, region)
    : undefined;
  const modelData = parseModelArtifacts(artifacts);
  const uri = image.given ? checkImageUri(image) : undefined;
  if (version.given && (artifacts.given || image.given)) {
    version.problem(
      'A version of the model registry brings its model and its image.',
      'Remove `model-artifacts` and `image-uri` of this variant, or `model-package`.',
    );
  } else if (image.given && !artifacts.given) {
    image.problem('Names an image without a model.', 'Add `model-artifacts` to this variant.');
  }
  if (reference) return { kind: 'package', package: reference };
  return modelData === undefined
    ? undefined
    : { kind: 'artifacts', modelData, ...(uri === undefined ? {} : { image: uri }) };
}

/** The instance types that run the image of this run: they must be of its architecture. */
export const typesOfRunImage = ({ drafts }: Variants): readonly string[] =>
  drafts.flatMap(({ hosting, model }) =>
    hosting?.kind !== 'instance' || model?.kind === 'package' || (model?.kind === 'artifacts' && model.image)
      ? []
      : [hosting.type],
  );

/** Complains of types that the image cannot run on. */
export function checkPlatforms(field: Field, variants: Variants, platform: string): void {
  for (const type of new Set(typesOfRunImage(variants))) {
    if (!field.given || platformOf(type) === platform) continue;
    field.problem(
      `Needs an image for ${platformOf(type)}, but this one is for ${platform}: one image cannot run on both.`,
      'Name types of the same architecture, or give the variant an `image-uri` of its own.',
      type,
    );
  }
}
