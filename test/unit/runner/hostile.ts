import fc from 'fast-check';

/** Pieces that a container would print to be taken for more than text. */
const PIECES = [
  ...['::', ':', '::error::', '::set-env name=PATH::', '::add-mask::', '::stop-commands::', '::endgroup::'],
  ...['##[', '#', '##', '##[error]', '##[ERROR]', '##vso[', '##[add-mask]', '##[group]', ']'],
  ...['\r', '\n', '\r\n', '\t', ' ', '\0', '\x07', '\x08', '\x0b', '\x0c', '\x1b', '\x7f', '\x85', '\x9b'],
  ...['\x1b[31m', '\x1b[2K', '\x1b[1A', '\x1b]0;title\x07', '\x1b[', '\x1b]', '\x9b1m', '%0A', '%0D', '%25'],
  ...['\u00a0', '\u2028', '\u2029', '\u3000', '\u200b', '\u202e', '\u2066', '\ufeff', '\ufffd', '\ud800'],
];

/** Lines and texts made to be misread, mixed with any characters there are. */
export const hostileText = fc
  .array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 12 })
  .map((parts) => parts.join(''));
