/**
 * Runs inside the sandbox and nowhere else: makes a disposable database, takes steps on it, and says the schema behind each
 * phase. Plain JavaScript once its types are off; the job comes on standard input, the answer goes to standard output.
 *
 * SQL is sent as it is to a role that owns one database and nothing more: a superuser of PostgreSQL can start programs
 * (https://www.postgresql.org/docs/current/sql-copy.html), and `psql` has commands of its own that reach the shell.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { CommandStep, JobPhase, PhaseFailure, SentJob, SqlStep } from './job-shape.ts';

interface Database {
  readonly variables: Readonly<Record<string, string>>;
  /** Resolves to the error of the database, or null. */
  run(statement: string): Promise<string | null>;
  /** Whether what ran so far left a transaction open. */
  inTransaction(): boolean;
  schema(): Promise<string>;
  close(): void;
}

/** Of a message or an output, the end says what went wrong. Characters. */
const MAX_MESSAGE = 2_000;
/** A larger schema is not compared. Bytes. */
const MAX_SCHEMA = 16 * 1024 * 1024;

class Absent extends Error {}

/** Settings that are kept in the file and are not in `sqlite_schema`, with what they are from the start. */
const KEPT_PRAGMAS: readonly (readonly [string, string])[] = [
  ['user_version', '0'],
  ['application_id', '0'],
  ['journal_mode', 'delete'],
  ['auto_vacuum', '0'],
];

async function openSqlite({ directory, bookkeeping }: SentJob): Promise<Database> {
  const { DatabaseSync } = await import('node:sqlite');
  const file = `${directory}/app.db`;
  let open = new DatabaseSync(file);
  const kept = new Set(bookkeeping.map((name) => name.toLowerCase()));
  return {
    // As SQLAlchemy, Rails and most others write it: three slashes, and then the absolute path.
    variables: { DATABASE_URL: `sqlite:///${file}`, DATABASE_PATH: file, JDBC_URL: `jdbc:sqlite:${file}` },
    run: async (statement) => {
      try {
        open.exec(statement);
        return null;
      } catch (error) {
        if (error instanceof Error) return error.message;
        throw error;
      }
    },
    inTransaction: () => open.isTransaction,
    schema: async () => {
      // Temporary tables and settings of a connection are not the schema, and no later phase has them.
      open.close();
      open = new DatabaseSync(file);
      const rows = open
        .prepare("SELECT tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_%' ESCAPE '\\'")
        .all();
      const shown = rows.filter((row) => row['sql'] !== null && !kept.has(String(row['tbl_name']).toLowerCase()));
      const settings = KEPT_PRAGMAS.flatMap(([name, usual]) => {
        const value = String(Object.values(open.prepare(`PRAGMA ${name}`).get() ?? {})[0]);
        return value === usual ? [] : [`PRAGMA ${name} = ${value};\n`];
      });
      return [...shown.map((row) => `${String(row['sql'])};\n`), ...settings].join('');
    },
    close: () => open.close(),
  };
}

/** One conversation: https://www.postgresql.org/docs/current/protocol-flow.html, simple queries only. */
interface Conversation {
  query(sql: string): Promise<string | null>;
  inTransaction(): boolean;
  end(): void;
}

function framed(kind: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(kind, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** The fields of an error that say something to a person: severity is known, the code is for programs. */
function errorWords(body: Buffer): string {
  const fields = new Map(
    body
      .toString('utf8')
      .split('\0')
      .map((field) => [field.slice(0, 1), field.slice(1)]),
  );
  return ['M', 'D', 'H'].flatMap((key) => (fields.get(key) ?? '') || []).join('; ');
}

/** Messages that mean something here. Rows and notices are not looked at, and may be as large as they like. */
const HEARD: ReadonlySet<string> = new Set(['E', 'G', 'Z']);

/** Calls `hear` for each whole message that means something; the rest is dropped as it comes. */
function messageReader(hear: (kind: string, body: Buffer) => void): (bytes: Buffer) => void {
  let [parts, have, wanted, dropping]: [Buffer[], number, number, number] = [[], 0, 5, 0];
  return (bytes) => {
    const dropped = Math.min(dropping, bytes.length);
    dropping -= dropped;
    if (dropped < bytes.length) parts.push(bytes.subarray(dropped));
    have += bytes.length - dropped;
    if (have < wanted) return;
    let pending = Buffer.concat(parts);
    wanted = 5;
    while (pending.length >= wanted) {
      const size = pending.readInt32BE(1) + 1;
      const kind = String.fromCharCode(pending[0] ?? 0);
      if (HEARD.has(kind) && pending.length < size) {
        wanted = size;
        continue;
      }
      if (HEARD.has(kind)) hear(kind, pending.subarray(5, size));
      dropping = Math.max(0, size - pending.length);
      pending = pending.subarray(Math.min(size, pending.length));
    }
    [parts, have] = [[pending], pending.length];
  };
}

function converse(socket: Socket, user: string, database: string): Promise<Conversation> {
  let problem: string | null = null;
  let status = 'I';
  let settle: ((error: string | null) => void) | null = null;
  const done = (error: string | null): void => {
    const waiting = settle;
    settle = null;
    waiting?.(error);
  };
  const hear = (kind: string, body: Buffer): void => {
    if (kind === 'E') problem ??= errorWords(body);
    // COPY from the client has no data here.
    if (kind === 'G') socket.write(framed('f', Buffer.from('there is no data to copy\0')));
    if (kind === 'Z') {
      status = body.toString('latin1');
      done(problem);
      problem = null;
    }
  };
  socket.on('data', messageReader(hear));
  const gone = (): void => done(problem ?? 'the server ended the connection');
  socket.on('error', gone).on('close', gone);
  const answered = (): Promise<string | null> => new Promise((resolve) => (settle = resolve));
  const parameters = Buffer.from(`user\0${user}\0database\0${database}\0client_encoding\0UTF8\0\0`);
  const hello = Buffer.alloc(8);
  hello.writeInt32BE(parameters.length + 8, 0);
  hello.writeInt32BE(196_608, 4);
  socket.write(Buffer.concat([hello, parameters]));
  return answered().then((refused) => {
    if (refused !== null) throw new Error(refused);
    return {
      query: (sql) => {
        if (socket.destroyed) return Promise.resolve('the server ended the connection');
        const answer = answered();
        socket.write(framed('Q', Buffer.from(`${sql}\0`)));
        return answer;
      },
      inTransaction: () => status !== 'I',
      end: () => socket.destroy(),
    };
  });
}

function connected(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect({ path });
    socket.once('connect', () => resolve(socket.off('error', resolve)));
    socket.once('error', () => resolve(null));
  });
}

