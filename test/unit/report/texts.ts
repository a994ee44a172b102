/** Texts that a container may print, to put anywhere. */
import fc from 'fast-check';

export const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc
    .array(
      fc.constantFrom(
        ...[
          '`',
          '\n',
          '\r',
          '\t',
          ' ',
          '<',
          '>',
          '&',
          '"',
          "'",
          ']]>',
          '<!--',
          '<![CDATA[',
          '&#0;',
          '@octocat',
          '#1',
          '$x$',
          '::error::',
        ],
        ...[
          'https://evil.example',
          '\u202e',
          '\u200b',
          '\0',
          '\u001b[31m',
          '\u001b]8;;x\u0007',
          '\u009b',
          '\u2028',
          '\u0085',
          '\ud800',
          '\udfff',
          '\ufffe',
          '\uffff',
          'word',
        ],
      ),
      { maxLength: 20 },
    )
    .map((pieces) => pieces.join('')),
);

/** What no reader can see, or what changes the order of what is read. */
export const UNSEEN =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufffe\uffff]/;
