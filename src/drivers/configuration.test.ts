import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { configurationFiles, configurationIn, placeOf, readConfiguration, settingsOver } from './configuration.ts';

const SETTINGS = '{ "hooks": { "Stop": 1 }, "general": { "enableAutoUpdate": true, "vim": true } }';
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');
const base = {
  readFile: (path: string) => Promise.resolve(path === 'settings.json' ? Buffer.from(SETTINGS) : null),
};

describe('what the policy lets an agent load of a repository', () => {
  it('is read from the base, where its hash is the one that was allowed', async () => {
    const allowed = [{ path: 'settings.json', sha256: hashOf(SETTINGS).toUpperCase() }];
    expect(await readConfiguration('fake', allowed, base)).toEqual({ 'settings.json': SETTINGS });
  });

  it('is refused with the right hash where it is another, and where there is no such file', async () => {
    const read = (path: string): Promise<unknown> =>
      readConfiguration('fake', [{ path, sha256: '0'.repeat(64) }], base);
    await expect(read('settings.json')).rejects.toMatchObject({
      code: 'LW_AGENT_CONFIGURATION',
      next: expect.stringContaining(hashOf(SETTINGS)),
    });
    await expect(read('other.json')).rejects.toMatchObject({ message: expect.stringContaining('no such file') });
  });

  it('lies in the home under its own path, and nowhere where it is not allowed', () => {
    const files = { 'a/b.json': 'x' };
    expect(configurationFiles(files)).toEqual({ '.loopwright/configuration/a/b.json': 'x' });
    const configuration = configurationIn('/home/agent', files);
    expect(placeOf(configuration, 'a/b.json')).toBe('/home/agent/.loopwright/configuration/a/b.json');
    expect(placeOf(configuration, 'toString')).toBe(null);
    expect(placeOf(undefined, 'a/b.json')).toBe(null);
  });
});

describe('settings of ours', () => {
  const ours = { general: { enableAutoUpdate: false }, privacy: { statistics: false } };
  const over = (text: string): unknown =>
    JSON.parse(settingsOver(configurationIn('/h', { 'settings.json': text }), 'settings.json', ours));

  it('stand over those of the repository, and beside what they say nothing of', () => {
    expect(over(SETTINGS)).toEqual({
      hooks: { Stop: 1 },
      general: { enableAutoUpdate: false, vim: true },
      privacy: { statistics: false },
    });
    expect(over('[1]')).toMatchObject(ours);
    expect(JSON.parse(settingsOver(undefined, 'settings.json', ours))).toEqual(ours);
  });

  it('are not merged with what is no JSON', () => {
    expect(() => over('{ // none\n}')).toThrow(expect.objectContaining({ code: 'LW_AGENT_CONFIGURATION' }));
  });
});
