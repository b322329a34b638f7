/** Every tool, in trees as its documentation shows them. One table: a tool without a row fails. */
import { describe, expect, it } from 'vitest';
import { MIGRATION_TOOLS } from '../core/migration.ts';
import type { MigrationToolId } from '../core/migration.ts';
import type { FoundMigration } from './migration.ts';
import { TOOLS, mayBeMigration, recognise, toolOf } from './registry.ts';

type Tree = Readonly<Record<string, string>>;

function found(tree: Tree): readonly FoundMigration[] {
  const files = Object.entries(tree).flatMap(([path, text]) => (mayBeMigration(path) ? [{ path, text }] : []));
  return [...recognise(files).values()].flat();
}

/** `id up/down`: the kind of step, or nothing where there is no way back. */
function shown({ id, up, down }: FoundMigration): string {
  return `${id} ${up.kind}/${down?.kind ?? 'none'}`;
}

interface Row {
  readonly tool: MigrationToolId;
  readonly what: string;
  readonly tree: Tree;
  /** In the order they run. */
  readonly migrations: readonly string[];
  /** What a person types to take the last one back. */
  readonly undo: string;
}

const CREATE = 'CREATE TABLE a (id int);';

const ROWS: readonly Row[] = [
  {
    tool: 'prisma',
    what: 'a directory each, with and without a down.sql',
    tree: {
      'prisma/migrations/migration_lock.toml': 'provider = "postgresql"',
      'prisma/migrations/20240102000000_b/migration.sql': CREATE,
      'prisma/migrations/20240102000000_b/down.sql': 'DROP TABLE a;',
      'prisma/migrations/20240101000000_a/migration.sql': CREATE,
    },
    migrations: ['20240101000000_a sql/none', '20240102000000_b sql/sql'],
    undo: 'npx prisma db execute --file prisma/migrations/20240102000000_b/down.sql',
  },
  {
    tool: 'drizzle',
    what: 'the order of the journal',
    tree: {
      'drizzle/meta/_journal.json':
        '{"dialect":"sqlite","entries":[{"idx":0,"when":1,"tag":"0000_z"},{"idx":1,"when":2,"tag":"0001_a"}]}',
      'drizzle/0000_z.sql': CREATE,
      'drizzle/0001_a.sql': `${CREATE}\n--> statement-breakpoint\n${CREATE}`,
      'drizzle/0001_a.down.sql': 'DROP TABLE a;',
      'drizzle/0002_unlisted.sql': CREATE,
    },
    migrations: ['0000_z sql/none', '0001_a sql/sql'],
    undo: 'psql "$DATABASE_URL" -f drizzle/0001_a.down.sql',
  },
  {
    tool: 'drizzle',
    what: 'a directory each beside a snapshot',
    tree: {
      'drizzle/20240101000000_a/migration.sql': CREATE,
      'drizzle/20240101000000_a/snapshot.json': '{}',
    },
    migrations: ['20240101000000_a sql/none'],
    undo: 'psql "$DATABASE_URL" -f drizzle/20240101000000_a/migration.down.sql',
  },
  {
    tool: 'flyway',
    what: 'versions by number, undo, repeatable last',
    tree: {
      'src/main/resources/db/migration/V10__b.sql': CREATE,
      'src/main/resources/db/migration/V2_1__a.sql': CREATE,
      'src/main/resources/db/migration/U10__b.sql': 'DROP TABLE a;',
      'src/main/resources/db/migration/R__view.sql': 'CREATE VIEW v AS SELECT 1;',
    },
    migrations: ['2.1 sql/none', '10 sql/sql', 'R__view.sql sql/none'],
    undo: 'flyway migrate',
  },
  {
    tool: 'flyway',
    what: 'classes in one order with the SQL',
    tree: {
      'src/main/resources/db/migration/V1__a.sql': CREATE,
      'src/main/java/db/migration/V2__b.java': 'public class V2__b extends BaseJavaMigration { }',
      'src/main/java/db/migration/U2__b.java': 'public class U2__b extends BaseJavaMigration { }',
      'src/main/kotlin/db/migration/V3__c.kt': 'class V3__c : BaseJavaMigration() { }',
      'src/main/java/db/migration/V4__Helper.java': 'class V4__Helper { }',
      'src/main/resources/db/migration/V10__d.sql': CREATE,
    },
    migrations: ['1 sql/none', '2 code/code', '3 code/none', '10 sql/none'],
    undo: 'flyway undo -target=10',
  },
  {
    tool: 'liquibase',
    what: 'change sets of one formatted file',
    tree: {
      'db/changelog.sql': [
        '--liquibase formatted sql',
        '--changeset kim:1',
        CREATE,
        '--rollback DROP TABLE a;',
        '--changeset kim:2 runInTransaction:false',
        CREATE,
        '--changeset kim:3',
        CREATE,
        '/* liquibase rollback',
        'DROP TABLE a;',
        '*/',
        '--changeset kim:4',
        CREATE,
        '--rollback empty',
      ].join('\n'),
    },
    migrations: ['kim:1 sql/sql', 'kim:2 sql/none', 'kim:3 sql/sql', 'kim:4 sql/none'],
    undo: 'liquibase rollback-count --count=1',
  },
  {
    tool: 'liquibase',
    what: 'a change log in XML whose changes turn round by themselves',
    tree: {
      'db/changelog/1.xml':
        '<databaseChangeLog><changeSet id="1" author="k"><createTable tableName="a"/></changeSet></databaseChangeLog>',
    },
    migrations: ['db/changelog/1.xml code/code'],
    undo: 'liquibase rollback-count --count=1',
  },
  {
    tool: 'liquibase',
    what: 'change logs in XML, YAML and JSON that do not say how they go back',
    tree: {
      'db/changelog/1.xml':
        '<databaseChangeLog><changeSet id="1" author="k"><dropTable tableName="a"/></changeSet></databaseChangeLog>',
      'db/changelog/2.yaml':
        'databaseChangeLog:\n  - changeSet:\n      id: 1\n      changes:\n        - sql:\n            sql: x\n',
      'db/changelog/3.json': '{"databaseChangeLog":[{"changeSet":{"id":"1","changes":[{"dropColumn":{}}]}}]}',
    },
    migrations: ['db/changelog/1.xml code/none', 'db/changelog/2.yaml code/none', 'db/changelog/3.json code/none'],
    undo: 'liquibase rollback-count --count=1',
  },
  {
    tool: 'goose',
    what: 'annotations, with and without a way down',
    tree: {
      'migrations/00002_b.sql': `-- +goose NO TRANSACTION\n-- +goose Up\n${CREATE}\n`,
      'migrations/00001_a.sql': `-- +goose up\n${CREATE}\n-- +goose down\nDROP TABLE a;\n`,
      'migrations/00003_c.sql': `-- +goose Up\n${CREATE}\n-- +goose Down\n-- nothing\n`,
    },
    migrations: ['00001 sql/sql', '00002 sql/none', '00003 sql/none'],
    undo: 'goose -dir migrations down-to 00002',
  },
  {
    tool: 'goose',
    what: 'functions that are registered, in one order with the SQL',
    tree: {
      'migrations/00001_a.sql': `-- +goose Up\n${CREATE}\n-- +goose Down\nDROP TABLE a;\n`,
      'migrations/00002_b.go':
        'func init() {\n\tgoose.AddMigrationContext(upB, downB)\n}\nfunc downB(ctx context.Context, tx *sql.Tx) error {\n\t_, err := tx.Exec("DROP TABLE b")\n\treturn err\n}\n',
      'migrations/00003_c.go': 'func init() { goose.AddMigrationNoTx(upC, nil) }\n',
      'migrations/00004_d.go':
        'func init() {\n\tgoose.AddNamedMigrationContext("00004_d.go", upD, downD)\n}\nfunc downD(ctx context.Context, tx *sql.Tx) error {\n\t// nothing\n\treturn nil\n}\n',
      'migrations/00005_helper.go': 'package migrations\n',
    },
    migrations: ['00001 sql/sql', '00002 code/code', '00003 code/none', '00004 code/none'],
    undo: 'goose -dir migrations down-to 00003',
  },
  {
    tool: 'dbmate',
    what: 'two sections',
    tree: {
      'db/migrations/20240101000000_a.sql': `-- migrate:up transaction:false\n${CREATE}\n\n-- migrate:down\nDROP TABLE a;\n`,
      'db/migrations/20240102000000_b.sql': `-- migrate:up\n${CREATE}\n-- migrate:down\n`,
    },
    migrations: ['20240101000000 sql/sql', '20240102000000 sql/none'],
    undo: 'dbmate rollback',
  },
  {
    tool: 'node-pg-migrate',
    what: 'SQL and code',
    tree: {
      'migrations/1_a.sql': `-- Up Migration\n${CREATE}\n-- Down Migration\nDROP TABLE a;\n`,
      'migrations/2_b.js': 'exports.up = (pgm) => { pgm.createTable("a", {}); };\nexports.down = false;\n',
      'migrations/3_c.ts':
        'export const up = async (pgm: MigrationBuilder) => { pgm.addColumn("a", {}); };\nexport const down = (pgm) => { pgm.dropColumn("a", "b"); };\n',
    },
    migrations: ['1_a sql/sql', '2_b code/none', '3_c code/code'],
    undo: 'npx node-pg-migrate down 1',
  },
  {
    tool: 'golang-migrate',
    what: 'pairs by number',
    tree: {
      'db/migrations/000002_b.up.sql': CREATE,
      'db/migrations/000001_a.up.sql': CREATE,
      'db/migrations/000001_a.down.sql': 'DROP TABLE a;',
    },
    migrations: ['000001 sql/sql', '000002 sql/none'],
    undo: 'migrate -path db/migrations -database "$DATABASE_URL" down 1',
  },
  {
    tool: 'rails',
    what: 'change, up and down, and what cannot be turned round',
    tree: Object.fromEntries(
      [
        ['1_a', '  def change\n    create_table :a do |t|\n      t.string :n\n    end\n  end'],
        ['2_b', '  def up\n    execute "x"\n  end\n\n  def down\n    execute "y"\n  end'],
        ['3_c', '  def up\n    execute "x"\n  end'],
        ['4_d', '  def change\n    execute "x"\n  end'],
        ['5_e', '  def up\n    x\n  end\n\n  def down\n    raise ActiveRecord::IrreversibleMigration\n  end'],
        ['6_f', '  def change\n    drop_table :a\n  end'],
      ].map(([name = '', body = '']) => [
        `db/migrate/2024010100000${name}.rb`,
        `class A < ActiveRecord::Migration[7.1]\n${body}\nend\n`,
      ]),
    ),
    migrations: [
      '20240101000001 code/code',
      '20240101000002 code/code',
      '20240101000003 code/none',
      '20240101000004 code/none',
      '20240101000005 code/none',
      '20240101000006 code/none',
    ],
    undo: 'bin/rails db:rollback STEP=1',
  },
  {
    tool: 'alembic',
    what: 'the chain of revisions, whatever the files are called',
    tree: {
      'alembic/versions/aaa_second.py':
        "revision: str = 'bbb'\ndown_revision: Union[str, None] = 'ccc'\n\ndef upgrade() -> None:\n    op.x()\n\n\ndef downgrade() -> None:\n    pass\n",
      'alembic/versions/zzz_first.py':
        "revision = 'ccc'\ndown_revision = None\n\ndef upgrade():\n    op.x()\n\ndef downgrade():\n    op.y()\n",
    },
    migrations: ['ccc code/code', 'bbb code/none'],
    undo: 'alembic downgrade ccc',
  },
  {
    tool: 'django',
    what: 'operations that go back, and two that do not',
    tree: Object.fromEntries(
      [
        ['0001_initial', "migrations.CreateModel(name='A', fields=[])"],
        ['0002_run', 'migrations.RunPython(forwards)'],
        ['0003_back', 'migrations.RunPython(forwards, migrations.RunPython.noop)'],
        ['0004_sql', 'migrations.RunSQL("""SELECT f(1, 2)""")'],
        ['0005_both', 'migrations.RunSQL("SELECT 1", reverse_sql="SELECT 2")'],
      ].map(([name = '', operation = '']) => [
        `shop/migrations/${name}.py`,
        `class Migration(migrations.Migration):\n    operations = [${operation}]\n`,
      ]),
    ),
    migrations: [
      '0001_initial code/code',
      '0002_run code/none',
      '0003_back code/code',
      '0004_sql code/none',
      '0005_both code/code',
    ],
    undo: 'python manage.py migrate shop 0004_sql',
  },
  {
    tool: 'typeorm',
    what: 'classes with the time in their name',
    tree: {
      'src/migrations/1700000000001-b.ts':
        'export class B1700000000001 implements MigrationInterface {\n  public async up(queryRunner: QueryRunner): Promise<void> { await queryRunner.query(`X`); }\n  public async down(queryRunner: QueryRunner): Promise<void> {}\n}\n',
      'src/migrations/1700000000000-a.ts':
        'export class A1700000000000 implements MigrationInterface {\n  async up(queryRunner) { await queryRunner.query(`X`); }\n  async down(queryRunner) { await queryRunner.query(`Y`); }\n}\n',
    },
    migrations: ['A1700000000000 code/code', 'B1700000000001 code/none'],
    undo: 'npx typeorm migration:revert -d DATA_SOURCE',
  },
  {
    tool: 'sequelize',
    what: 'objects and modules',
    tree: {
      'migrations/20240101-a.js':
        "module.exports = {\n  async up(queryInterface, Sequelize) { await queryInterface.createTable('a', {}); },\n  async down(queryInterface) { await queryInterface.dropTable('a'); },\n};\n",
      'migrations/20240102-b.js':
        "module.exports = {\n  up: async (queryInterface) => { await queryInterface.createTable('b', {}); },\n  down: () => { throw new Error('no way') },\n};\n",
    },
    migrations: ['20240101-a.js code/code', '20240102-b.js code/none'],
    undo: 'npx sequelize-cli db:migrate:undo --name 20240102-b.js',
  },
  {
    tool: 'knex',
    what: 'functions that get knex',
    tree: {
      'migrations/20240101_a.js':
        "exports.up = function (knex) { return knex.schema.createTable('a', () => {}); };\nexports.down = function (knex) { return knex.schema.dropTable('a'); };\n",
      'migrations/20240102_b.ts':
        'export async function up(knex: Knex): Promise<void> { await knex.raw("x"); }\nexport async function down(knex: Knex): Promise<void> { /* nothing */ }\n',
    },
    migrations: ['20240101_a.js code/code', '20240102_b.ts code/none'],
    undo: 'npx knex migrate:down 20240102_b.ts',
  },
  {
    tool: 'plain-sql',
    what: 'pairs without a number, and numbered files alone',
    tree: {
      'sql/users.up.sql': CREATE,
      'sql/users.down.sql': 'DROP TABLE a;',
      'sql/lonely.up.sql': CREATE,
      'sql/shut_down.sql': CREATE,
    },
    migrations: ['users sql/sql'],
    undo: 'psql "$DATABASE_URL" -f sql/users.down.sql',
  },
  {
    tool: 'plain-sql',
    what: 'a directory each, and numbered files',
    tree: {
      'migrations/2024-01-01-000000_a/up.sql': CREATE,
      'migrations/2024-01-01-000000_a/down.sql': 'DROP TABLE a;',
      'migrations/2024-01-02-000000_b/up.sql': CREATE,
      'migrations/2024-01-02-000000_b/down.sql': '-- nothing to do\n',
      'migrations/2025.sql': CREATE,
      'migrations/2025.undo.sql': 'DROP TABLE a;',
    },
    migrations: ['2024-01-01-000000_a sql/sql', '2024-01-02-000000_b sql/none', '2025 sql/sql'],
    undo: 'psql "$DATABASE_URL" -f migrations/2025.undo.sql',
  },
  {
    tool: 'plain-code',
    what: 'code of tools that have no folder here',
    tree: {
      'migrations/1-a.js': 'module.exports = { async up(db, client) { x(); }, async down(db, client) { y(); } };',
      'migrations/2_b.ts':
        'export async function up(db: Kysely<any>): Promise<void> { await x(); }\nexport async function down(db: Kysely<any>): Promise<void> {}\n',
      'migrations/3_c.php': 'return new class extends Migration { public function up() {} public function down() {} };',
      'migrations/4_D.cs': 'public partial class D : Migration { protected override void Up(MigrationBuilder b) {} }',
      'migrations/5_e.exs': 'defmodule E do\n  use Ecto.Migration\n  def change do\n  end\nend\n',
      'migrations/helper.php': 'class Helper {}',
    },
    migrations: ['1-a.js code/code', '2_b.ts code/none', '3_c.php code/code', '4_D.cs code/none', '5_e.exs code/code'],
    undo: 'git show HEAD:migrations/5_e.exs',
  },
];

