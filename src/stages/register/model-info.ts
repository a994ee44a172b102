import { Transform } from 'node:stream';
import { text as readText } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import { AwsError } from '../../aws/aws-error.js';
import type { Objects } from '../../aws/objects.js';

/** Fields of model_info.json, by dotted path; every value as text. */
export type ModelInfo = ReadonlyMap<string, string>;

/** What was found out by reading a model in S3. */
export interface ReadModel {
  readonly info: ModelInfo;
  /** ETag of the model; absent when it could not be read, or is no single object. */
  readonly etag?: string;
  /** Things worth knowing, a sentence each. */
  readonly notices: readonly string[];
}

const FILE = 'model_info.json';
/** So much of the archive is read at most, looking for the file. */
const MOST_READ = 1024 ** 3;
/** And so much after it is unpacked: an archive may hold much more than it weighs. */
const MOST_UNPACKED = 8 * 1024 ** 3;
const LARGEST_FILE = 256 * 1024;
const LONGEST_VALUE = 256;

/**
 * What training left about the model in model_info.json, at the root of its archive. The archive is streamed, and
 * nothing of it but this one file is kept; a model that is a folder has the file as an object of its own.
 *
 * Nobody needs it: a model that cannot be read is a notice.
 *
 * @param uri `s3://…/model.tar.gz`, or the prefix of a model that is not packed
 * @throws CanceledError
 */
export async function readModelInfo(objects: Objects, uri: string, signal: AbortSignal): Promise<ReadModel> {
  const packed = isArchive(uri);
  let etag: string | undefined;
  try {
    const object = await objects.open(packed ? uri : `${uri.replace(/\/*$/, '')}/${FILE}`, signal);
    if (object === undefined) return { info: new Map(), notices: [] };
    if (packed) etag = object.etag;
    const known = etag === undefined ? {} : { etag };
    const found = packed ? await findFile(object.body) : await wholeFile(object.body);
    return typeof found === 'string'
      ? { ...parse(found), ...known }
      : { info: new Map(), notices: found.notice === undefined ? [] : [found.notice], ...known };
  } catch (error) {
    if (signal.aborted || !(error instanceof AwsError || isBroken(error))) throw error;
    const why = error instanceof AwsError ? `${error.message} ${error.fix}` : `${error.message}.`;
    return {
      info: new Map(),
      notices: [`The model was not looked into for ${FILE}: ${why}`],
      ...(etag !== undefined && { etag }),
    };
  }
}

/** Whether a model is one archive; else it is a prefix of objects. */
export const isArchive = (uri: string): boolean => /\.(?:tar\.gz|tgz)$/.test(uri);

interface Absent {
  readonly notice?: string;
}

async function findFile(body: NodeJS.ReadableStream): Promise<string | Absent> {
  const compressed = limited(MOST_READ);
  const unpacked = limited(MOST_UNPACKED);
  const entries = extract();
  const reading = pipeline(body, compressed, createGunzip(), unpacked, entries);
  // The loop below ends with the same error; leaving it early breaks the pipeline off, as it should.
  reading.catch(() => {});
  try {
    for await (const entry of entries) {
      const { name, type, size = 0 } = entry.header;
      if (name.replace(/^(?:\.?\/)+/, '') !== FILE || (type !== 'file' && type !== 'contiguous-file')) {
        entry.resume();
        continue;
      }
      if (size > LARGEST_FILE)
        return { notice: `${FILE} has ${size} bytes, and only ${LARGEST_FILE} are read.` };
      return await readText(entry);
    }
    await reading;
    return {};
  } catch (error) {
    if (!(error instanceof TooMuch)) throw error;
    return {
      notice: `${FILE} is not at the beginning of the model's archive, and was not looked for any further.`,
    };
  } finally {
    entries.destroy();
    (body as { destroy?: () => void }).destroy?.();
  }
}

async function wholeFile(body: NodeJS.ReadableStream): Promise<string | Absent> {
  try {
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of body as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > LARGEST_FILE)
        return { notice: `${FILE} has more than the ${LARGEST_FILE} bytes that are read.` };
      chunks.push(chunk);
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    (body as { destroy?: () => void }).destroy?.();
  }
}

class TooMuch extends Error {}

function limited(most: number): Transform {
  let left = most;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      done(left < 0 ? new TooMuch() : null, chunk);
    },
  });
}

function parse(text: string): Pick<ReadModel, 'info' | 'notices'> {
  let content: unknown;
  try {
    content = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    return { info: new Map(), notices: [`${FILE} in the model is not JSON: ${(error as Error).message}.`] };
  }
  if (typeof content !== 'object' || content === null || Array.isArray(content)) {
    return {
      info: new Map(),
      notices: [`${FILE} in the model is no JSON object: none of it was registered.`],
    };
  }
  return { info: new Map(fields(content)), notices: [] };
}

/** `{a: {b: 1}}` → `a.b`; a list of plain values in one line. */
function fields(value: unknown, path = ''): [string, string][] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object') return path === '' ? [] : [[path, short(String(value))]];
  if (Array.isArray(value)) {
    const plain = value.filter((item) => typeof item !== 'object');
    return plain.length === 0 ? [] : [[path, short(plain.join(' '))]];
  }
  return Object.entries(value).flatMap(([name, item]) =>
    fields(item, path === '' ? name : `${path}.${name}`),
  );
}

const short = (text: string): string => text.slice(0, LONGEST_VALUE);

/** What zlib, tar-stream and a broken connection throw. */
const isBroken = (error: unknown): error is Error =>
  typeof error === 'object' &&
  error !== null &&
  'message' in error &&
  typeof error.message === 'string' &&
  ('code' in error || /tar|header|unexpected end|premature|aborted|socket/i.test(error.message));
