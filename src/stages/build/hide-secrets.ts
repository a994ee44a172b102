import type { BuildSecret } from '../../plan.js';

/** What is shorter would hide half of the log, and protects nothing. */
const SHORTEST = 4;

/**
 * Puts `***` where a line of a build's output holds a secret of `build-secrets`. The runner hides in the log what
 * came from the `secrets` context, but nothing in the report's files, and none that was made of such a value. A
 * secret of several lines is hidden line by line; one from a file, which this process does not read, is not.
 */
export function hideSecrets(secrets: ReadonlyMap<string, BuildSecret>): (line: string) => string {
  const pieces = [...secrets.values()]
    .flatMap((secret) => (secret.kind === 'value' ? secret.value.split(/\r?\n/) : []))
    .map((piece) => piece.trim())
    .filter((piece) => piece.length >= SHORTEST)
    // A secret that is a part of another must not leave the rest of that one.
    .sort((a, b) => b.length - a.length);
  return (line) => pieces.reduce((text, piece) => text.replaceAll(piece, '***'), line);
}
