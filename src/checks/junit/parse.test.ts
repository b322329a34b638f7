import { describe, expect, it } from 'vitest';
import type { TestStatus } from '../../core/check.ts';
import { nameOutcomes } from '../identity.ts';
import type { ReadReport, Reading } from '../reading.ts';
import { readJunit } from './parse.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function read(xml: string): ReadReport {
  const reading = readJunit(encode(xml), 'file');
  if (reading.kind === 'unreadable') throw new Error(`unreadable: ${reading.problem}`);
  return reading;
}

function problem(reading: Reading): string {
  return reading.kind === 'unreadable' ? reading.problem : `was read: ${JSON.stringify(reading).slice(0, 200)}`;
}

function ids(xml: string): Record<string, TestStatus> {
  return Object.fromEntries(nameOutcomes(read(xml).outcomes).map((test) => [test.id, test.status]));
}

describe('every dialect gives the same kind of identity', () => {
  const table: readonly [writer: string, xml: string, expected: Record<string, TestStatus>][] = [
    [
      'surefire: one suite as root, the class repeats the suite',
      `<testsuite name="com.example.SumTest" tests="2" failures="1" errors="0" skipped="0">
         <properties><property name="java.home" value="/usr"/></properties>
         <testcase name="adds" classname="com.example.SumTest" time="0.1"/>
         <testcase name="divides" classname="com.example.SumTest"><failure message="by zero" type="java.lang.AssertionError">at Sum.java:3</failure></testcase>
       </testsuite>`,
      { 'com.example.SumTest > adds': 'passed', 'com.example.SumTest > divides': 'failed' },
    ],
    [
      'surefire with reruns: what passed in the end passed, what failed every time failed',
      `<testsuite name="T" tests="2">
         <testcase name="wobbly" classname="T"><flakyFailure message="first try">x</flakyFailure><flakyError message="second">y</flakyError></testcase>
         <testcase name="broken" classname="T"><rerunFailure message="again">x</rerunFailure></testcase>
       </testsuite>`,
      { 'T > wobbly': 'passed', 'T > broken': 'failed' },
    ],
    [
      'pytest xunit2: the class is the module',
      `<testsuites name="pytest tests"><testsuite name="pytest" errors="1" failures="0" skipped="2" tests="4">
         <testcase classname="tests.test_sum" name="test_adds[1-2]" time="0.001"/>
         <testcase classname="tests.test_sum" name="test_later"><skipped type="pytest.skip" message="later">test_sum.py:4: later</skipped></testcase>
         <testcase classname="tests.test_sum" name="test_wanted"><skipped type="pytest.xfail" message="bug 4"/></testcase>
         <testcase classname="tests.test_sum" name="test_setup"><error message="failed on setup with &quot;boom&quot;">E boom</error></testcase>
       </testsuite></testsuites>`,
      {
        'pytest > tests.test_sum > test_adds[1-2]': 'passed',
        'pytest > tests.test_sum > test_later': 'skipped',
        'pytest > tests.test_sum > test_wanted': 'skipped',
        'pytest > tests.test_sum > test_setup': 'failed',
      },
    ],
    [
      'pytest xunit1: the file is named by the class already',
      `<testsuite name="pytest" tests="1"><testcase classname="tests.test_sum.TestSum" file="tests/test_sum.py" line="3" name="test_adds"/></testsuite>`,
      { 'pytest > tests.test_sum.TestSum > test_adds': 'passed' },
    ],
    [
      'jest-junit: the class repeats the name',
      `<testsuites name="jest tests" tests="1"><testsuite name="src/sum.test.ts" tests="1">
         <testcase classname="sum adds" name="sum adds" time="0.01"></testcase></testsuite></testsuites>`,
      { 'src/sum.test.ts > sum adds': 'passed' },
    ],
    [
      'mocha-junit-reporter: the file of the enclosing suite, without its place on this machine',
      `<testsuites name="Mocha Tests"><testsuite name="Root Suite" file="/build/1234/test/sum.spec.js" tests="1">
         <testcase name="sum adds" classname="adds"/></testsuite></testsuites>`,
      { 'sum.spec.js > Root Suite > adds > sum adds': 'passed' },
    ],
    [
      'node:test: test cases directly under testsuites, nested suites, expected failures',
      `<testsuites>
         <testcase name="works" classname="test" file="/a/one.test.mjs"/>
         <testcase name="works" classname="test" file="/a/two.test.mjs"/>
         <testsuite name="outer" tests="2" failures="1" skipped="1"><testsuite name="inner" tests="1">
           <testcase name="leaf" classname="inner" file="/a/one.test.mjs"/></testsuite>
           <testcase name="wanted" classname="outer" file="/a/one.test.mjs"><skipped type="todo" message="true"/><failure message="not yet">x</failure></testcase>
         </testsuite>
         <!-- tests 4 -->
       </testsuites>`,
      {
        'one.test.mjs > test > works': 'passed',
        'two.test.mjs > test > works': 'passed',
        'one.test.mjs > outer > inner > leaf': 'passed',
        'one.test.mjs > outer > wanted': 'skipped',
      },
    ],
    [
      'phpunit: suites within suites, the outermost is a configuration file',
      `<testsuites><testsuite name="/var/checkout/phpunit.xml" tests="2"><testsuite name="unit"><testsuite name="App\\SumTest" file="/var/checkout/tests/SumTest.php">
         <testcase name="testAdds" file="/var/checkout/tests/SumTest.php" class="App\\SumTest" classname="App.SumTest"/>
         <testsuite name="App\\SumTest::testMany"><testcase name="testMany with data set #0" classname="App.SumTest"/></testsuite>
       </testsuite></testsuite></testsuite></testsuites>`,
      {
        'phpunit.xml > unit > App\\SumTest > App.SumTest > testAdds': 'passed',
        'phpunit.xml > unit > App\\SumTest > App\\SumTest::testMany > App.SumTest > testMany with data set #0':
          'passed',
      },
    ],
    [
      'gradle, with output after the cases',
      `<testsuite name="SumTest" tests="1" skipped="0" failures="0" errors="0"><properties/>
         <testcase name="adds()" classname="SumTest" time="0.0"/>
         <system-out><![CDATA[<testcase name="printed"><failure/></testcase>]]></system-out><system-err></system-err></testsuite>`,
      { 'SumTest > adds()': 'passed' },
    ],
    [
      'go-junit-report and bats',
      `<testsuites><testsuite name="example.com/sum" tests="2"><testcase classname="sum" name="TestAdds/small"/><testcase classname="sum" name="TestAdds"/></testsuite>
       <testsuite name="sum.bats"><testcase classname="sum.bats" name="adds"/><testcase classname="sum.bats" name="later"><skipped>no network</skipped></testcase></testsuite></testsuites>`,
      {
        'example.com/sum > sum > TestAdds/small': 'passed',
        'example.com/sum > sum > TestAdds': 'passed',
        'sum.bats > adds': 'passed',
        'sum.bats > later': 'skipped',
      },
    ],
    [
      'nextest: the same tests in two suites stay apart',
      `<testsuites name="nextest-run"><testsuite name="sum@stress-0"><testcase name="adds" classname="sum"/></testsuite>
       <testsuite name="sum@stress-1"><testcase name="adds" classname="sum"><failure type="test failure">panicked</failure></testcase></testsuite></testsuites>`,
      { 'sum@stress-0 > sum > adds': 'passed', 'sum@stress-1 > sum > adds': 'failed' },
    ],
    [
      'googletest, CTest and tst: attributes alone say what happened',
      `<testsuites><testsuite name="S" disabled="1">
         <testcase name="a" status="run" result="completed"/><testcase name="b" status="notrun" result="suppressed"/>
         <testcase name="c" status="fail"/><testcase name="d" status="disabled"/><testcase name="e" disabled="true"/>
       </testsuite></testsuites>`,
      { 'S > a': 'passed', 'S > b': 'skipped', 'S > c': 'failed', 'S > d': 'skipped', 'S > e': 'skipped' },
    ],
    [
      '.NET: the assembly is a path of this machine',
      `<testsuites><testsuite name="C:\\agent\\7\\bin\\Sum.Tests.dll"><testcase classname="Sum.Tests.Adds" name="Small(a: 1)"/></testsuite></testsuites>`,
      { 'Sum.Tests.dll > Sum.Tests.Adds > Small(a: 1)': 'passed' },
    ],
    [
      'several results in one case: the worst counts',
      `<testsuite name="S"><testcase name="both"><skipped/><failure message="x"/><error message="y"/></testcase></testsuite>`,
      { 'S > both': 'failed' },
    ],
    [
      'no attributes at all: every case is kept, the red one first',
      `<testsuites><testsuite><testcase/><testcase><skipped/></testcase><testcase><failure/></testcase></testsuite></testsuites>`,
      { '(unnamed)': 'failed', '(unnamed) #2': 'passed', '(unnamed) #3': 'skipped' },
    ],
    [
      'an error of the suite itself is a failed test',
      `<testsuite name="S"><testcase name="a"/><error message="teardown broke"/></testsuite>`,
      { 'S > a': 'passed', S: 'failed' },
    ],
    [
      'PHPUnit warns about a class without tests: nothing was examined',
      `<testsuite name="S"><testcase name="Warning"><warning type="W">No tests found in class "S".</warning></testcase></testsuite>`,
      { 'S > Warning': 'skipped' },
    ],
  ];

  it.each(table)('%s', (_writer, xml, expected) => {
    expect(ids(xml)).toEqual(expected);
  });
});

