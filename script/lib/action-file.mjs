import { parseDocument } from 'yaml';

/**
 * Reads the inputs and outputs of an action.yml in their order. A comment `# --- Name ---` begins a group; in a
 * description the lines `Default: …` and `Example: …` say what their words say.
 *
 * @param {string} source
 * @returns {{ inputs: { name: string, group: string, text: string, fallback?: string, example?: string }[],
 *   outputs: { name: string, text: string }[] }}
 */
export function readActionFile(source) {
  const document = parseDocument(source);
  const entries = (section) => document.get(section).items;
  let group = '';
  const inputs = entries('inputs').map(({ key, value }, index) => {
    const comment = key.commentBefore ?? (index === 0 ? document.get('inputs').commentBefore : undefined);
    group = /^ --- (.+) ---$/m.exec(comment ?? '')?.[1] ?? group;
    const lines = value.get('description').trim().split('\n');
    const labelled = (label) => lines.find((line) => line.startsWith(`${label}: `))?.slice(label.length + 2);
    const fallback = labelled('Default');
    const example = labelled('Example');
    return {
      name: key.value,
      group,
      text: lines.filter((line) => !/^(Default|Example): /.test(line)).join(' '),
      ...(fallback !== undefined && { fallback: fallback.replace(/\.$/, '') }),
      ...(example !== undefined && { example }),
    };
  });
  const outputs = entries('outputs').map(({ key, value }) => ({
    name: key.value,
    text: value.get('description').trim(),
  }));
  return { inputs, outputs };
}
