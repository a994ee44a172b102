import { isMap, isScalar, isSeq, type Node } from 'yaml';
import type { InputMode, JobChannel } from '../plan.js';
import { suggestion } from './did-you-mean.js';
import { CHANNEL, CHANNELS, characters } from './limits.js';
import { formOf, parseMap } from './parse-map.js';
import type { Field } from './problems.js';
import { checkS3Uri } from './s3-uris.js';
import { pairsOf, parseYaml, textOf, type YamlDocument } from './yaml-text.js';

/** What a channel may say beside its address: keys of a nested map. */
const KEYS = ['uri', 'data-type', 'distribution', 'input-mode', 'content-type', 'attribute-names'] as const;
type Key = (typeof KEYS)[number];

const WORDS = {
  'data-type': ['S3Prefix', 'ManifestFile', 'AugmentedManifestFile'],
  distribution: ['FullyReplicated', 'ShardedByS3Key'],
  'input-mode': ['File', 'FastFile', 'Pipe'],
} as const;

/** A channel as written, before it is checked. */
type Draft = Partial<Record<Exclude<Key, 'attribute-names'>, string>> & {
  attributeNames?: readonly string[];
};

/**
 * The job's channels: a map from name to an address in S3, or (YAML, JSON) to a map with the address and what
 * else the API knows of a channel.
 *
 * @param jobMode the mode of a channel that says none
 */
export function parseJobChannels(field: Field, jobMode: InputMode): readonly JobChannel[] {
  const drafts = formOf(field.text) === 'yaml' ? draftsOf(field) : uris(field);
  if (drafts.size > CHANNELS.entries) {
    field.problem(
      `SageMaker takes at most ${CHANNELS.entries} channels; these are ${drafts.size}.`,
      'Remove some, or put their data under one prefix.',
      '',
    );
  }
  return [...drafts].flatMap(([name, draft]) => checked(field, name, draft, jobMode) ?? []);
}

const uris = (field: Field): ReadonlyMap<string, Draft> =>
  new Map([...parseMap(field, { trim: true })].map(([name, uri]) => [name, { uri }]));

function draftsOf(field: Field): ReadonlyMap<string, Draft> {
  const drafts = new Map<string, Draft>();
  const yaml = parseYaml(field);
  if (!yaml) return drafts;
  if (!isMap(yaml.root)) {
    field.problem('Is not a YAML map.', 'Write one `name: s3://bucket/prefix` a line.');
    return drafts;
  }
  for (const { key: name, value, line } of pairsOf(field, yaml, yaml.root)) {
    if (value === null || isScalar(value)) {
      drafts.set(name, { uri: (textOf(field, yaml, value) ?? '').trim() });
    } else if (isMap(value)) {
      const draft = draftOf(field, yaml, name, value);
      if (draft) drafts.set(name, draft);
    } else {
      field.problem(
        `Line ${line}: a channel is an address, or a map with \`uri\`.`,
        `Write \`${name}: s3://bucket/prefix\`.`,
        name,
      );
    }
  }
  return drafts;
}

/** A channel that is a map; `undefined` when a value of it could not be read. */
function draftOf(field: Field, yaml: YamlDocument, name: string, map: Node): Draft | undefined {
  const draft: Draft = {};
  let readable = true;
  for (const { key, value, line } of pairsOf(field, yaml, map)) {
    const known = KEYS.find((candidate) => candidate === key);
    if (known === undefined) {
      field.problem(
        `Line ${line}: a channel has no such key.`,
        `${suggestion(key, KEYS)}Known: ${KEYS.map((one) => `\`${one}\``).join(', ')}; all else of the API goes ` +
          'through `training-overrides`.',
        `${name}.${key}`,
      );
    } else if (known === 'attribute-names' && isSeq(value)) {
      draft.attributeNames = value.items.map((one) => textOf(field, yaml, one) ?? '');
    } else if (known !== 'attribute-names' && (value === null || isScalar(value))) {
      draft[known] = (textOf(field, yaml, value) ?? '').trim();
    } else {
      readable = false;
      field.problem(
        `Line ${line}: the value of \`${known}\` is not ${known === 'attribute-names' ? 'a list' : 'a single word'}.`,
        known === 'attribute-names' ? 'Write `attribute-names: [source-ref, label]`.' : 'Write one value.',
        `${name}.${known}`,
      );
    }
  }
  return readable ? draft : undefined;
}

