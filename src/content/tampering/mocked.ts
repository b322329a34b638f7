/**
 * Mocks of the very thing that a test is about: its namesake, or a function that the change itself changed. A mock of what
 * stands around it is everyday work.
 */
import type { ContentSighting } from '../../core/content-detectors.ts';
import { shown } from './compare-cases.ts';
import type { ReadChange, ReadFile, Side } from './reading.ts';
import { sightingIn } from './reading.ts';
import { callAt, flat, literalAt, textOf, within } from './syntax.ts';
import type { Call, Source } from './syntax.ts';

interface Mock {
  /** What is replaced, as the test names it. */
  readonly target: string;
  readonly kind: 'module' | 'name' | 'class';
  readonly text: string;
  readonly line: number;
}

const MODULES =
  /^(?:jest|vi|vitest)\.(?:mock|doMock|unstable_mockModule)$|^(?:mock\.module|t\.mock\.module|td\.replace(?:Esm)?|rewiremock)$/;

/** Load what they are given first, with what the objects after it name replaced. */
const LOADERS = /^(?:proxyquire|esmock|t\.mock(?:Require|Import)?)(?:\.\w+(?:\(\))?)*$/;

const NAMES = /(?:^|\.)(?:patch|setattr)$|^monkeypatch\.setattr$|^mocker\.patch$/;

const CLASSES =
  /^(?:Mockito\.)?(?:mock|spy)$|^\$this->(?:createMock|createStub|getMockBuilder|createPartialMock)$|^Mockery::mock$|^Substitute\.For<(\w+)>$|^Mock<(\w+)>$|^(?:instance_double|class_double)$/;

const RSPEC = /^(?:allow|expect|allow_any_instance_of|expect_any_instance_of)\(([\w:]+)\)\.(?:to|not_to)$/;

function classMocked(source: Source, { callee, args: [first] }: Call): string | null {
  const text = first === undefined ? '' : flat(textOf(source, first));
  const received = source.language === 'ruby' ? RSPEC.exec(callee)?.[1] : undefined;
  if (received !== undefined && text.startsWith('receive')) return received;
  const match = CLASSES.exec(callee);
  if (match === null) return null;
  const named = match[1] ?? match[2] ?? literalAt(source, first)?.value ?? text;
  return named.replace(/(?:\.class|::class)$/, '');
}

type Replaced = Pick<Mock, 'target' | 'kind'>;

/** The keys of `{ './clock': fake }`. */
function loadedWith(source: Source, { args: [, ...stubs] }: Call): readonly Replaced[] {
  const pairs = stubs.flatMap(({ children }) => children.filter(({ type }) => type === 'pair'));
  return pairs.flatMap(({ children: [key] }): readonly Replaced[] => {
    const literal = literalAt(source, key);
    return literal === null ? [] : [{ target: literal.value, kind: 'module' }];
  });
}

function mocksBy(source: Source, call: Call): readonly Replaced[] {
  const literal = literalAt(source, call.args[0]);
  if (MODULES.test(call.callee)) return literal === null ? [] : [{ target: literal.value, kind: 'module' }];
  if (source.language === 'script' && LOADERS.test(call.callee)) return loadedWith(source, call);
  if (source.language === 'python' && NAMES.test(call.callee)) {
    return literal?.kind === 'string' ? [{ target: literal.value, kind: 'name' }] : [];
  }
  const target = classMocked(source, call);
  return target === null ? [] : [{ target, kind: 'class' }];
}

function mocksIn(side: Side | null): readonly Mock[] {
  const source = side?.source ?? null;
  if (source === null) return [];
  const found: Mock[] = [];
  for (const node of within(source.root)) {
    const call = callAt(source, node);
    const mocks = call === null ? [] : mocksBy(source, call);
    for (const mock of mocks) found.push({ ...mock, text: flat(textOf(source, node)), line: node.line });
  }
  return found;
}

/** `src/cart` of `src/cart.test.ts`, `cart` of `tests/test_cart.py`: what a test is about, by its name. */
function aboutOf(path: string): string {
  const name = path.split('/').at(-1) ?? path;
  return name
    .replace(/\.\w+$/, '')
    .replace(/[._-](?:test|tests|spec|e2e|unit|integration)$/i, '')
    .replace(/^test_/, '')
    .replace(/(?:Test|Tests|TestCase|Spec|IT)$/, '');
}

function stemOf(target: string): string {
  return (target.split('/').at(-1) ?? target).replace(/\.[cm]?[jt]sx?$/, '');
}

/** Functions whose bodies the change wrote, as `module.function`, with the module's last name. */
function writtenRoutines({ files }: ReadChange): ReadonlySet<string> {
  const written = new Set<string>();
  for (const { path, isTest, before, after } of files) {
    if (isTest || after === null) continue;
    const was = new Map((before?.routines ?? []).map(({ name, body }) => [name, body]));
    for (const { name, body } of after.routines) {
      if (was.get(name) !== body) written.add(`${stemOf(path).replace(/\.\w+$/, '')}.${name}`);
    }
  }
  return written;
}

function mocksSubject({ kind, target }: Mock, { path }: ReadFile, written: ReadonlySet<string>): boolean {
  const about = aboutOf(path);
  if (kind === 'module') return /^[./@~#]/.test(target) && about !== 'index' && stemOf(target) === about;
  if (kind === 'class') return target === about || target === 'described_class';
  return [2, 3].some((names) => written.has(target.split('.').slice(-names).join('.')));
}

export function subjectMocks(change: ReadChange): readonly ContentSighting[] {
  const written = writtenRoutines(change);
  return change.files
    .filter(({ isTest }) => isTest)
    .flatMap((file) => {
      const known = new Set(mocksIn(file.before).map(({ target }) => target));
      return mocksIn(file.after)
        .filter((mock) => !known.has(mock.target) && mocksSubject(mock, file, written))
        .map(({ target, text, line }) =>
          sightingIn(
            'subject-mocked',
            file.path,
            { side: 'added', line },
            `puts a mock in the place of ${target}, which it is about: ${shown(text)}`,
          ),
        );
    });
}
