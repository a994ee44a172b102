import { setFlagsFromString } from 'node:v8';

/**
 * From 50,000 steps back on, V8 searches with its other engine, whose time grows with the text's length alone. It
 * knows no lookahead, no backreferences, no `(?i:…)` and no repetitions of more than 1,000: expressions with these
 * have the old engine alone.
 */
setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks');

/** A metric's expression, which is the user's own, for lines of any content: none of them makes it run for ever. */
export const metricRegex = (source: string): RegExp => new RegExp(source);
