/** One value of a Terraform file, as plain data. */
export type Value = string | readonly Value[] | { readonly [name: string]: Value };

const TOKEN = /\s+|#.*|([A-Za-z_][\w.]*(?:\[\d+\])?)|("(?:[^"\\]|\\.)*")|([[\]{}=,:])/gy;

/**
 * Reads an expression of Terraform's language as far as docs/examples need it: texts with `${name}` in them, lists,
 * objects and names.
 *
 * @param meaningOf what stands for a name, `var.bucket_name`
 * @throws Error for all else
 */
export function parseHcl(text: string, meaningOf: (name: string) => string): Value {
  const tokens = tokensOf(text);
  const at = (): string => tokens[0] ?? '';
  const take = (expected?: string): string => {
    const token = tokens.shift();
    if (token === undefined || (expected !== undefined && token !== expected)) {
      throw new Error(`${expected ?? 'a value'} is missing before ${tokens.slice(0, 5).join(' ')}`);
    }
    return token;
  };
  const textOf = (token: string): string =>
    (JSON.parse(token) as string).replace(/\$\{([^}]+)\}/g, (_, name: string) => meaningOf(name.trim()));

  function value(): Value {
    const token = take();
    if (token === '[') {
      const list: Value[] = [];
      while (at() !== ']') {
        list.push(value());
        if (at() !== ']') take(',');
      }
      take(']');
      return list;
    }
    if (token === '{') {
      const members: Record<string, Value> = {};
      while (at() !== '}') {
        const name = take();
        take('=');
        members[name.startsWith('"') ? textOf(name) : name] = value();
        if (at() === ',') take();
      }
      take('}');
      return members;
    }
    return token.startsWith('"') ? textOf(token) : meaningOf(token);
  }

  const result = value();
  if (tokens.length > 0) throw new Error(`too much: ${tokens.slice(0, 5).join(' ')}`);
  return result;
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const token = match[1] ?? match[2] ?? match[3];
    if (token !== undefined) tokens.push(token);
    end = match.index + match[0].length;
  }
  if (end !== text.length) throw new Error(`not read: ${text.slice(end, end + 40)}`);
  return tokens;
}