describe('a failure message', () => {
  const messageOf = (inside: string): string | undefined =>
    read(`<testsuite name="S"><testcase name="a">${inside}</testcase></testsuite>`).outcomes[0]?.message;

  it('joins the attribute and the text, and says nothing twice', () => {
    expect(messageOf('<failure message="1 is not 2">at a.js:3</failure>')).toBe('1 is not 2\nat a.js:3');
    expect(messageOf('<failure message="1 is not 2">Error: 1 is not 2\n at a.js:3</failure>')).toBe(
      'Error: 1 is not 2\n at a.js:3',
    );
    expect(messageOf('<failure type="AssertionError"/>')).toBe('AssertionError');
  });

  it('reads the stack of an element inside, and CDATA', () => {
    expect(messageOf('<error><stackTrace><![CDATA[at <a> & b]]></stackTrace></error>')).toBe('at <a> & b');
  });

  it('loses colours and control characters, raw, by reference or as pytest spells them', () => {
    expect(messageOf('<failure>\u001B[31mred\u001B[0m &#27;[1mbold&#x1B;[0m #x1B[32mgreen#x1B[0m</failure>')).toBe(
      'red bold green',
    );
  });

  it('is bounded', () => {
    const long = messageOf(`<failure>${'line of the stack\n'.repeat(5_000)}</failure>`) ?? '';
    expect(long.split('\n').length).toBe(20);
    expect((messageOf(`<failure>${'😀'.repeat(50_000)}</failure>`) ?? '').length).toBeLessThanOrEqual(2_000);
  });
});

