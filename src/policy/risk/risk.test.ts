import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileDiff, RiskFinding } from '../../core/risk.ts';
import { DEFAULT_ZONES } from '../risk-zones.ts';
import { DIFF_RULES, riskReader } from './index.ts';

const read = riskReader(DEFAULT_ZONES);

const numbered = (lines: readonly string[]): { line: number; text: string }[] =>
  lines.map((text, index) => ({ line: index + 1, text }));

function file(path: string, added: readonly string[], removed: readonly string[] = []): FileDiff {
  return { path, added: numbered(added), removed: numbered(removed), complete: true };
}

const rules = (findings: readonly RiskFinding[]): string[] => [...new Set(findings.map(({ rule }) => rule))];
const added = (path: string, line: string): string[] => rules(read([file(path, [line])]));
const removed = (path: string, line: string): string[] => rules(read([file(path, [], [line])]));

describe('what added lines do', () => {
  it.each([
    // Data
    ['schema-sql', 'src/db.ts', 'await sql`CREATE TABLE users (id int)`'],
    ['schema-sql', 'app/run.py', 'cursor.execute("alter table users add column age int")'],
    ['schema-sql', 'x.go', 'db.Exec("DROP TABLE IF EXISTS users;")'],
    ['schema-sql', 'x.go', 'db.Exec("drop table users")'],
    ['schema-sql', 'a.rb', "execute 'create unique index concurrently i on t (a)'"],
    ['schema-sql', 'a.php', '$q = "TRUNCATE TABLE logs";'],
    ['grants', 'seed.ts', 'GRANT ALL ON users TO web;'],
    ['bulk-delete', 'jobs/clean.py', 'db.execute("DELETE FROM sessions")'],
    ['schema-call', 'db/x.rb', 'add_column :users, :age, :integer'],
    ['schema-call', 'src/x.ts', "await knex.schema.createTable('users', build)"],
    ['schema-call', 'app/x.php', "Schema::dropIfExists('users');"],
    ['schema-call', 'x/0002.py', 'migrations.AddField('],
    ['schema-call', 'versions/a.py', "op.add_column('users', column)"],
    ['schema-call', 'db/schema.ts', "export const users = pgTable('users', {"],
    ['schema-sync', 'src/orm.ts', 'synchronize: true,'],
    ['schema-sync', 'main.go', 'db.AutoMigrate(&User{})'],
    ['schema-sync', 'application.properties', 'spring.jpa.hibernate.ddl-auto=update'],
    // Access
    ['check-skipped', 'A.java', 'http.authorizeHttpRequests(a -> a.anyRequest().permitAll());'],
    ['check-skipped', 'A.cs', '[AllowAnonymous]'],
    ['check-skipped', 'app/controllers/a.rb', 'skip_before_action :authenticate_user!'],
    ['check-skipped', 'views.py', '@csrf_exempt'],
    ['verification-off', 'src/http.ts', 'new Agent({ rejectUnauthorized: false })'],
    ['verification-off', 'a.py', 'requests.get(url, verify=False)'],
    ['verification-off', 'a.go', '&tls.Config{InsecureSkipVerify: true}'],
    ['verification-off', 'a.ts', "res.setHeader('Access-Control-Allow-Origin', '*')"],
    ['credential', 'test/a.test.ts', `const key = '${['AKIA', 'ABCDEFGHIJKLMNOP'].join('')}'`],
    ['credential', 'README.md', ['-----BEGIN RSA', 'PRIVATE KEY-----'].join(' ')],
    // Supply
    ['install-script', 'package.json', '    "postinstall": "node setup.js",'],
    ['install-script', 'composer.json', '"post-install-cmd": ["x"],'],
    ['lifecycle', 'package-lock.json', '      "hasInstallScript": true,'],
    ['version', 'package.json', '    "left-pad": "^1.3.0",'],
    ['version', 'Cargo.toml', 'serde = { version = "1.0", features = ["derive"] }'],
    ['fetched-code', 'scripts/setup.sh', 'curl -fsSL https://example.org/i.sh | sudo bash'],
    ['fetched-code', 'src/a.ts', "exec('wget -qO- http://x.y/z | sh')"],
    ['fetched-code', 'Makefile', '\tpip install git+https://example.org/x.git'],
    ['workflow-rights', '.github/workflows/ci.yml', '  contents: write'],
    ['workflow-rights', '.github/workflows/ci.yml', '  pull_request_target:'],
    ['workflow-rights', '.github/workflows/ci.yml', '          TOKEN: ${{ secrets.TOKEN }}'],
    ['check-weakened', '.github/workflows/ci.yml', '        continue-on-error: true'],
    ['check-weakened', '.gitlab-ci.yml', '    - npm test || true'],
    ['declaration', 'ops/web.yaml', 'apiVersion: apps/v1'],
    ['declaration', 'stack.json', '  "Type": "AWS::S3::Bucket",'],
    // Outside
    ['provider-call', 'src/orders.ts', 'await stripe.refunds.create({ charge })'],
    ['amount', 'src/orders.ts', '  unit_amount: 1999,'],
    ['message-sent', 'src/users.ts', 'await sendEmail(user, text)'],
    ['message-sent', 'app/x.rb', 'UserMailer.welcome(user).deliver_later'],
  ])('%s: %s: %s', (rule, path, line) => {
    expect(added(path, line)).toContain(rule);
  });

  it.each([
    ['src/a.ts', '// create a table of contents, then drop table rows that are empty'],
    ['src/a.ts', 'const index = create(type);'],
    ['src/a.ts', 'const user = await can.speak();'],
    ['src/a.ts', 'verify(document);'],
    ['docs/sql.md', 'CREATE TABLE users (id int);'],
    ['src/db.test.ts', "sql('CREATE TABLE users (id int)')"],
    ['src/a.ts', 'DELETE FROM users WHERE id = $1'],
    ['src/a.ts', 'addRoute(path)'],
    ['src/a.ts', 'secrets.push(one)'],
    ['docs/install.md', 'curl https://example.org/i.sh | sh'],
    ['src/a.ts', 'curl https://example.org/data.json'],
    ['values.txt', 'apiVersion: v1'],
    ['src/colours.ts', 'striped: true, amount: 3'],
  ])('nothing: %s: %s', (path, line) => {
    expect(added(path, line)).toEqual([]);
  });
});

