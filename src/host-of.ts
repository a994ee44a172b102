/** Scheme and host of an address: what else it holds may be a password. */
export function hostOf(url: string): string {
  try {
    const { protocol, host, pathname } = new URL(url);
    return `${protocol}//${host || pathname}`;
  } catch {
    return '(not an address)';
  }
}
