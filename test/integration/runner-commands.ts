export interface RunnerCommand {
  /** `error`, `group`, `add-mask`, … in lower case. */
  readonly name: string;
  readonly properties: Readonly<Record<string, string>>;
  readonly message: string;
}

/** What the runner registers, those that it refuses by now (`set-env`) included: they fail or warn. */
const REGISTERED = [
  ...[
    'add-mask',
    'add-matcher',
    'add-path',
    'debug',
    'echo',
    'endgroup',
    'error',
    'group',
    'internal-set-repo-path',
  ],
  ...['notice', 'remove-matcher', 'save-state', 'set-env', 'set-output', 'stop-commands', 'warning'],
];

/**
 * The commands that the runner would take from a step's output: `::name key=value::message` at a line's start
 * (after blanks), and the old `##[name key=value]message` anywhere in a line; names in any case. Between
 * `::stop-commands::token` and `::token::` there are none. The two that mark the pause are not listed.
 */
export function runnerCommands(log: string): RunnerCommand[] {
  const commands: RunnerCommand[] = [];
  let token: string | undefined;
  for (const line of log.split(/\r\n|\n|\r/)) {
    const known = token === undefined ? REGISTERED : [...REGISTERED, token.toLowerCase()];
    const command = newForm(line, known) ?? oldForm(line, known);
    if (!command) continue;
    if (token !== undefined) {
      if (command.name === token.toLowerCase()) token = undefined;
    } else if (command.name === 'stop-commands') {
      token = command.message;
    } else {
      commands.push(command);
    }
  }
  return commands;
}

function newForm(line: string, known: readonly string[]): RunnerCommand | undefined {
  const match = /^\s*::(.*?)::(.*)$/s.exec(line);
  return match ? commandOf(match[1] ?? '', ',', match[2] ?? '', known) : undefined;
}

function oldForm(line: string, known: readonly string[]): RunnerCommand | undefined {
  const match = /##\[(.*?)\](.*)$/s.exec(line);
  return match ? commandOf(match[1] ?? '', ';', match[2] ?? '', known) : undefined;
}

function commandOf(
  head: string,
  separator: string,
  message: string,
  known: readonly string[],
): RunnerCommand | undefined {
  const blank = head.indexOf(' ');
  const name = (blank < 0 ? head : head.slice(0, blank)).toLowerCase();
  if (!known.includes(name)) return undefined;
  const properties = blank < 0 ? [] : head.slice(blank + 1).split(separator);
  return {
    name,
    properties: Object.fromEntries(
      properties
        .filter((text) => text.includes('='))
        .map((text) => {
          const equals = text.indexOf('=');
          return [text.slice(0, equals).trim(), unescaped(text.slice(equals + 1))];
        }),
    ),
    message: unescaped(message),
  };
}

const unescaped = (text: string): string =>
  text
    .replaceAll('%0D', '\r')
    .replaceAll('%0A', '\n')
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%25', '%');
