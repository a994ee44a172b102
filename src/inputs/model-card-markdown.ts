import { suggestion } from './did-you-mean.js';
import { fieldsOf, MAIN_FIELDS, SECTIONS, type Section } from './model-card-schema.js';
import type { Field } from './problems.js';

type Card = Record<string, Record<string, unknown> | { name: string; evaluation_observation: string }[]>;

/** What people call the sections and fields of a model card, and what the schema does. */
const MEANT: Readonly<Record<string, string>> = {
  overview: 'model_overview',
  model_details: 'model_overview',
  description: 'model_description',
  uses: 'intended_uses',
  intended_use: 'intended_uses',
  business: 'business_details',
  training: 'training_details',
  evaluation: 'evaluation_details',
  limits: 'caveats_and_recommendations',
  limitations: 'caveats_and_recommendations',
  caveats: 'caveats_and_recommendations',
  recommendations: 'caveats_and_recommendations',
  ethics: 'ethical_considerations',
};

interface Heading {
  /** 0: what stands before the first one. */
  readonly level: number;
  readonly title: string;
  readonly line: number;
  readonly text: string;
}

/**
 * A model card in Markdown as the schema has it: `##` headings are sections (or a field of one), `###` headings
 * fields of a section. The text below a section's own heading goes into its main field.
 *
 * @param text without front matter
 * @param lineOffset of the text in its file
 */
export function parseMarkdownCard(field: Field, text: string, lineOffset: number): Card {
  const card: Card = {};
  let section: Section | undefined;
  let known = true;
  for (const heading of headingsOf(text)) {
    const where = `Line ${heading.line + lineOffset}`;
    const name = identifier(heading.title);
    const put = (to: Section, key: string) => putText(field, card, to, key, heading, where);
    if (heading.level === 0) {
      put('model_overview', MAIN_FIELDS.model_overview);
    } else if (heading.level === 1) {
      putText(field, card, 'model_overview', 'model_name', { ...heading, text: heading.title }, where);
      put('model_overview', MAIN_FIELDS.model_overview);
    } else if (heading.level === 2) {
      section = sectionNamed(name);
      const owner = section === undefined ? ownerOf(name) : undefined;
      known = section !== undefined || owner !== undefined;
      if (section !== undefined) putUnder(card, section, heading, put);
      else if (owner) put(owner.section, owner.key);
      else unknownHeading(field, heading.title, name, where);
    } else if (section !== undefined) {
      putField(field, card, section, name, heading, put, where);
    } else if (known && heading.text !== '') {
      field.problem(
        `${where}: a \`###\` heading belongs to a section.`,
        'Put it below the `##` heading of its section.',
        heading.title,
      );
    }
  }
  return card;
}

/** The text that stands below a section's own heading. */
function putUnder(
  card: Card,
  section: Section,
  heading: Heading,
  put: (to: Section, key: string) => void,
): void {
  if (section !== 'evaluation_details') {
    put(section, MAIN_FIELDS[section]);
  } else if (heading.text !== '') {
    addEvaluation(card, 'Evaluation', heading.text);
  }
}

function putField(
  field: Field,
  card: Card,
  section: Section,
  name: string,
  heading: Heading,
  put: (to: Section, key: string) => void,
  where: string,
): void {
  const fields = fieldsOf(section);
  const key = [name, MEANT[name] ?? ''].find((candidate) => fields.includes(candidate));
  if (section === 'evaluation_details') {
    addEvaluation(card, heading.title, heading.text);
  } else if (key !== undefined) {
    put(section, key);
  } else if (section === 'additional_information') {
    const about = objectOf(card, section);
    const details = (about['custom_details'] ?? {}) as Record<string, string>;
    if (Object.hasOwn(details, name)) saidTwice(field, where, heading.title);
    about['custom_details'] = { ...details, [name]: heading.text };
  } else {
    field.problem(
      `${where}: \`${section}\` has no such field.`,
      `${suggestion(name, fields)}Known: ${fields.map((one) => `\`${one}\``).join(', ')}.`,
      heading.title,
    );
  }
}

function putText(
  field: Field,
  card: Card,
  section: Section,
  key: string,
  { text, title }: Heading,
  where: string,
): void {
  if (text === '') return;
  const object = objectOf(card, section);
  if (Object.hasOwn(object, key)) saidTwice(field, where, title || key);
  object[key] = readText(key, text);
}

/** All fields that a person writes are text, but for these. */
function readText(key: string, text: string): unknown {
  if (key === 'model_version' && Number.isFinite(Number(text))) return Number(text);
  if (key === 'objective_function') return { notes: text };
  return text;
}

const saidTwice = (field: Field, where: string, title: string): void => {
  field.problem(`${where}: this is said twice in the card.`, 'Put both under one heading.', title);
};

function objectOf(card: Card, section: Section): Record<string, unknown> {
  const object = (card[section] ?? {}) as Record<string, unknown>;
  card[section] = object;
  return object;
}

function addEvaluation(card: Card, name: string, observation: string): void {
  const jobs = card['evaluation_details'];
  card['evaluation_details'] = [
    ...(Array.isArray(jobs) ? jobs : []),
    { name, evaluation_observation: observation },
  ];
}

const sectionNamed = (name: string): Section | undefined =>
  SECTIONS.find((known) => known === name || known === MEANT[name]);

/** The section of a field that a `##` heading names. */
function ownerOf(name: string): { readonly section: Section; readonly key: string } | undefined {
  for (const key of [name, MEANT[name] ?? '']) {
    const section = SECTIONS.find((candidate) => fieldsOf(candidate).includes(key));
    if (section !== undefined) return { section, key };
  }
  return undefined;
}

function unknownHeading(field: Field, title: string, name: string, where: string): void {
  const all = [...SECTIONS, ...SECTIONS.flatMap(fieldsOf)];
  field.problem(
    `${where}: a model card has no such section.`,
    `${suggestion(name, all)}Sections: ${SECTIONS.map((one) => `\`${one}\``).join(', ')}. What fits none of them goes ` +
      'under `## Additional information`, with a `###` heading of its own.',
    title,
  );
}

/** `Ethical considerations` → `ethical_considerations`. */
const identifier = (title: string): string =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_|_$/g, '');

/** Headings of the first three levels with the text below them. Comments are left out, code stays as it is. */
function headingsOf(text: string): readonly Heading[] {
  const found: { level: number; title: string; line: number; lines: string[] }[] = [
    { level: 0, title: '', line: 1, lines: [] },
  ];
  let fence: string | undefined;
  // The lines keep their numbers.
  const plain = text.replace(/<!--[\s\S]*?-->/g, (comment) => comment.replace(/[^\n]/g, ''));
  for (const [index, line] of plain.split('\n').entries()) {
    const mark = /^ {0,3}(```+|~~~+)/.exec(line)?.[1];
    if (fence === undefined) fence = mark;
    else if (mark?.startsWith(fence) && line.trim() === mark) fence = undefined;
    const heading = fence === undefined && !mark ? /^ {0,3}(#{1,3})\s+(.*?)\s*#*\s*$/.exec(line) : null;
    if (heading) {
      found.push({ level: heading[1]?.length ?? 0, title: heading[2] ?? '', line: index + 1, lines: [] });
    } else {
      found.at(-1)?.lines.push(line);
    }
  }
  return found.map(({ lines, ...heading }) => ({ ...heading, text: lines.join('\n').trim() }));
}