/** Debian, Red Hat, and whatever is on the path. */
function postgresPrograms(): string {
  const versions = (parent: string, name: RegExp): readonly string[] =>
    existsSync(parent)
      ? readdirSync(parent)
          .filter((entry) => name.test(entry))
          .toSorted((one, other) => Number(other.replace(/\D/g, '')) - Number(one.replace(/\D/g, '')))
          .map((entry) => `${parent}/${entry}/bin`)
      : [];
  const places = [
    ...versions('/usr/lib/postgresql', /^\d+$/),
    ...versions('/usr', /^pgsql-\d+$/),
    ...(process.env['PATH'] ?? '').split(':'),
  ];
  const found = places.find((place) =>
    ['initdb', 'postgres', 'pg_dump', 'pg_dumpall'].every((name) => existsSync(`${place}/${name}`)),
  );
  if (found === undefined) throw new Absent('no PostgreSQL server is installed here');
  if (process.getuid?.() === 0) throw new Absent('PostgreSQL does not start as root, and this sandbox runs as root');
  return found;
}

function mustRun(program: string, args: readonly string[], input = ''): void {
  const { status, stderr, stdout } = spawnSync(program, args, { input, encoding: 'utf8' });
  if (status !== 0) throw new Absent(`${program} failed: ${(stderr || stdout).slice(-MAX_MESSAGE)}`);
}

const ROLE = 'migrator';
/** What a migration says of this name is not done: it would make it a superuser. */
const SUPERUSER = 'loopwright_superuser';
const DATABASE = 'app';

function makeCluster(bin: string, data: string, roles: readonly string[]): void {
  mustRun(`${bin}/initdb`, ['-D', data, '-U', SUPERUSER, '-A', 'reject', '-E', 'UTF8', '--locale=C', '--no-sync']);
  // One line each, since a line is a statement there. Of the template the database has that they may own tables in it.
  // Who is a member of the superuser is one, and a migration may name whatever it likes.
  const others = roles.filter((role) => /^[\w-]+$/.test(role) && role !== ROLE && role !== SUPERUSER);
  const quoted = others.map((role) => `"${role}"`);
  const made = quoted.map(
    (role) => `CREATE ROLE ${role};\nGRANT ${role} TO ${ROLE};\nGRANT CREATE ON SCHEMA public TO ${role};\n`,
  );
  const setup = `CREATE ROLE ${ROLE} LOGIN;\n${made.join('')}CREATE DATABASE ${DATABASE} OWNER ${ROLE};\n`;
  mustRun(`${bin}/postgres`, ['--single', '-D', data, 'template1'], setup);
  // Nobody can log in as the superuser.
  writeFileSync(`${data}/pg_hba.conf`, `local all ${ROLE} trust\nhost all ${ROLE} 127.0.0.1/32 trust\n`);
}

function described(program: string, args: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: MAX_SCHEMA });
  if (status !== 0) throw new Absent(`${program} failed: ${stderr.slice(-MAX_MESSAGE)}`);
  return stdout;
}

