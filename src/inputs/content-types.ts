import { extname } from 'node:path';

/** What SageMaker's own algorithms and toolkits call these formats; the rest as registered with IANA. */
const BY_EXTENSION: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.jsonl': 'application/jsonlines',
  '.ndjson': 'application/jsonlines',
  '.csv': 'text/csv',
  '.txt': 'text/plain',
  '.libsvm': 'text/libsvm',
  '.npy': 'application/x-npy',
  '.npz': 'application/x-npz',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.gif': 'image/gif',
  '.bmp': 'image/bmp',
  '.webp': 'image/webp',
  '.tif': 'image/tiff',
  '.tiff': 'image/tiff',
};

export const contentTypeOf = (path: string): string =>
  BY_EXTENSION[extname(path).toLowerCase()] ?? 'application/octet-stream';