describe('recognition', () => {
  it('has a folder, a row and a name for every tool', () => {
    const ids = [...MIGRATION_TOOLS].toSorted();
    expect(TOOLS.map(({ id }) => id).toSorted()).toEqual(ids);
    expect([...new Set(ROWS.map(({ tool }) => tool))].toSorted()).toEqual(ids);
  });

  it.each(ROWS)('$tool: $what', ({ tool, tree, migrations, undo }) => {
    const all = found(tree);
    expect(all.map(shown)).toEqual(migrations);
    expect(new Set(all.map((one) => one.tool))).toEqual(new Set([tool]));
    const [previous = null, last] = all.slice(-2).length === 2 ? all.slice(-2) : [null, ...all];
    expect(last === undefined || last === null ? '' : toolOf(tool).undo([last], previous)).toBe(undo);
  });

  it('tells why there is no way back, where a file says it', () => {
    const whys = ROWS.flatMap(({ tree }) => found(tree)).flatMap(({ down, oneWay }) =>
      down === null ? [oneWay ?? ''] : [],
    );
    expect(whys.join('\n')).toContain('RunPython has no `reverse_code`');
    expect(whys.join('\n')).toContain('its `downgrade` does nothing');
    expect(whys.join('\n')).toContain('it says so itself');
  });

  it.each([
    ['code that moves things up and down', { 'src/move.js': 'exports.up = () => 1; exports.down = () => 2;' }],
    ['a module in a directory of migrations', { 'src/migrations/index.ts': "export * from './a.ts';" }],
    ['a query', { 'sql/report.sql': 'SELECT 1;' }],
    ['a Python package', { 'shop/migrations/__init__.py': '' }],
    ['what is installed', { 'node_modules/x/migrations/1_a.up.sql': CREATE }],
    ['other YAML', { 'changelog/config.yml': 'a: 1' }],
  ])('not: %s', (_, tree) => expect(found(tree)).toEqual([]));

  it.each(MIGRATION_TOOLS)('%s gives a command that runs nothing a name holds', (tool) => {
    const series = 'a/$(touch x)/migrations';
    const up = { kind: 'code', path: `${series}/`, text: '' } as const;
    const named = (id: string): FoundMigration => {
      const path = `${series}/${id}.sql`;
      return { tool, series, id, order: id, path, up: { ...up, path }, down: { ...up, path } };
    };
    const command = toolOf(tool).undo([named('2;touch x')], named('1 `touch x`'));
    expect(command.replaceAll(/'[^']*'/g, '')).not.toContain('touch');
  });

  it('reads a long row of openings in a moment, whatever the tool', () => {
    const openings = [
      '/* ',
      "'",
      '"""',
      '`',
      '-- +goose Up\n',
      'def change\n',
      '<changeSet ',
      'RunPython(',
      '"idx":1',
      'exports.up = ',
    ];
    for (const opening of openings) {
      const text = `knex queryInterface pgm revision = '1'\ndown_revision = '2'\nMigration ${opening.repeat(30_000)}`;
      const paths = [
        'migrations/1_a.js',
        'migrations/1.sql',
        'a/migrations/0001_a.py',
        'db/migrate/1_a.rb',
        'db/changelog/a.xml',
      ];
      const tree = Object.fromEntries(paths.map((path) => [path, text]));
      expect(Array.isArray(found(tree))).toBe(true);
    }
  });
});
