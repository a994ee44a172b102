import { expect, test } from '@jest/globals';
import { contentTypeOf } from '../../../src/inputs/content-types.js';

test.each([
  ['request.json', 'application/json'],
  ['a/b.JSONL', 'application/jsonlines'],
  ['rows.csv', 'text/csv'],
  ['picture.jpeg', 'image/jpeg'],
  ['array.npy', 'application/x-npy'],
  ['model.onnx', 'application/octet-stream'],
  ['noextension', 'application/octet-stream'],
  ['.json', 'application/octet-stream'],
])('%s is sent as %s', (path, type) => {
  expect(contentTypeOf(path)).toBe(type);
});
