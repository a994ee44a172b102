/** One instruction of a Dockerfile and where it stands. */
export interface Instruction {
  /** In upper case: `RUN`. */
  readonly keyword: string;
  /** What follows the keyword, its lines joined by a blank, comments and the bodies of here-documents left out. */
  readonly rest: string;
  /** 1-based. */
  readonly line: number;
  /** Last line: of a continuation, or the end mark of a here-document. */
  readonly endLine: number;
  /** Index of the build stage, 0 for the first `FROM`; -1 before it. */
  readonly stage: number;
}

/** What a `FROM` says. */
export interface StageHead {
  readonly image: string;
  /** In lower case, as BuildKit shows it. */
  readonly name?: string;
}

const DIRECTIVE = /^#\s*([A-Za-z]+)\s*=\s*(\S+)\s*$/;
const HEREDOC = /(?:^|\s)\d*<<(-?)(["']?)([A-Za-z_][\w.-]*)\2(?=$|[\s;|&>)])/g;
const TAKES_HEREDOC = new Set(['RUN', 'COPY', 'ADD']);

/**
 * Cuts a Dockerfile into its instructions, to find the place of one that the builder speaks of. It judges
 * nothing: what it does not understand becomes an instruction with an odd keyword.
 *
 * https://docs.docker.com/reference/dockerfile/ (parser directives, continuations, here-documents)
 */
export function parseDockerfile(text: string): readonly Instruction[] {
  const lines = text.replace(/^\ufeff/, '').split(/\r?\n/);
  const continued = new RegExp(`${escapeCharacter(lines) === '`' ? '`' : '\\\\'}[ \\t]*$`);
  const instructions: Instruction[] = [];
  let stage = -1;
  let index = 0;
  while (index < lines.length) {
    const first = lines[index] ?? '';
    if (isSkipped(first)) {
      index += 1;
      continue;
    }
    const start = index;
    const parts: string[] = [];
    let end = index;
    let open = true;
    while (open && index < lines.length) {
      const line = lines[index] ?? '';
      index += 1;
      // Comments and empty lines inside of a continuation do not end it.
      if (parts.length > 0 && isSkipped(line)) {
        continue;
      }
      open = continued.test(line);
      parts.push(line.replace(continued, '').trim());
      end = index - 1;
    }
    const joined = parts.join(' ').trim();
    const [, word = '', rest = ''] = /^(\S+)\s*(.*)$/s.exec(joined) ?? [];
    const keyword = word.toUpperCase();
    if (keyword === 'FROM') {
      stage += 1;
    }
    if (TAKES_HEREDOC.has(keyword)) {
      index = skipHeredocs(lines, index, rest);
      end = Math.max(end, index - 1);
    }
    instructions.push({ keyword, rest, line: start + 1, endLine: end + 1, stage });
  }
  return instructions;
}

/** The stages of a Dockerfile, in order. */
export function stageHeads(instructions: readonly Instruction[]): readonly StageHead[] {
  return instructions
    .filter(({ keyword }) => keyword === 'FROM')
    .map(({ rest }) => {
      const words = rest.split(/\s+/).filter((word) => !word.startsWith('--'));
      const name = /^as$/i.test(words[1] ?? '') ? words[2]?.toLowerCase() : undefined;
      return { image: words[0] ?? '', ...(name !== undefined && { name }) };
    });
}

const isSkipped = (line: string): boolean => /^\s*(?:#|$)/.test(line);

/** The character that continues a line: a directive at the very top can make it a backtick. */
function escapeCharacter(lines: readonly string[]): string {
  for (const line of lines) {
    const [, name = '', value = ''] = DIRECTIVE.exec(line) ?? [];
    if (name === '') {
      return '\\';
    }
    if (name.toLowerCase() === 'escape') {
      return value;
    }
  }
  return '\\';
}

/** The index behind the here-documents that an instruction opens; one that never ends opens none. */
function skipHeredocs(lines: readonly string[], from: number, rest: string): number {
  let index = from;
  for (const [, dash, , mark] of rest.matchAll(HEREDOC)) {
    const end = lines.findIndex(
      (line, at) => at >= index && (dash === '-' ? line.replace(/^\t+/, '') : line) === mark,
    );
    if (end < 0) {
      return index;
    }
    index = end + 1;
  }
  return index;
}
