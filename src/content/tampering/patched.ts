/** Code that makes a test runner, a clock or equality say what it should not, or ends the process before anybody counts. */
import type { ContentSighting } from '../../core/content-detectors.ts';
import { shown } from './compare-cases.ts';
import type { ReadChange, ReadFile, Side } from './reading.ts';
import { sightingIn } from './reading.ts';
import { STRINGS, assignmentAt, callAt, flat, literalAt, textOf, within } from './syntax.ts';
import type { Call, LanguageId, Source, SyntaxNode } from './syntax.ts';

interface Patch {
  readonly what: string;
  readonly text: string;
  readonly line: number;
}

/** Left sides of assignments that everything else in the process sees. */
const GLOBALS: Partial<Readonly<Record<LanguageId, RegExp>>> = {
  script:
    /^(?:(?:globalThis|global|window|self)\.)?(?:Date(?:\.now|\.prototype\.\w+)?|Math\.random|Object\.is|performance\.now|process\.(?:exit|hrtime|exitCode|reallyExit)|JSON\.(?:parse|stringify)|(?:Array|String|Number|Object|Map|Set|Promise|RegExp|Function|Symbol|Boolean)\.prototype(?:\.\w+|\[.*\])|assert(?:\.\w+)*|expect(?:\.\w+)*|it|test|describe|require\(["'](?:node:)?assert.*\)\.\w+)$/,
  python:
    /^(?:time\.(?:time|sleep|monotonic|perf_counter)|datetime\.(?:datetime|date)(?:\.\w+)?|random\.(?:random|randint|choice)|builtins\.\w+|__builtins__(?:\.\w+|\[.*\])|unittest\.TestCase\.\w+|TestCase\.assert\w+|pytest\.(?:raises|fail|main|exit)|sys\.(?:exit|excepthook)|os\._exit|_pytest\..+)$/,
  ruby: /^(?:\$0|\$PROGRAM_NAME)$/,
};

/** `true` as the answer to whatever is compared. */
const EQUALITY = /(?:^|\.)(?:__eq__|__ne__|equals|Equals|eql\?|==|isEqual|===|eq)$/;

/** Where these hooks may rewrite what pytest found or how a test ended. */
const HOOKS =
  /^(?:pytest_(?:runtest_makereport|runtest_logreport|runtest_call|runtest_protocol|collection_modifyitems|sessionfinish|report_teststatus|pyfunc_call|ignore_collect|exception_interact|terminal_summary|cmdline_main|deselected|collection_finish|itemcollected))$/;

const EXITS: Partial<Readonly<Record<LanguageId, RegExp>>> = {
  script: /^process\.(?:exit|reallyExit)$/,
  python: /^(?:os\._exit|sys\.exit|exit|quit|pytest\.exit)$/,
  go: /^os\.Exit$/,
  rust: /^(?:std::)?process::exit$/,
  java: /^(?:System\.exit|Runtime\.getRuntime\(\)\.(?:halt|exit))$/,
  ruby: /^(?:exit!?|Process\.exit!?|Kernel\.exit!?)$/,
  csharp: /^Environment\.Exit$/,
  php: /^exit$/,
};

const WRITES =
  /(?:^|[.:>_])(?:write\w*|Write\w*|append\w*|open|Create|dump|put|file_put_contents|save|outputFile|fopen)$/;

/** The files in which checks say how they ended. */
const REPORTS =
  /(?:^|[\w./-]*[/_-])?(?:junit[\w.-]*\.xml|test-?results?[\w.-]*\.(?:xml|json)|TEST-[\w.-]*\.xml|coverage-(?:final|summary)\.json|lcov\.info|[\w.-]+\.(?:ctrf\.json|trx|sarif|lcov)|(?:jest|vitest|mocha|pytest|rspec|playwright)-?(?:results?|report|output)\.(?:json|xml))$/;

/** Packages that only tests load. */
const RUNNERS =
  /^(?:node:test|bun:test|vitest|jest|@jest\/globals|mocha|ava|tap|@playwright\/test|jasmine|chai|pytest|unittest(?:\.\w+)*|minitest\/.*|rspec.*)$/;

/** Calls that only mean something where tests run. */
const RUNNER_CALLS =
  /^(?:expect\.(?:extend|addSnapshotSerializer|addEqualityTesters)|(?:jest|vi)\.\w+|(?:before|after)(?:Each|All))$/;

function loadedRunner(source: Source, node: SyntaxNode): string | null {
  const call = callAt(source, node);
  if (call !== null) return call.callee === 'require' ? runnerName(source, call.args[0]) : null;
  if (node.type === 'import_statement' && source.language === 'script') {
    return runnerName(
      source,
      node.children.find(({ type }) => STRINGS.has(type)),
    );
  }
  if (source.language !== 'python' || !/^import_(?:from_)?statement$/.test(node.type)) return null;
  const name = textOf(source, node.children[0] ?? node).split(' ')[0] ?? '';
  return RUNNERS.test(name) ? name : null;
}

function runnerName(source: Source, node: SyntaxNode | undefined): string | null {
  const value = literalAt(source, node)?.value ?? '';
  return RUNNERS.test(value) ? value : null;
}

/** In code that tests are about: tests load it, and so it gets at what judges it. */
function runnerUsed(source: Source, node: SyntaxNode, { path, isTest, isAside }: ReadFile): string | null {
  if (isTest || isAside || MAY_LOAD.test(path)) return null;
  const loaded = loadedRunner(source, node);
  if (loaded !== null) return `loads ${loaded}, which only tests need`;
  const callee = callAt(source, node)?.callee ?? '';
  return source.language === 'script' && RUNNER_CALLS.test(callee) ? `calls ${callee}, which only tests have` : null;
}

/** Helpers and settings of tests. */
const MAY_LOAD =
  /(?:^|[/._-])(?:tests?|testing|test-?utils?|fixtures?|mocks?|helpers?|setup|config|conftest|stories|bench\w*)(?:[/._-]|$)/i;

function leaves(source: Source, { callee, args: [code] }: Call, { isAside, path }: ReadFile): boolean {
  if (EXITS[source.language]?.test(callee) !== true || isAside || /(?:^|\/)main\.\w+$/.test(path)) return false;
  // Without a code most of them are how a program ends; these end it before anybody is told.
  if (code === undefined) return /_exit$|!$|reallyExit|halt/.test(callee);
  return textOf(source, code) === '0';
}

function endsOtherwise(source: Source, { callee, node }: Call): boolean {
  if (!/^(?:process\.(?:on|once)|atexit\.register|at_exit|register_shutdown_function)$/.test(callee)) return false;
  return /exitCode ?= ?0|\b_?exit!?\(?0|\bExit\(0/.test(flat(textOf(source, node)));
}

function definedGlobal(source: Source, { callee, args: [object, key] }: Call): string | null {
  if (!/^(?:setattr|Object\.defineProperty|Reflect\.set)$/.test(callee) || object === undefined) return null;
  const name = `${flat(textOf(source, object))}.${literalAt(source, key)?.value ?? ''}`;
  return GLOBALS[source.language]?.test(name) === true ? name : null;
}

function writtenReport(source: Source, { callee, node }: Call): string | undefined {
  if (!WRITES.test(callee)) return undefined;
  const strings = [...within(node)].filter(({ type }) => STRINGS.has(type));
  return strings.map((string) => literalAt(source, string)?.value ?? '').find((value) => REPORTS.test(value));
}

function calledPatch(source: Source, call: Call, file: ReadFile): string | null {
  if (leaves(source, call, file)) return 'ends the process as a success';
  if (endsOtherwise(source, call)) return 'changes how the process ends';
  const name = definedGlobal(source, call);
  if (name !== null) return `replaces ${name}`;
  const report = writtenReport(source, call);
  return report === undefined ? null : `writes ${report}, in which a check says how it ended`;
}

/** What people call it. */
const SAVED =
  /^_?(?:orig\w*|real\w*|old\w*|saved?\w*|previous\w*|backup\w*|\w+(?:Orig\w*|Original|Before|Backup|_orig\w*))$/i;

/** What each name of a file is given, on one line each: by assignments, and `(function)` where it is one. */
function givenNames(source: Source, routines: Side['routines']): ReadonlyMap<string, ReadonlySet<string>> {
  const given = new Map<string, Set<string>>();
  const add = (name: string, value: string): void => {
    given.set(name, (given.get(name) ?? new Set()).add(value));
  };
  for (const { name } of routines) add(name.split('.').at(-1) ?? name, '(function)');
  for (const node of within(source.root)) {
    const assigned = assignmentAt(source, node);
    const [named, value] = node.type === 'variable_declarator' ? node.children : [];
    const name = assigned?.left ?? (named === undefined ? null : flat(textOf(source, named)));
    const right = assigned?.right ?? value;
    if (name !== null && right !== undefined) add(name, flat(textOf(source, right)));
  }
  return given;
}

const NOTHING_YET = /^(?:null|undefined|None|nil)$/;

/** A global under whichever name of the whole, with or without what it is bound to. */
function plainGlobal(text: string): string {
  return text.replace(/^(?:globalThis|global|window|self)\./, '').replace(/\.bind\([\w.]*\)$/, '');
}

/** Whether the name holds what the global was, and nothing else; one that is given nothing here is believed by what it is called. */
function holdsOriginal(name: string, global: string, given: ReturnType<typeof givenNames>): boolean {
  const values = [...(given.get(name) ?? [])].filter((value) => !NOTHING_YET.test(value)).map(plainGlobal);
  if (values.length === 0) return SAVED.test(name);
  return values.every((value) => value === plainGlobal(global));
}

function assignedPatch(source: Source, node: SyntaxNode, given: ReturnType<typeof givenNames>): string | null {
  const assignment = assignmentAt(source, node);
  if (assignment === null || GLOBALS[source.language]?.test(assignment.left) !== true) return null;
  if (assignment.left.endsWith('exitCode') && textOf(source, assignment.right) !== '0') return null;
  // Put back what was there.
  if (holdsOriginal(flat(textOf(source, assignment.right)), assignment.left, given)) return null;
  return `replaces ${assignment.left}`;
}

function alwaysEqual({ routines }: Side): readonly Patch[] {
  return routines
    .filter(({ name, body, does }) => does === 'constant' && EQUALITY.test(name) && /\btrue\b/i.test(body))
    .map(({ name, body, line }) => ({ what: `${name} calls everything equal`, text: body, line }));
}

function hooks({ source, routines }: Side): readonly Patch[] {
  if (source?.language !== 'python') return [];
  return routines
    .filter(({ name }) => HOOKS.test(name))
    .map(({ name, body, line }) => ({ what: `${name} can rewrite what pytest found`, text: body, line }));
}

function patchesIn(file: ReadFile, side: Side | null): readonly Patch[] {
  const source = side?.source ?? null;
  if (side === null || source === null) return [];
  const found: Patch[] = [...alwaysEqual(side), ...hooks(side)];
  const given = givenNames(source, side.routines);
  for (const node of within(source.root)) {
    const call = callAt(source, node);
    const what =
      runnerUsed(source, node, file) ??
      (call === null ? assignedPatch(source, node, given) : calledPatch(source, call, file));
    if (what !== null) found.push({ what, text: flat(textOf(source, node)), line: node.line });
  }
  return found;
}

export function patches({ files }: ReadChange): readonly ContentSighting[] {
  return files.flatMap((file) => {
    const known = patchesIn(file, file.before).map(({ what, text }) => `${what}\n${text}`);
    return patchesIn(file, file.after).flatMap(({ what, text, line }) => {
      const at = known.indexOf(`${what}\n${text}`);
      if (at >= 0) known.splice(at, 1);
      const where = { side: 'added', line } as const;
      return at >= 0 ? [] : [sightingIn('runner-patched', file.path, where, `${what}: ${shown(text)}`)];
    });
  });
}
