/** Where model calls may go. The answers never repeat the address: it may hold a key. */

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** One sentence on what is wrong with the address of a provider, or null. `insecure`: a person allowed plain http. */
export function urlProblem(written: string, insecure: boolean): string | null {
  if (!URL.canParse(written)) return 'not an address; write one such as `https://api.example.com`';
  const url = new URL(written);
  if (url.username !== '' || url.password !== '') return 'the address holds a login; say under `key` where the key is';
  if (url.search !== '' || url.hash !== '')
    return 'the address has a query or a fragment; it is only where calls begin';
  if (url.protocol === 'https:') return null;
  if (url.protocol !== 'http:') return 'the address has to begin with `https://`';
  if (insecure || isLoopback(url.hostname)) return null;
  return 'over plain `http` everybody on the way reads the key; write `https://`, or add `insecure: true`';
}
