import type { BuildSecret } from '../plan.js';
import type { Inputs } from './fields.js';
import { parseMap } from './parse-map.js';
import { findPath } from './paths.js';

const SECRET_ID = /^[A-Za-z0-9_.-]{1,64}$/;

/** Build secrets by id, from both inputs; nothing of a value is ever shown. */
export function readSecrets(inputs: Inputs, workspace: string): ReadonlyMap<string, BuildSecret> {
  const secrets = new Map<string, BuildSecret>();
  const values = inputs('build-secrets');
  let entry = 0;
  for (const [id, value] of parseMap(values)) {
    entry += 1;
    // Not even the id is shown: where a secret of several lines was torn apart, it is a piece of the secret.
    if (SECRET_ID.test(id)) secrets.set(id, { kind: 'value', value });
    else {
      values.problem(
        `Entry ${entry}: the id of a secret has 1 to 64 letters, digits, \`_\`, \`.\` or \`-\`.`,
        'Write `id=value`, with the id of `RUN --mount=type=secret,id=…`. A secret of several lines goes into ' +
          '`build-secret-files`, or into the JSON form with `toJSON`.',
      );
    }
  }
  const files = inputs('build-secret-files');
  for (const [id, given] of parseMap(files, { trim: true })) {
    if (!SECRET_ID.test(id)) {
      files.problem(
        'The id of a secret has 1 to 64 letters, digits, `_`, `.` or `-`.',
        'Write `id=path`, with the id of `RUN --mount=type=secret,id=…`.',
        id,
      );
      continue;
    }
    if (secrets.has(id)) {
      files.problem('The secret is given in `build-secrets` too.', 'Keep one of the two.', id);
      continue;
    }
    const what = `file of secret \`${id}\``;
    const file = findPath(files, workspace, given, { kind: 'file', what, outsideIfAbsolute: true });
    if (file) secrets.set(id, { kind: 'file', path: file.path });
  }
  return secrets;
}