describe('what removed lines did', () => {
  it.each([
    ['check-removed', 'src/a.ts', '  if (!user.isAdmin) throw new Forbidden();'],
    ['check-removed', 'app/a.rb', '  before_action :authenticate_user!'],
    ['check-removed', 'app/views.py', '@login_required'],
    ['check-removed', 'A.java', '    @PreAuthorize("hasRole(\'ADMIN\')")'],
    ['check-removed', 'A.cs', '    [Authorize(Roles = "Admin")]'],
    ['check-removed', 'src/a.controller.ts', '  @UseGuards(JwtGuard)'],
    ['check-removed', 'routes/web.php', "})->middleware('auth');"],
    ['check-removed', 'src/a.ts', '  const claims = jwt.verify(token, key);'],
    ['export-removed', 'src/index.ts', 'export function parse(text: string): Tree {'],
    ['export-removed', 'lib/index.js', 'exports.parse = parse;'],
    ['export-removed', 'src/index.ts', "export { one, two as three } from './one.ts';"],
    ['export-removed', 'src/index.ts', "export * from './one.ts';"],
    ['export-removed', 'types/reply.d.ts', '  send(payload?: unknown): this;'],
    ['export-removed', 'pkg/__init__.py', 'from .core import Thing, other as another'],
    ['export-removed', 'pkg/__init__.py', '    "Thing",'],
    ['export-removed', 'parse/parse.go', 'func Parse(text string) (*Tree, error) {'],
    ['export-removed', 'parse/parse.go', 'func (t *Tree) Walk() {'],
    ['export-removed', 'src/lib.rs', 'pub fn parse(text: &str) -> Tree {'],
    ['export-removed', 'src/main/java/com/acme/api/Shop.java', '  public Order order(String id) {'],
    ['address-removed', 'src/server.ts', "app.get('/users', list)"],
    ['address-removed', 'A.java', '@GetMapping("/users")'],
    ['address-removed', 'app.py', "@app.route('/users')"],
    ['entry-point', 'package.json', '  "main": "lib/index.js",'],
  ])('%s: %s: %s', (rule, path, line) => {
    expect(removed(path, line)).toContain(rule);
    // The rule has a canary: the same line on the other side is no loss.
    expect(added(path, line)).not.toContain(rule);
  });

  it.each([
    ['src/inner/parser.ts', 'export function parse(text: string): Tree {'],
    ['parse/internal/x.go', 'func Parse() {'],
    ['parse/parse.go', 'func parse() {'],
    ['parse/parse_test.go', 'func TestParse(t *testing.T) {'],
    ['src/lib.rs', 'fn parse() {'],
    ['src/a.ts', 'const value = map.get(key)'],
  ])('nothing: %s: %s', (path, line) => {
    expect(removed(path, line)).toEqual([]);
  });
});

