/**
 * A page with new figures in one of its parts, between `<!-- figures: NAME -->` and `<!-- /figures: NAME -->`.
 *
 * @throws Error when the page has no such part
 */
export function replaceFigures(page: string, name: string, figures: string): string {
  const start = `<!-- figures: ${name} -->\n`;
  const end = `\n<!-- /figures: ${name} -->`;
  const from = page.indexOf(start);
  const to = page.indexOf(end, from + start.length - 1);
  if (from < 0 || to < 0) throw new Error(`The page has no figures named ${name}.`);
  return `${page.slice(0, from + start.length)}${figures}${page.slice(to)}`;
}
