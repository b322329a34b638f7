import { describe, expect, it } from 'vitest';
import { checkCommand, parseArtefacts } from './artefacts.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const spec = { id: 't', run: 'npm test', report: 'junit', timeoutMs: 1_000 } as const;

describe('report files of a check', () => {
  it('are read whole, in path order, with odd names', () => {
    const found = parseArtefacts(encode('./b.xml\x003\x00<b>./a\nb.xml\x004\x00<a/>'));
    expect(found?.map(({ path, bytes, truncated }) => [path, new TextDecoder().decode(bytes), truncated])).toEqual([
      ['a\nb.xml', '<a/>', false],
      ['b.xml', '<b>', false],
    ]);
  });

  it('are marked when their content is cut off', () => {
    expect(parseArtefacts(encode('./a.xml\x009\x00<a'))?.[0]?.truncated).toBe(true);
  });

  it.each(['no separators', './a.xml\0', './a.xml\0minus\0<a/>', './a.xml\0-4\0<a/>'])(
    'are refused as a whole: %j',
    (text) => {
      expect(parseArtefacts(encode(text))).toBeNull();
    },
  );

  it('are deleted before the check runs, so that a committed report is never a result', () => {
    const argv = checkCommand({ ...spec, reportFile: './**/reports/*.xml' });
    expect(argv[2]).toContain('rm -f');
    expect(argv.slice(-2)).toEqual(['./*reports/*.xml', 'npm test']);
  });

  it('are left out of the command line of a check that writes none', () => {
    expect(checkCommand({ ...spec, reportFile: null })).toEqual(['/bin/sh', '-c', 'npm test']);
  });
});
