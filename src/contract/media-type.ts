/**
 * Whether an answer's Content-Type is one that the Accept header asks for. Compares media types without their
 * parameters; understands lists and wildcards in Accept.
 */
export function isAccepted(accept: string, answerType: string | undefined): boolean {
  const bare = (type: string) => (type.split(';')[0] ?? '').trim().toLowerCase();
  const answer = bare(answerType ?? '');
  return accept
    .split(',')
    .map(bare)
    .some((wanted) => {
      const [type = '', subtype = ''] = wanted.split('/');
      return wanted === answer || wanted === '*/*' || (subtype === '*' && answer.startsWith(`${type}/`));
    });
}
