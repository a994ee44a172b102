import { realpathSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import type { SamplePayload } from '../plan.js';
import { contentTypeOf } from './content-types.js';
import { didYouMean, suggestion } from './did-you-mean.js';
import { type Inputs, silent } from './fields.js';
import { INVOKE_ENDPOINT } from './limits.js';
import { parseList } from './parse-list.js';
import { formOf, parseMap } from './parse-map.js';
import { type Found, filesIn, findPath } from './paths.js';
import type { Field } from './problems.js';
import { expectedBeside, type SampleFolder } from './sample-folder.js';

/** The four inputs that say which requests to send. */
export interface PayloadInputs {
  readonly payload: 'smoke-payload' | 'endpoint-payload';
  readonly contentType: 'smoke-content-type' | 'endpoint-content-type';
  readonly accept: 'smoke-accept' | 'endpoint-accept';
  readonly expect: 'smoke-expect' | 'endpoint-expect';
}

export interface PayloadOptions {
  readonly inputs: PayloadInputs;
  /** The requests when none are named. */
  readonly samples: readonly SamplePayload[];
  readonly mostBytes: number;
}

const OF_SMOKE_TEST: PayloadInputs = {
  payload: 'smoke-payload',
  contentType: 'smoke-content-type',
  accept: 'smoke-accept',
  expect: 'smoke-expect',
};

/** What a container brings as sample requests, each with what its answer must hold. */
export const samplePayloads = (sample: SampleFolder): readonly SamplePayload[] =>
  sample.payloads.map((path) => {
    const expect = expectedBeside(path);
    return { path, contentType: contentTypeOf(path), ...(expect === undefined ? {} : { expect }) };
  });

/** Sample requests of the smoke test. */
export const readSmokePayloads = (
  inputs: Inputs,
  workspace: string,
  sample: SampleFolder,
): readonly SamplePayload[] =>
  readPayloads(inputs, workspace, {
    inputs: OF_SMOKE_TEST,
    samples: samplePayloads(sample),
    mostBytes: INVOKE_ENDPOINT.bodyBytes,
  });

/** Sample requests, each with its content type and with what its answer must hold. */
export function readPayloads(
  inputs: Inputs,
  workspace: string,
  { inputs: names, samples, mostBytes }: PayloadOptions,
): readonly SamplePayload[] {
  const field = inputs(names.payload);
  const contentType = readHeader(inputs(names.contentType), true);
  const accept = readHeader(inputs(names.accept), false);
  const given = field.given ? parseList(field).items : samples.map(({ path }) => relative(workspace, path));
  const files = findPayloads(field, workspace, given, mostBytes);
  for (const name of [names.contentType, names.accept, names.expect]) {
    if (inputs(name).given && given.length === 0) {
      inputs(name).problem('Is about sample requests, but there are none.', `Set \`${names.payload}\` too.`);
    }
  }
  const sampleOf = ({ path }: Found): SamplePayload | undefined =>
    field.given ? undefined : samples.find((sample) => sample.path === path);
  const expectations = inputs(names.expect).given
    ? readExpectations(inputs(names.expect), files, names.payload)
    : (file: Found) => sampleOf(file)?.expect;
  return files.map((file) => {
    const expect = expectations(file);
    const sample = sampleOf(file);
    const wanted = accept ?? sample?.accept;
    return {
      path: file.path,
      contentType: contentType ?? sample?.contentType ?? contentTypeOf(file.given),
      ...(wanted === undefined ? {} : { accept: wanted }),
      ...(expect === undefined ? {} : { expect }),
    };
  });
}

function findPayloads(
  field: Field,
  workspace: string,
  paths: readonly string[],
  mostBytes: number,
): readonly Found[] {
  const payloads: Found[] = [];
  const add = (found: Found): void => {
    if (found.bytes > mostBytes) {
      field.problem(
        `The request has ${found.bytes} bytes; InvokeEndpoint takes at most ${mostBytes}${mostBytes < INVOKE_ENDPOINT.bodyBytes ? ' of a serverless endpoint' : ''}.`,
        'Send a smaller sample.',
        found.given,
      );
    } else if (payloads.some(({ path }) => path === found.path)) {
      field.problem('The request is named twice.', 'Name it once.', found.given);
    } else {
      payloads.push(found);
    }
  };
  for (const given of paths) {
    const what = 'sample request';
    const found = findPath(field, workspace, given, { kind: 'any', what });
    if (found?.kind === 'file') add(found);
    if (found?.kind !== 'folder') continue;
    // Hidden files (.gitkeep, .DS_Store) are nobody's sample request.
    const names = filesIn(field, workspace, found, what).filter((name) => !/(?:^|\/)\./.test(name));
    if (names.length === 0) {
      field.problem('The folder holds no sample request.', 'Put a file into it, or remove it here.', given);
    }
    for (const name of names) {
      const path = realpathSync(join(found.path, name));
      add({ path, kind: 'file', given: join(given, name), bytes: statSync(path).size });
    }
  }
  return payloads;
}

/** A media type, or for `Accept` a list of them: printable ASCII, so that it can be a header's value. */
function readHeader(field: Field, single: boolean): string | undefined {
  if (!field.given) return undefined;
  const text = field.text.trim();
  const isType = single ? /^[\w.+-]+\/[\w.+-]+\s*(?:;.*)?$/ : /^[\w.+*-]+\/[\w.+*-]+/;
  if (!/^[\x20-\x7e]+$/.test(text) || text.length > INVOKE_ENDPOINT.header || !isType.test(text)) {
    field.problem(
      `Is not a media type of at most ${INVOKE_ENDPOINT.header} ASCII characters.`,
      'Write for example `application/json`.',
    );
  }
  return text;
}

/**
 * What the answers must hold. One text for all, or, when its form is that of a map and a key names a payload, a
 * map: JSON that is expected of every answer, such as `{"predictions": [0]}`, names none.
 */
function readExpectations(
  field: Field,
  payloads: readonly Found[],
  payloadInput: string,
): (payload: Found) => string | undefined {
  if (!field.given) return () => undefined;
  const everywhere = field.text.trim();
  const form = formOf(field.text);
  if (form !== 'lines' && form !== 'yaml') return () => everywhere;

  const named = (key: string): Found | undefined =>
    payloads.find(({ given }) => given === key) ?? payloads.find(({ given }) => basename(given) === key);
  const names = payloads.flatMap(({ given }) => [given, basename(given)]);
  const keys = [...parseMap(silent(field.text), { nested: true }).keys()];
  // A mistyped file name is a mistake, not a text; file names have a dot, words of an answer seldom do.
  const isFor = (key: string): boolean =>
    named(key) !== undefined || (key.includes('.') && didYouMean(key, names) !== undefined);
  if (!keys.some(isFor)) return () => everywhere;

  const expected = new Map<string, string>();
  for (const [key, text] of parseMap(field, { nested: true })) {
    const payload = named(key);
    if (payload) expected.set(payload.path, text);
    else {
      field.problem(
        'Names no sample request.',
        `${suggestion(key, names)}Name one of \`${payloadInput}\`, by path or file name.`,
        key,
      );
    }
  }
  return ({ path }) => expected.get(path);
}