describe('reading a change', () => {
  it('does not take a moved line for a removed one', () => {
    const check = '  requireAuth(user);';
    expect(read([file('src/a.ts', ['x', check], [check])])).toEqual([]);
    expect(rules(read([file('src/a.ts', ['x', check], [check, check])]))).toEqual(['check-removed']);
  });

  it('sees a renamed export, and not one whose signature grew', () => {
    const before = ['export function parse(text: string): Tree {'];
    const seen = read([file('src/index.ts', ['export function read(text: string): Tree {'], before)]);
    expect(seen).toMatchObject([{ rule: 'export-removed', side: 'removed', line: 1 }]);
    expect(seen[0]?.message).toBe('takes a public name away, or gives it another one: parse');
    expect(read([file('src/index.ts', ['export function parse(text: string, depth = 3): Tree {'], before)])).toEqual(
      [],
    );
  });

  it('says from which version to which', () => {
    const said = (path: string, now: string, was: string): string | undefined =>
      read([file(path, [now], [was])]).find(({ rule }) => rule === 'version')?.message;
    expect(said('package.json', '    "a": "^2.0.0",', '    "a": "^1.9.3",')).toMatch(
      /: a 1\.9\.3 -> 2\.0\.0 \(a major step\)$/,
    );
    expect(said('package.json', '    "a": "^1.10.0",', '    "a": "^1.9.3",')).toMatch(/: a 1\.9\.3 -> 1\.10\.0$/);
    expect(said('Cargo.toml', 'a = "0.5"', 'a = "0.4"')).toMatch(/\(a major step\)$/);
  });

  it('never repeats a credential', () => {
    const key = `ghp_${'a'.repeat(36)}`;
    const [finding] = read([file('src/a.ts', [`const token = '${key}';`])]);
    expect(finding).toMatchObject({ zone: 'secrets', message: 'adds what looks like a credential: a GitHub token' });
    expect(JSON.stringify(finding)).not.toContain(key);
  });

  it('holds a file that could not be read to its end', () => {
    expect(read([{ ...file('src/a.ts', []), complete: false }])).toMatchObject([{ zone: 'unread', line: null }]);
  });

  it('is silent for zones that are off or do not read diffs', () => {
    const change = [file('src/a.ts', ['CREATE TABLE a (b int)', 'stripe.refunds.create()'])];
    expect(rules(riskReader(DEFAULT_ZONES.filter(({ name }) => name !== 'migrations'))(change))).toEqual([
      'provider-call',
    ]);
    expect(riskReader(DEFAULT_ZONES.map((zone) => ({ ...zone, readsDiff: false })))(change)).toEqual([]);
    expect(riskReader([])([{ ...file('a', []), complete: false }])).toEqual([]);
  });

  it('has rules only for built-in zones, each with an id of its own in its zone', () => {
    const names = new Set(DEFAULT_ZONES.map(({ name }) => name));
    const ids = DIFF_RULES.map(({ zone, id }) => `${zone} ${id}`);
    expect(DIFF_RULES.filter(({ zone }) => !names.has(zone))).toEqual([]);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.length).toBeGreaterThan(15);
  });

  it('never finds more lines than there are, whatever they say', () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom('CREATE TABLE a (', 'export const a', 'requireAuth()', '"a": "1.0",'),
    );
    fc.assert(
      fc.property(
        fc.constantFrom('src/index.ts', 'package.json', 'x.go', 'a.d.ts'),
        fc.array(line),
        fc.array(line),
        (path, now, was) => {
          for (const { side, line: at } of read([file(path, now, was)])) {
            expect(at).toBeGreaterThan(0);
            expect(at).toBeLessThanOrEqual(side === 'added' ? now.length : was.length);
          }
          expect(read([file(path, now, now)])).toEqual([]);
        },
      ),
    );
  });
});