describe('a report that cannot be read says why', () => {
  const table: readonly [what: string, bytes: Uint8Array, said: RegExp][] = [
    ['is empty', encode(''), /is empty/],
    ['is blank', encode(' \n\t\n'), /is empty/],
    ['is text', encode('All tests passed!'), /is not XML/],
    [
      'is cut inside an element',
      encode('<testsuite name="S"><testcase name="a"/><testcase nam'),
      /not well-formed XML/,
    ],
    ['is cut after an element', encode('<testsuite name="S"><testcase name="a"/>'), /not well-formed.*unclosed tag/],
    ['ends twice', encode('<testsuite/></testsuite>'), /not well-formed/],
    ['is two reports in one file', encode('<testsuite/><testsuite/>'), /not well-formed/],
    [
      'has another root',
      encode('<suites><testsuite><testcase name="a"/></testsuite></suites>'),
      /root element is <suites>/,
    ],
    ['is a page of HTML', encode('<html><body>502</body></html>'), /root element is <html>/],
    ['names an unknown encoding', encode('<?xml version="1.0" encoding="klingon"?><testsuite/>'), /encoding klingon/],
    ['nests without end', encode('<testsuite>'.repeat(5_000)), /nests deeper/],
    ['uses an entity it declares', encode('<!DOCTYPE t [<!ENTITY e "x">]><testsuite name="&e;"/>'), /undefined entity/],
  ];

  it.each(table)('when it %s', (_what, bytes, said) => {
    expect(problem(readJunit(bytes, 'file'))).toMatch(said);
  });

  it('does not expand an entity bomb and reads no other file', () => {
    const bomb = `<!DOCTYPE z [<!ENTITY a "aaaaaaaaaa">${'bcdefghij'
      .split('')
      .map((name, at) => `<!ENTITY ${name} "${`&${'abcdefghi'[at]};`.repeat(10)}">`)
      .join('')}]><testsuite name="S"><testcase name="a"><failure>&j;</failure></testcase></testsuite>`;
    expect(problem(readJunit(encode(bomb), 'file'))).toMatch(/undefined entity/);
    const file =
      '<!DOCTYPE z [<!ENTITY x SYSTEM "file:///etc/hostname">]><testsuite name="S"><testcase name="&x;"/></testsuite>';
    expect(problem(readJunit(encode(file), 'file'))).toMatch(/undefined entity/);
  });

  it('ignores a document type that nothing uses', () => {
    expect(ids('<!DOCTYPE testsuite SYSTEM "junit.dtd"><testsuite name="S"><testcase name="a"/></testsuite>')).toEqual({
      'S > a': 'passed',
    });
  });
});