async function openPostgres({ directory, port, bookkeeping, roles }: SentJob): Promise<Database> {
  const bin = postgresPrograms();
  const data = `${directory}/data`;
  makeCluster(bin, data, roles);
  const settings = [
    ['listen_addresses', port === null ? '' : '127.0.0.1'],
    ['port', String(port ?? 5432)],
    ['unix_socket_directories', directory],
    ['fsync', 'off'],
    ['full_page_writes', 'off'],
    ['max_connections', '20'],
    ['shared_buffers', '16MB'],
    ['statement_timeout', '0'],
  ].flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(`${bin}/postgres`, ['-D', data, ...settings], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  server.stderr.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-MAX_MESSAGE)));
  const path = `${directory}/.s.PGSQL.${port ?? 5432}`;
  // The time for all of it is a limit of the launch.
  const waited = async (): Promise<Conversation> => {
    for (;;) {
      if (server.exitCode !== null || server.signalCode !== null)
        throw new Absent(`the PostgreSQL server did not start: ${said}`);
      const socket = existsSync(path) ? await connected(path) : null;
      const talk = socket === null ? null : await converse(socket, ROLE, DATABASE).catch(() => null);
      if (talk !== null) return talk;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  let conversation = await waited();
  const host = port === null ? directory : '127.0.0.1';
  const address =
    port === null ? `/${DATABASE}?host=${encodeURIComponent(directory)}` : `127.0.0.1:${port}/${DATABASE}`;
  return {
    variables: {
      DATABASE_URL: `postgresql://${ROLE}@${address}`,
      ...(port === null ? {} : { JDBC_URL: `jdbc:postgresql://${address}?user=${ROLE}` }),
      PGHOST: host,
      PGPORT: String(port ?? 5432),
      PGUSER: ROLE,
      PGDATABASE: DATABASE,
    },
    run: (statement) => conversation.query(statement),
    inTransaction: () => conversation.inTransaction(),
    schema: async () => {
      // What a step set for its session is not the schema.
      conversation.end();
      // With what is set for the database itself: where names are looked up is as good as another schema.
      const at = ['-h', directory, '-p', String(port ?? 5432), '-U', ROLE];
      const hidden = bookkeeping.flatMap((name) => ['-T', `*."${name}"`]);
      const dumped = described(`${bin}/pg_dump`, [...at, '--schema-only', '--create', ...hidden, DATABASE]);
      // And with the roles, who is a member of which, and what is set for them; not their passwords, which only a superuser sees.
      const globals = described(`${bin}/pg_dumpall`, [...at, '--globals-only', '--no-role-passwords', '-l', DATABASE]);
      conversation = await waited();
      return dumped + globals;
    },
    close: () => {
      conversation.end();
      server.kill('SIGKILL');
    },
  };
}

/** Output of what a step starts never reaches ours. */
function runCommand({ command, env }: CommandStep, variables: Database['variables']): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', ['-c', command], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...variables, ...env },
    });
    let said = '';
    const hear = (text: string): void => void (said = `${said}${text}`.slice(-MAX_MESSAGE));
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) =>
      resolve(code === 0 ? null : `ended with ${signal ?? `exit code ${String(code)}`}: ${said.trim()}`),
    );
  });
}

async function runSql({ id, statements, transaction }: SqlStep, database: Database): Promise<PhaseFailure | null> {
  const all = transaction ? ['BEGIN', ...statements, 'COMMIT'] : statements;
  for (const [index, statement] of all.entries()) {
    const message = await database.run(statement);
    if (message === null) continue;
    if (transaction) await database.run('ROLLBACK');
    return {
      id,
      statement: transaction ? Math.min(index, statements.length) : index + 1,
      message: message.slice(-MAX_MESSAGE),
    };
  }
  if (!database.inTransaction()) return null;
  await database.run('ROLLBACK');
  // Whether what it did stays is up to whatever the tool does next.
  return { id, statement: statements.length, message: 'it leaves a transaction open' };
}

async function runStep(step: JobPhase['steps'][number], database: Database): Promise<PhaseFailure | null> {
  if (!('command' in step)) return runSql(step, database);
  const message = await runCommand(step, database.variables);
  return message === null ? null : { id: step.id, statement: 0, message };
}

async function runPhases(phases: readonly JobPhase[], database: Database): Promise<readonly object[]> {
  const answers: object[] = [];
  for (const { name, steps } of phases) {
    let failed: PhaseFailure | null = null;
    for (const step of steps) {
      failed = await runStep(step, database);
      if (failed !== null) break;
    }
    if (failed !== null) return [...answers, { name, failed, schema: '' }];
    const schema = await database.schema();
    answers.push({ name, failed: null, schema });
  }
  return answers;
}

async function main(): Promise<void> {
  const job = JSON.parse(readFileSync(0, 'utf8')) as SentJob;
  const answer = (more: object): void =>
    void process.stdout.write(`${JSON.stringify({ nonce: job.nonce, ...more })}\n`);
  mkdirSync(job.directory, { recursive: true });
  try {
    const database = await (job.database === 'sqlite' ? openSqlite : openPostgres)(job);
    answer({ phases: await runPhases(job.phases, database) });
    database.close();
  } catch (error) {
    if (!(error instanceof Absent)) throw error;
    answer({ absent: error.message });
  }
  // What a step left running goes with the sandbox, and is not waited for.
  process.exit(0);
}

await main();
