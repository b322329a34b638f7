/** What is believed of an answer that came out of a sandbox, and what a trial makes of it. */
import { describe, expect, it } from 'vitest';
import { createNoSandbox } from '../sandboxes/none/index.ts';
import { readAnswer, runJob } from './job.ts';
import type { JobPhase, PhaseAnswer } from './job-shape.ts';
import { compareSchemas } from './schema.ts';
import { judgeAnswer, judgeTwo } from './verdict.ts';

const PHASES: readonly JobPhase[] = [
  { name: 'base', steps: [] },
  { name: 'up', steps: [] },
];

const phase = (name: PhaseAnswer['name'], schema = '', failed: PhaseAnswer['failed'] = null): PhaseAnswer => ({
  name,
  schema,
  failed,
});

describe('an answer', () => {
  it('is taken when it is whole and carries the number that was sent', () => {
    const phases = [phase('base'), phase('up', 'CREATE TABLE a (id int);')];
    expect(readAnswer(JSON.stringify({ nonce: 'n', phases }), 'n', PHASES)).toEqual({ kind: 'answered', phases });
    const broken = [phase('base', '', { id: '1', statement: 1, message: 'm' })];
    expect(readAnswer(JSON.stringify({ nonce: 'n', phases: broken }), 'n', PHASES).kind).toBe('answered');
  });

  it.each([
    ['nothing', ''],
    ['another number', JSON.stringify({ nonce: 'x', phases: [phase('base'), phase('up')] })],
    ['two answers', `${JSON.stringify({ nonce: 'n', phases: [phase('base'), phase('up')] })}\n{}`],
    ['no phase', JSON.stringify({ nonce: 'n', phases: [] })],
    ['a phase less', JSON.stringify({ nonce: 'n', phases: [phase('base')] })],
    ['another order', JSON.stringify({ nonce: 'n', phases: [phase('up'), phase('base')] })],
    ['another form', JSON.stringify({ nonce: 'n', phases: [{ name: 'base' }, { name: 'up' }] })],
    ['null', 'null'],
    ['that there is no database', JSON.stringify({ nonce: 'n', absent: 'no server' })],
  ])('that is %s says that nothing is known', (_, stdout) => {
    const answer = readAnswer(stdout, 'n', PHASES);
    expect(answer.kind).toBe('none');
    expect(judgeAnswer(answer, { database: 'sqlite' }).outcome).toBe('untried');
    expect(judgeTwo({ kind: 'answered', phases: [phase('base')] }, answer, 'sqlite').outcome).toBe('untried');
  });

  it('comes from a database in a directory of its own where nothing is mounted, and leaves none behind', async () => {
    const sandbox = createNoSandbox({ hostEnvironment: process.env });
    const steps = [{ id: '1', statements: ['CREATE TABLE a (id int)'], transaction: true }];
    const job = {
      database: 'sqlite',
      bookkeeping: [],
      roles: [],
      phases: [{ name: 'base', steps }],
      env: {},
      resources: undefined,
    } as const;
    expect(await runJob(sandbox, job, new AbortController().signal)).toEqual({
      kind: 'answered',
      phases: [phase('base', 'CREATE TABLE a (id int);\n')],
    });
  });
});

describe('two schemas', () => {
  it.each([
    ['other spaces and case', 'CREATE TABLE a (id int, n text);', 'create table A(\n  id INT,\n  n TEXT )'],
    ['names in quotes that need none', 'CREATE TABLE a (id int);', 'CREATE TABLE "a" ("id" int);'],
    [
      'other settings and random words',
      'SET a = 1;\n\\restrict abc\nCREATE TABLE a (id int);',
      'CREATE TABLE a (id int);',
    ],
    [
      'another order of statements',
      'CREATE TABLE a (i int); CREATE TABLE b (i int);',
      'CREATE TABLE b (i int); CREATE TABLE a (i int);',
    ],
  ])('are the same with %s', (_, one, other) => {
    expect(compareSchemas('sqlite', one, other)).toEqual({ same: true, columnsMoved: false });
  });

  it('are the same when columns changed places, which is said', () => {
    const [one, other] = ['CREATE TABLE a (i int, n numeric(1, 2));', 'CREATE TABLE a (n numeric(1, 2), i int);'];
    expect(compareSchemas('sqlite', one, other)).toEqual({ same: true, columnsMoved: true });
  });

  it('know letters of names apart where the database does', () => {
    const [one, other] = ['CREATE TABLE users (id int);', 'CREATE TABLE "Users" (id int);'];
    expect(compareSchemas('postgresql', one, other).same).toBe(false);
    expect(compareSchemas('sqlite', one, other).same).toBe(true);
  });

  it('leaves out what a dump says to psql, and no line of a function', () => {
    const dump = (word: string, line: string): string =>
      `\\restrict ${word}\n\nCREATE FUNCTION f() AS $$ SELECT '\n\\${line}\n' $$;\n\\unrestrict ${word}\n`;
    expect(compareSchemas('postgresql', dump('a1', 'x'), dump('b2', 'x')).same).toBe(true);
    expect(compareSchemas('postgresql', dump('a1', 'x'), dump('a1', 'y')).same).toBe(false);
  });

  it.each([
    ['a column', 'CREATE TABLE a (i int);', 'CREATE TABLE a (i int, n text);'],
    ['a type', 'CREATE TABLE a (i int);', 'CREATE TABLE a (i bigint);'],
    ['a default', "CREATE TABLE a (n text DEFAULT 'a');", "CREATE TABLE a (n text DEFAULT 'A');"],
    ['a name that needs its quotes', 'CREATE TABLE "a b" (i int);', 'CREATE TABLE "a c" (i int);'],
    ['a whole index', 'CREATE TABLE a (i int); CREATE INDEX x ON a (i);', 'CREATE TABLE a (i int);'],
    ['the order of columns of an index', 'CREATE INDEX x ON a (i, j);', 'CREATE INDEX x ON a (j, i);'],
  ])('canary: differ in %s', (_, one, other) => expect(compareSchemas('sqlite', one, other).same).toBe(false));
});