describe('output of the system under test cannot rewrite the report', () => {
  it('cannot end a CDATA section with a forbidden character in the middle of the end mark', () => {
    const reading = read(
      `<testsuite name="S"><testcase name="a"><system-out><![CDATA[]\u0000]><!--]]></system-out><failure>red</failure></testcase></testsuite>`,
    );
    expect(reading.outcomes).toMatchObject([{ status: 'failed' }]);
  });

  it('cannot swallow markup between the halves of an escape sequence', () => {
    const xml = `<testsuite name="S"><testcase name="a"><system-out>\u001B]8;;</system-out></testcase><testcase name="b"><failure>red</failure></testcase><testcase name="c"><system-out>\u0007</system-out></testcase></testsuite>`;
    expect(ids(xml)).toEqual({ 'S > a': 'passed', 'S > b': 'failed', 'S > c': 'passed' });
  });
});

describe('what a report declares is held against what it shows', () => {
  it('doubts a suite that declares failures and shows none', () => {
    const reading = read(
      '<testsuites><testsuite name="S" tests="1" failures="2"><testcase name="a"/></testsuite></testsuites>',
    );
    expect(reading.doubt).toMatch(/declares 2 failed/);
    expect(read('<testsuite name="S" tests="1" failures="0"><testcase name="a"/></testsuite>').doubt).toBeNull();
  });

  it('takes the declared counts where no test is named, and doubts them', () => {
    const reading = read(
      '<testsuites><testsuite tests="6" failures="1" errors="1" skipped="2"/><testsuite tests="1"/></testsuites>',
    );
    expect(reading.outcomes).toEqual([]);
    expect(reading.unnamed).toEqual({ executed: 5, failed: 2, skipped: 2 });
    expect(reading.doubt).toMatch(/declares 7 and names none/);
  });

  it('counts suites that failed to run although they hold no test', () => {
    expect(read('<testsuite name="S" tests="0" errors="2"/>').unnamed).toMatchObject({ failed: 2 });
  });

  it('reads an empty report as empty', () => {
    for (const xml of ['<testsuites/>', '<testsuite tests="0"/>', '<testsuites><testsuite/></testsuites>']) {
      expect(read(xml).outcomes.length + (read(xml).unnamed?.executed ?? 0)).toBe(0);
    }
  });
});

describe('encodings', () => {
  const xml = (encoding: string): string =>
    `<?xml version="1.0" encoding="${encoding}"?><testsuite name="Prüfung"><testcase name="größer"/></testsuite>`;
  const utf16 = (text: string, mark: boolean): Uint8Array =>
    new Uint8Array(Buffer.from(`${mark ? '\uFEFF' : ''}${text}`, 'utf16le'));
  const table: readonly [name: string, bytes: Uint8Array][] = [
    ['UTF-8', encode(xml('UTF-8'))],
    ['UTF-8 with a byte-order mark', encode(`\uFEFF${xml('utf-8')}`)],
    ['UTF-8 that claims to be UTF-16, as .NET writes it', encode(xml('utf-16'))],
    ['UTF-16 with a byte-order mark, as PowerShell writes it', utf16(xml('utf-16'), true)],
    ['UTF-16 without one', utf16(xml('UTF-16'), false)],
    ['UTF-16 big endian', new Uint8Array(Buffer.from(utf16(xml('utf-16'), true)).swap16())],
    ['ISO-8859-1', new Uint8Array(Buffer.from(xml('ISO-8859-1'), 'latin1'))],
  ];

  it.each(table)('%s', (_name, bytes) => {
    const reading = readJunit(bytes, 'file');
    expect(reading.kind === 'read' ? reading.outcomes : reading.problem).toMatchObject([
      { path: ['Prüfung', 'größer'] },
    ]);
  });

  it('takes bytes that are no text for noise, not for an error', () => {
    const bytes = new Uint8Array(Buffer.from('<testsuite name="S"><testcase name="a\xff"/></testsuite>', 'latin1'));
    expect(readJunit(bytes, 'file').kind).toBe('read');
  });
});

describe('a report on standard output', () => {
  const report = '<?xml version="1.0"?>\n<testsuites><testsuite name="S"><testcase name="a"/></testsuite></testsuites>';

  it('may stand between other lines, which a file may not', () => {
    const noisy = encode(`\n> sum@1.0.0 test\n> run-tests --reporter junit\n\n${report}\nDone in 3 s.\n`);
    expect(readJunit(noisy, 'stream').kind).toBe('read');
    expect(readJunit(noisy, 'file').kind).toBe('unreadable');
  });

  it('is refused when there are two, because nobody knows which is the true one', () => {
    expect(readJunit(encode(`${report}\n${report}`), 'stream').kind).toBe('unreadable');
  });
});