function checked(field: Field, name: string, draft: Draft, jobMode: InputMode): JobChannel | undefined {
  // As for the sample channels: the platform's pattern lets `..` pass.
  if (!CHANNELS.namePattern.test(name) || name.length > CHANNELS.name || /^\.\.?$/.test(name)) {
    return field.problem(
      `The name of a channel has 1 to ${CHANNELS.name} letters, digits, \`.\`, \`_\` or \`-\`, and is not \`.\` or \`..\`.`,
      'Rename it: `train=s3://bucket/prefix`.',
      name,
    );
  }
  const uri = readUri(field, name, draft.uri);
  const s3DataType = word(field, name, 'data-type', draft['data-type']) ?? 'S3Prefix';
  const distribution = word(field, name, 'distribution', draft.distribution) ?? 'FullyReplicated';
  const inputMode = word(field, name, 'input-mode', draft['input-mode']);
  const contentType = draft['content-type'];
  if (contentType !== undefined && characters(contentType) > CHANNEL.contentType) {
    field.problem(`A content type has at most ${CHANNEL.contentType} characters.`, 'Shorten it.', name);
  }
  checkDataType(field, name, s3DataType, inputMode ?? jobMode, draft.attributeNames);
  if (uri === undefined) return undefined;
  return {
    name,
    uri,
    s3DataType,
    distribution,
    ...(inputMode === undefined ? {} : { inputMode }),
    ...(contentType === undefined ? {} : { contentType }),
    ...(draft.attributeNames === undefined ? {} : { attributeNames: draft.attributeNames }),
  };
}

function readUri(field: Field, name: string, uri: string | undefined): string | undefined {
  if (!uri) {
    return field.problem(
      'The channel has no address.',
      `Write \`${name}=s3://bucket/prefix\`. If it comes from a variable or a secret, that is empty in this run.`,
      name,
    );
  }
  if (!uri.includes(':') && !uri.includes('//')) {
    return field.problem(
      'The channel is not an address in S3: a training job reads its data from there.',
      'Write `s3://bucket/prefix`; sample data of the workspace goes into `smoke-channels`.',
      `${name}=${uri}`,
    );
  }
  return checkS3Uri(field, uri, `address of channel \`${name}\``, `${name}=${uri}`);
}

function word<Name extends keyof typeof WORDS>(
  field: Field,
  channel: string,
  key: Name,
  text: string | undefined,
): (typeof WORDS)[Name][number] | undefined {
  if (text === undefined) return undefined;
  const words: readonly (typeof WORDS)[Name][number][] = WORDS[key];
  const found = words.find((candidate) => candidate === text);
  if (found !== undefined) return found;
  const all = words.map((one) => `\`${one}\``).join(', ');
  return field.problem(
    `The ${key} of channel \`${channel}\` is one of ${all}.`,
    `${suggestion(text, words)}Write one of ${all}.`,
    text,
  );
}

/** What goes together. [doc] model-train-storage.md, S3DataSource in the service model */
function checkDataType(
  field: Field,
  name: string,
  type: JobChannel['s3DataType'],
  mode: InputMode,
  attributes: readonly string[] | undefined,
): void {
  const augmented = type === 'AugmentedManifestFile';
  if (mode === 'FastFile' && type !== 'S3Prefix') {
    field.problem(
      `FastFile mode streams a prefix; channel \`${name}\` is a ${type}.`,
      'Set `input-mode: File` (or `Pipe`) for this channel, or name the prefix itself.',
      name,
    );
  } else if (augmented && mode !== 'Pipe') {
    field.problem(
      `An AugmentedManifestFile needs Pipe mode; channel \`${name}\` has ${mode}.`,
      'Set `input-mode: Pipe` for this channel.',
      name,
    );
  }
  if (augmented && !attributes) {
    field.problem(
      `An AugmentedManifestFile needs the attributes to read; channel \`${name}\` names none.`,
      'Add `attribute-names: [source-ref, label]`.',
      name,
    );
  } else if (!augmented && attributes) {
    field.problem(
      `Attributes are for an AugmentedManifestFile; channel \`${name}\` is a ${type}.`,
      'Remove `attribute-names`, or add `data-type: AugmentedManifestFile`.',
      name,
    );
  }
  const lengths = attributes?.map(characters) ?? [];
  const tooLong = lengths.some((length) => length < 1 || length > CHANNEL.attributeName);
  if (attributes && (attributes.length === 0 || attributes.length > CHANNEL.attributeNames || tooLong)) {
    field.problem(
      `SageMaker takes 1 to ${CHANNEL.attributeNames} attributes of 1 to ${CHANNEL.attributeName} characters each.`,
      'Name those that the program reads.',
      name,
    );
  }
}
