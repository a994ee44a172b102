import { APPROVAL_STATUSES, type RegisterPlan, type SamplePayload, type Stage } from '../plan.js';
import { suggestion } from './did-you-mean.js';
import type { Inputs } from './fields.js';
import { checkInstanceType } from './instance-types.js';
import { characters, DESCRIPTION, MEDIA_TYPE, METADATA } from './limits.js';
import { parseList } from './parse-list.js';
import { parseMap } from './parse-map.js';
import type { Field } from './problems.js';
import { parseBoolean, parseChoice } from './quantities.js';
import { readModelCard } from './read-model-card.js';
import { UNSET } from './required.js';

/** What the inputs of a version in the model registry are checked against. */
export interface RegisterSurroundings {
  readonly stages: readonly Stage[];
  readonly workspace: string;
  /** Of `model-package-group`. */
  readonly group: string | undefined;
  /** Of `model-artifacts`. */
  readonly modelArtifacts: string | undefined;
  /** Of `output-path`. */
  readonly outputPath: string | undefined;
  /** The endpoint's types that run this image. */
  readonly endpointTypes: readonly string[];
  /** The sample requests: their types are what the model is known to take. */
  readonly payloads: readonly SamplePayload[];
}

/**
 * A version of the model registry. The values are checked whether or not the stage runs.
 *
 * @returns the plan of the stage, or `undefined` when it is not to run
 */
export function readRegister(inputs: Inputs, surroundings: RegisterSurroundings): RegisterPlan | undefined {
  const { stages, group, modelArtifacts, outputPath, payloads } = surroundings;
  const runs = stages.includes('register');
  const field = inputs('model-package-group');
  if (runs && !field.given) {
    field.problem(
      'The stage `register` needs a group of the model registry.',
      `Set \`model-package-group\`, for example \`model-package-group: forecast\`. ${UNSET}`,
    );
  }
  const description = readDescription(inputs('model-description'));
  const card = readModelCard(inputs('model-card'), surroundings.workspace);
  const contentTypes = readMediaTypes(inputs('model-content-types'), MEDIA_TYPE.content);
  const responseTypes = readMediaTypes(inputs('model-response-types'), MEDIA_TYPE.response);
  const instanceTypes = readTypes(inputs('model-instance-types'));
  const plan: RegisterPlan = {
    group: group ?? '',
    createGroup: parseBoolean(inputs('create-model-package-group'), false),
    approvalStatus: parseChoice(
      inputs('approval-status'),
      APPROVAL_STATUSES,
      'PendingManualApproval',
      suggestion,
    ),
    ...(description === undefined ? {} : { description }),
    metadata: readMetadata(inputs('model-metadata')),
    ...(card === undefined ? {} : { card }),
    contentTypes: orElse(
      contentTypes,
      payloads.map(({ contentType }) => contentType),
    ),
    responseTypes: orElse(
      responseTypes,
      payloads.flatMap(({ accept }) => (accept === undefined || /[*,]/.test(accept) ? [] : [accept])),
    ),
    instanceTypes: instanceTypes.length > 0 ? instanceTypes : [...new Set(surroundings.endpointTypes)],
    ...(modelArtifacts === undefined ? {} : { modelArtifacts }),
    ...(modelArtifacts === undefined || outputPath === undefined ? {} : { reportPath: outputPath }),
  };
  return runs ? plan : undefined;
}

/** What is said, else what the samples show, else the commonest: the API wants one at least. */
const orElse = (said: readonly string[], shown: readonly string[]): readonly string[] =>
  [said, [...new Set(shown)]].find(({ length }) => length > 0) ?? ['application/json'];

/** Why, or what of: free text in one line. */
export function readDescription(field: Field): string | undefined {
  if (!field.given) return undefined;
  const text = field.text.trim().replace(/\s*\n\s*/g, ' ');
  if (characters(text) > DESCRIPTION.length) {
    return field.problem(
      `A description has at most ${DESCRIPTION.length} characters; this has ${characters(text)}.`,
      'Shorten it; what is long belongs into `model-card`.',
    );
  }
  if (DESCRIPTION.pattern.test(text)) return text;
  return field.problem('A description holds no control characters.', 'Remove them.');
}

function readMetadata(field: Field): ReadonlyMap<string, string> {
  const map = parseMap(field);
  if (map.size > METADATA.entries) {
    field.problem(
      `The registry takes 50 entries, and twenty of them are for what this action sets; these are ${map.size}.`,
      `Keep ${METADATA.entries} or fewer.`,
      '',
    );
  }
  for (const [key, value] of map) {
    const shown = `${key}=${value}`;
    const [keyLength, length] = [characters(key), characters(value)];
    if (keyLength > METADATA.key || length > METADATA.value || length === 0) {
      field.problem(
        `A key has 1 to ${METADATA.key} characters, its value 1 to ${METADATA.value}; these have ${keyLength} and ${length}.`,
        length === 0 ? 'Write a value, or remove the entry.' : 'Shorten it.',
        shown,
      );
    } else if (!METADATA.pattern.test(key) || !METADATA.pattern.test(value)) {
      field.problem(
        'Metadata has letters, digits, spaces and `_ . : / = + - @`.',
        'Remove the other characters.',
        shown,
      );
    }
  }
  return map;
}

function readMediaTypes(field: Field, most: number): readonly string[] {
  const { items } = parseList(field, { commas: true });
  for (const [index, item] of items.entries()) {
    if (!MEDIA_TYPE.pattern.test(item) || item.length > most) {
      field.problem(
        `Is not a media type of at most ${most} characters.`,
        'Write for example `application/json`.',
        item,
      );
    } else if (items.indexOf(item) < index) {
      field.problem('The type is named twice.', 'Name it once.', item);
    }
  }
  return items;
}

function readTypes(field: Field): readonly string[] {
  const { items } = parseList(field, { commas: true });
  for (const [index, item] of items.entries()) {
    if (checkInstanceType(field, item, 'hosting') !== undefined && items.indexOf(item) < index) {
      field.problem('The type is named twice.', 'Name it once.', item);
    }
  }
  return items;
}
