import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DatabaseKind } from '../core/migration.ts';
import { readStatements, readTokens } from './sql.ts';

const texts = (sql: string, database: DatabaseKind | null = null): readonly string[] =>
  readStatements(sql, database).map(({ text }) => text);

describe('statements', () => {
  it.each([
    ['nothing but comments', '-- a; b\n/* c; /* d; */ e; */ ;', []],
    [
      'a semicolon in a string',
      "INSERT INTO a VALUES ('x; ''y'';'); SELECT 1",
      ["INSERT INTO a VALUES ('x; ''y'';')", 'SELECT 1'],
    ],
    [
      'a backslash is plain in a string, and not after E',
      String.raw`SELECT 'a\'; SELECT E'b\'; c'; `,
      [String.raw`SELECT 'a\'`, String.raw`SELECT E'b\'; c'`],
    ],
    ['a semicolon in a quoted name', 'DROP TABLE "a;b"; DROP TABLE `c;d`', ['DROP TABLE "a;b"', 'DROP TABLE `c;d`']],
    [
      'a body between dollars',
      'CREATE FUNCTION f() RETURNS int AS $body$ BEGIN; SELECT $$;$$; END $body$ LANGUAGE plpgsql; SELECT 1;',
      ['CREATE FUNCTION f() RETURNS int AS $body$ BEGIN; SELECT $$;$$; END $body$ LANGUAGE plpgsql', 'SELECT 1'],
    ],
    ['a parameter is no dollar quote', 'SELECT $1; SELECT $2', ['SELECT $1', 'SELECT $2']],
    [
      'the body of a trigger',
      'CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET n = CASE WHEN 1 THEN 2 END; DELETE FROM b; END; SELECT 1',
      [
        'CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE a SET n = CASE WHEN 1 THEN 2 END; DELETE FROM b; END',
        'SELECT 1',
      ],
    ],
    ['a transaction is no body', 'BEGIN; SELECT 1; END; SELECT 2', ['BEGIN', 'SELECT 1', 'END', 'SELECT 2']],
    ['a string that never ends', "SELECT 'a; SELECT 1", ["SELECT 'a; SELECT 1"]],
    ['a comment that never ends', 'SELECT 1 /* ; SELECT 2', ['SELECT 1']],
    [
      'commands of psql, in a line and at its end',
      "SELECT 1;\n\\echo don't; x\nSELECT 2 \\gexec\nSELECT 3",
      ['SELECT 1', "\\echo don't; x", 'SELECT 2', '\\gexec', 'SELECT 3'],
    ],
    [
      'a command of the shell of SQLite',
      '.read a.sql\r\nSELECT a.b, .5; .x\nSELECT 2',
      ['.read a.sql', 'SELECT a.b, .5', '.x', 'SELECT 2'],
    ],
  ])('%s', (_, sql, expected) => expect(texts(sql)).toEqual(expected));

  it.each<[string, string, DatabaseKind, readonly string[]]>([
    ['comments nest', '/* /* ; */ ; */ SELECT 1', 'postgresql', ['SELECT 1']],
    ['comments do not nest', '/* /* ; */ SELECT 2; */ SELECT 1', 'sqlite', ['SELECT 2', '*/ SELECT 1']],
    ['a comment ends with any line end', '-- a\rSELECT 1', 'postgresql', ['SELECT 1']],
    ['a comment ends with one line end', '-- a\rSELECT 1\nSELECT 2', 'sqlite', ['SELECT 2']],
    ['dollars quote', 'SELECT $a$; SELECT $a$', 'postgresql', ['SELECT $a$; SELECT $a$']],
    ['dollars quote nothing', 'SELECT $a$; SELECT $a$', 'sqlite', ['SELECT $a$', 'SELECT $a$']],
    ['brackets quote', "SELECT [it's;]; SELECT 'a'", 'sqlite', ["SELECT [it's;]", "SELECT 'a'"]],
    ['brackets quote nothing', 'SELECT a[1]; SELECT 2]', 'postgresql', ['SELECT a[1]', 'SELECT 2]']],
    ['backticks quote nothing', 'SELECT `; SELECT `', 'postgresql', ['SELECT `', 'SELECT `']],
  ])('%s: %s (%s)', (_, sql, database, expected) => expect(texts(sql, database)).toEqual(expected));

  it('count lines from the first token, whatever comes before it', () => {
    const sql = "-- one\nSELECT 'a\n\nb';\n\n/* two\n */ SELECT 2;SELECT 3;\nSELECT 4";
    expect(readStatements(sql).map(({ line }) => line)).toEqual([2, 7, 7, 8]);
  });

  /** Pieces that can open and close anything, so that the reader meets them in every order. */
  const piece = fc.constantFrom(
    ...`' " \` $$ $a$ -- /* */ ; \\ .a E x BEGIN END CASE CREATE TRIGGER ( ) :: 1.5e3 . é 😀 $1 [ ]`.split(' '),
    '\n',
    ' ',
    '\0',
    'CREATE TRIGGER ',
  );
  const anySql = fc
    .array(fc.oneof(piece, fc.string({ maxLength: 3 })), { maxLength: 40 })
    .map((parts) => parts.join(''));

  const reader = fc.constantFrom(...(['sqlite', 'postgresql', null] as const));

  it('lose no character but blanks and comments: tokens are in order and do not overlap', () => {
    fc.assert(
      fc.property(anySql, reader, (sql, database) => {
        let at = 0;
        for (const token of readTokens(sql, database)) {
          expect(token.at).toBeGreaterThanOrEqual(at);
          expect(token.end).toBeGreaterThan(token.at);
          at = token.end;
        }
        expect(at).toBeLessThanOrEqual(sql.length);
      }),
    );
  });

  it('read again what they gave as one statement each, the same', () => {
    fc.assert(
      fc.property(anySql, reader, (sql, database) => {
        for (const { text, tokens } of readStatements(sql, database)) {
          const again = readStatements(text, database);
          expect(again).toHaveLength(1);
          expect(again[0]?.tokens.map(({ value }) => value)).toEqual(tokens.map(({ value }) => value));
        }
      }),
    );
  });

  it('keep what is quoted together, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom("'", '"'), (inner, quote) => {
        const quoted = `${quote}${inner.replaceAll(quote, quote + quote)}${quote}`;
        expect(readTokens(`SELECT ${quoted} ;`).map(({ value }) => value)).toEqual(['SELECT', inner, ';']);
      }),
    );
  });

  it('take a megabyte of openings in a moment', () => {
    expect(readTokens('$a'.repeat(200_000)).length).toBeGreaterThan(0);
    expect(readStatements('/*'.repeat(300_000))).toEqual([]);
    expect(readTokens('['.repeat(300_000), 'sqlite')).toHaveLength(1);
    expect(readStatements(`CREATE TRIGGER t ${'BEGIN '.repeat(50_000)}`)).toHaveLength(1);
  });
});
