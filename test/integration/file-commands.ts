/**
 * Reads what an action wrote to GITHUB_OUTPUT or GITHUB_STATE, as the runner reads it: `name=value` lines, and
 * `name<<delimiter`, the value's lines, `delimiter`. A later value wins.
 *
 * @throws Error for what makes the runner fail the step: a line of neither form, a delimiter that never comes
 */
export function parseFileCommands(text: string): Record<string, string> {
  const values: Record<string, string> = {};
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? '';
    if (line === '') continue;
    const equals = line.indexOf('=');
    const heredoc = line.indexOf('<<');
    if (equals >= 0 && (heredoc < 0 || equals < heredoc)) {
      values[line.slice(0, equals)] = line.slice(equals + 1);
    } else if (heredoc > 0) {
      const end = lines.indexOf(line.slice(heredoc + 2), index + 1);
      if (end < 0) throw new Error(`Matching delimiter not found: ${line}`);
      values[line.slice(0, heredoc)] = lines.slice(index + 1, end).join('\n');
      index = end;
    } else {
      throw new Error(`Invalid format: ${line}`);
    }
  }
  return values;
}
