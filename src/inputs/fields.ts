import { type InputName, NAMES, SECRET_INPUTS, variableOf } from './names.js';
import { Field, Problems } from './problems.js';

/** Gives an input by its name. */
export type Inputs = (name: InputName) => Field;

/**
 * The runner passes input `smoke-channels` as INPUT_SMOKE-CHANNELS (upper case, spaces as underscores), and one
 * that is not given as the empty string: the two cannot be told apart, so empty means not given.
 */
export function fields(env: NodeJS.ProcessEnv, problems: Problems): Inputs {
  const map = new Map(
    NAMES.map((name) => {
      const text = (env[variableOf(name)] ?? '').replaceAll('\r\n', '\n');
      return [name, new Field(name, text, problems, SECRET_INPUTS.includes(name))];
    }),
  );
  return (name) => map.get(name) as Field;
}

/** A field whose mistakes go nowhere: to look something up. */
export const silent = (text = ''): Field => new Field('', text, new Problems());
