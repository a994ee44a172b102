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

/** Sample requests, each with its content type and with what its answer must hold. */
export function readPayloads(
  inputs: Inputs,
  workspace: string,
  sample: SampleFolder,
): readonly SamplePayload[] {
  const field = inputs('smoke-payload');
  const contentType = readHeader(inputs('smoke-content-type'), true);
  const accept = readHeader(inputs('smoke-accept'), false);
  const given = field.given
    ? parseList(field).items
    : sample.payloads.map((path) => relative(workspace, path));
  const files = findPayloads(field, workspace, given);
  for (const name of ['smoke-content-type', 'smoke-accept', 'smoke-expect'] as const) {
    if (inputs(name).given && given.length === 0) {
      inputs(name).problem('Is about sample requests, but there are none.', 'Set `smoke-payload` too.');
    }
  }
  const expectations =
    inputs('smoke-expect').given || field.given
      ? readExpectations(inputs('smoke-expect'), files)
      : ({ path }: Found) => expectedBeside(path);
  return files.map((file) => {
    const expect = expectations(file);
    return {
      path: file.path,
      contentType: contentType ?? contentTypeOf(file.given),
      ...(accept === undefined ? {} : { accept }),
      ...(expect === undefined ? {} : { expect }),
    };
  });
}

function findPayloads(field: Field, workspace: string, paths: readonly string[]): readonly Found[] {
  const payloads: Found[] = [];
  const add = (found: Found): void => {
    if (found.bytes > INVOKE_ENDPOINT.bodyBytes) {
      field.problem(
        `The request has ${found.bytes} bytes; InvokeEndpoint takes at most ${INVOKE_ENDPOINT.bodyBytes}.`,
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
function readExpectations(field: Field, payloads: readonly Found[]): (payload: Found) => string | undefined {
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
        `${suggestion(key, names)}Name one of \`smoke-payload\`, by path or file name.`,
        key,
      );
    }
  }
  return ({ path }) => expected.get(path);
}
