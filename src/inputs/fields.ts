import type { Field } from './problems.js';

/** Gives inputs by name; a reader says by `Name` which ones it reads. */
export type Fields<Name extends string> = (name: Name) => Field;
