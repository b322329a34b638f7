/** A migration in a whole run: tried on a disposable database before the change is offered, and never believed. */
import { afterEach, describe, expect, it } from 'vitest';
import { repositoryWith, scriptFile } from './harness.ts';
import type { Place } from './harness.ts';

const places: Place[] = [];

afterEach(() => {
  for (const made of places.splice(0)) made.remove();
});

const UP = '-- +goose Up\n';
const DOWN = '-- +goose Down\n';

describe('a migration', () => {
  it('that fails is told to the agent; one whose way down is wrong waits for a person, with the step that undoes it', async () => {
    const users = `${UP}CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT);\n${DOWN}DROP TABLE users;\n`;
    // A check that takes no time: this is not about it.
    const policy = 'version: 1\nchecks: { there: { run: test -d migrations, repeat: 1 } }\n';
    const here = repositoryWith({ 'loopwright.yaml': policy, 'migrations/001_users.sql': users });
    places.push(here);
    const write = (text: string): string =>
      `{ write: { path: migrations/002_age.sql, text: ${JSON.stringify(text)} } }`;
    const fails = `${UP}ALTER TABLE people ADD COLUMN age INTEGER;\n${DOWN}SELECT 1;\n`;
    const wrong = `${UP}ALTER TABLE users ADD COLUMN age INTEGER;\n${DOWN}UPDATE users SET age = 0;\n`;
    const told = '002_age.sql:2) ended with: no such table: people';
    const script = [
      'turns:',
      `  - [${write(fails)}]`,
      `  - [{ if-prompt-contains: { text: "${told}", then: [${write(wrong)}], else: [{ exit: 9 }] } }]`,
    ];
    const argv = ['add an age', '--class', 'migration', '--agent', 'scripted'];
    const before = here.fingerprint();
    const { code, events } = await here.run(...argv, '--script', scriptFile(here, script.join('\n')));
    expect(code).toBe(11);
    const found = events.flatMap((event) => (event.type === 'finding.raised' ? [event] : []));
    const about = found.map(({ iteration, finding }) => `${iteration} ${finding.detector} ${finding.severity}`);
    expect(about.filter((text) => text.includes('migration-'))).toEqual([
      '1 migration-fails refuse',
      '2 migration-irreversible hold',
    ]);
    const rehearsed = events.flatMap((event) => (event.type === 'rehearsal.finished' ? [event.rehearsal] : []));
    expect(rehearsed).toMatchObject([{ worked: true, migrations: 'no' }]);
    const planned = events.flatMap((event) => (event.type === 'undo.planned' ? event.plan.steps : []));
    expect(planned.map(({ command }) => command)).toContain('goose -dir migrations down-to 001');
    expect(JSON.stringify(planned)).toContain('what the rows of users held before');
    expect((await here.cli('report', 'last')).out).toContain('left over');
    expect([here.fingerprint(), here.processes()]).toEqual([before, []]);
  });
});
