import { describe, expect, it } from 'vitest';
import { EVENTS } from '../../test/fixtures/runs.ts';
import type { RunName } from '../../test/fixtures/runs.ts';
import { foldRun } from '../core/evolve.ts';
import { DESCRIPTION_CHARACTERS, describeRequest } from './description.ts';
import { buildReport } from './report.ts';
import type { ReportModel } from './report.ts';

const NAMES = Object.keys(EVENTS) as readonly RunName[];

function modelOf(name: RunName): ReportModel {
  return buildReport(foldRun(EVENTS[name]), { blob: () => null, events: EVENTS[name].length, chainBrokenAt: null });
}

const GITHUB = { characters: DESCRIPTION_CHARACTERS.github, signOff: false };

describe('the description of a request', () => {
  it('has every part, and strikes out what was not seen', () => {
    const text = describeRequest(modelOf('accepted'), GITHUB);
    const titles = [...text.matchAll(/^## (.*)$/gm)].map(([, title]) => title);
    expect(titles).toHaveLength(10);
    expect(titles[0]).toBe('What was asked');
    expect(titles.at(-1)).toBe('What the agent said');
    expect(text).toContain('~~Fixed the printer as well.~~ **not seen**');
    expect(text).toContain('loopwright whodunit');
    expect(text).not.toContain('Signed-off-by');
  });

  it('says that a person has to sign off, where that is the custom', () => {
    expect(describeRequest(modelOf('accepted'), { ...GITHUB, signOff: true })).toContain('A person has to add theirs');
  });

  it.each(NAMES)('is as long as it may be at most, and says what it leaves out: %s', (name) => {
    for (const characters of [2_000, 4_000, DESCRIPTION_CHARACTERS.github]) {
      const text = describeRequest(modelOf(name), { characters, signOff: true });
      expect(text.length).toBeLessThanOrEqual(characters);
      expect(text.includes('Left out for length')).toBe((text.match(/^## /gm) ?? []).length < 11);
    }
  });

  it('gives nothing of an agent the power to act on a forge', () => {
    const said = { text: '/close @octocat fixes #1, closes ABC-12 !3 ~~x~~ <img src=x>', proof: null, seen: [] };
    const text = describeRequest({ ...modelOf('accepted'), words: [said] }, GITHUB);
    expect(text).not.toMatch(/^\/close|@octocat|#1\b|ABC-12|!3|<img|(?<!\\)~~x/m);
  });
});
