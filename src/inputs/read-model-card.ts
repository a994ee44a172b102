import { readFileSync } from 'node:fs';
import { extname } from 'node:path';
import { isMap } from 'yaml';
import type { ModelCardPlan } from '../plan.js';
import { checkShape, isObject } from './check-shape.js';
import { suggestion } from './did-you-mean.js';
import { checkEntityName } from './entity-names.js';
import { characters, MODEL_CARD } from './limits.js';
import { parseMarkdownCard } from './model-card-markdown.js';
import { MAIN_FIELDS, MODEL_CARD_SCHEMA, SECTIONS } from './model-card-schema.js';
import { findPath } from './paths.js';
import type { Field } from './problems.js';
import { parseYaml, textOf } from './yaml-text.js';

const STATUSES = ['Draft', 'PendingReview', 'Approved', 'Archived'] as const;

/** Fields of the file that are the card's own and not of its content. */
const OWN_KEYS = ['name', 'status'] as const;

const MARKDOWN = ['.md', '.markdown'];
const FRONT_MATTER = /^---\n([\s\S]*?\n)?---[ \t]*(?:\n|$)/;

/** What the author says of the model, from a YAML (JSON) or Markdown file of the workspace. */
export function readModelCard(field: Field, workspace: string): ModelCardPlan | undefined {
  if (!field.given) return undefined;
  const given = field.text.trim();
  const file = findPath(field, workspace, given, { kind: 'file', what: 'model card' });
  if (!file) return undefined;
  const isMarkdown = MARKDOWN.includes(extname(given).toLowerCase());
  if (!isMarkdown && !['.yml', '.yaml', '.json'].includes(extname(given).toLowerCase())) {
    return field.problem(
      'A model card is YAML, JSON or Markdown; this file is none by its name.',
      'Name it `model-card.md` or `model-card.yml`.',
    );
  }
  // More than this is no card, whatever stands in it.
  if (file.bytes > 8 * MODEL_CARD.length) {
    return field.problem(
      `The file has ${file.bytes} bytes; a model card has at most ${MODEL_CARD.length} characters.`,
      'Link to what is long.',
    );
  }
  const text = readFileSync(file.path, 'utf8')
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n');
  const { name, status, ...content } = isMarkdown ? fromMarkdown(field, text) : fromYaml(field, text);
  checkShape(field, content, MODEL_CARD_SCHEMA, { what: 'model card' });
  const length = characters(JSON.stringify(content));
  if (length > MODEL_CARD.length) {
    field.problem(
      `The card has ${length} characters; SageMaker takes at most ${MODEL_CARD.length}.`,
      'Link to what is long.',
    );
  }
  const cardName = readName(field, name);
  return {
    path: file.path,
    ...(cardName === undefined ? {} : { name: cardName }),
    status: readStatus(field, status),
    content,
  };
}

function fromMarkdown(field: Field, text: string): Record<string, unknown> {
  const front = FRONT_MATTER.exec(text);
  const own = front?.[1] === undefined ? {} : mapOf(field, front[1]);
  for (const key of Object.keys(own)) {
    if (OWN_KEYS.some((known) => known === key)) continue;
    field.problem(
      'The head of a model card has no such field.',
      `${suggestion(key, OWN_KEYS)}Known: \`name\`, \`status\`; all else stands under its heading.`,
      key,
    );
    delete own[key];
  }
  const lines = (front?.[0] ?? '').split('\n').length - 1;
  return { ...own, ...parseMarkdownCard(field, text.slice(front?.[0].length ?? 0), lines) };
}

/** A section that is one text has said its main field; a single evaluation is a list of one. */
function fromYaml(field: Field, text: string): Record<string, unknown> {
  const card = mapOf(field, text);
  for (const section of SECTIONS) {
    const value = card[section];
    if (section === 'evaluation_details') {
      if (typeof value === 'string') card[section] = [{ name: 'Evaluation', evaluation_observation: value }];
      else if (isObject(value)) card[section] = [value];
    } else if (typeof value === 'string') {
      card[section] = { [MAIN_FIELDS[section]]: value };
    }
    // What is still to be filled in says nothing.
    if (value === null) delete card[section];
    if (!isObject(value)) continue;
    for (const [key, said] of Object.entries(value)) {
      if (said === null) delete value[key];
    }
  }
  return card;
}

function mapOf(field: Field, text: string): Record<string, unknown> {
  const yaml = parseYaml(field, text);
  if (!yaml || yaml.root === null) return {};
  if (!isMap(yaml.root)) {
    field.problem(
      'The model card is not a YAML map.',
      `Write its sections as keys: ${SECTIONS.map((one) => `\`${one}\``).join(', ')}.`,
    );
    return {};
  }
  const json = textOf(field, yaml, yaml.root);
  return json === undefined ? {} : (JSON.parse(json) as Record<string, unknown>);
}

function readName(field: Field, name: unknown): string | undefined {
  if (name === undefined || name === null) return undefined;
  return checkEntityName(field, String(name), 'a model card', `name: ${String(name)}`);
}

function readStatus(field: Field, status: unknown): ModelCardPlan['status'] {
  if (status === undefined || status === null) return 'Draft';
  const found = STATUSES.find((known) => known === status);
  if (found === undefined) {
    field.problem(
      `The status of a model card is one of ${STATUSES.map((one) => `\`${one}\``).join(', ')}.`,
      `${suggestion(String(status), STATUSES)}Write \`status: Draft\`, for example.`,
      `status: ${String(status)}`,
    );
  }
  return found ?? 'Draft';
}
