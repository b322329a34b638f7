/**
 * The scripted agent: reads one turn as JSON on standard input and does what it says.
 *
 * It runs inside the sandbox as a program of its own, so that its misbehaviour is real, on whatever `node` is found
 * there. Hence: plain JavaScript once the types are gone, `node:` imports only, nothing newer than Node 18. Nothing
 * imports this file; the driver reads it as text.
 */
import { spawn, spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { request } from 'node:http';
import { dirname, join } from 'node:path';
import type { AnswerLine, AskLine, Instruction, TurnProgram } from './program.ts';

/** EX_SOFTWARE of sysexits.h: the script itself did not work, as opposed to what it was told to do. */
const EXIT_SCRIPT_FAILED = 70;
const CHUNK_BYTES = 65_536;
const IGNORABLE = ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT', 'SIGUSR2', 'SIGPIPE', 'SIGALRM'] as const;

class StepFailed extends Error {}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Synchronous, so that nothing is lost when the process ends; a reader that went away is no reason to stop. */
function print(fd: 1 | 2, bytes: Uint8Array): void {
  for (let offset = 0; offset < bytes.length;) {
    try {
      offset += fs.writeSync(fd, bytes, offset);
    } catch (error) {
      if (codeOf(error) === 'EPIPE') return;
      if (codeOf(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function say(text: string): void {
  print(1, Buffer.from(`${text}\n`));
}

function write(path: string, text: string, flag: 'w' | 'a'): void {
  fs.mkdirSync(dirname(path), { recursive: true });
  fs.writeFileSync(path, text, { flag });
}

function replace(path: string, find: string, replacement: string): void {
  const before = fs.readFileSync(path, 'utf8');
  const start = before.indexOf(find);
  if (start === -1) throw new StepFailed(`${JSON.stringify(find)} is not in ${path}`);
  fs.writeFileSync(path, before.slice(0, start) + replacement + before.slice(start + find.length));
}

function run(command: string, mustSucceed: boolean): void {
  const { status, signal } = spawnSync('sh', ['-c', command], { stdio: ['ignore', 'inherit', 'inherit'] });
  const end = status === null ? `signal ${signal ?? 'unknown'}` : `exit code ${status}`;
  say(`[${end}] ${command}`);
  if (mustSucceed && status !== 0) throw new StepFailed(`${command}: ${end}`);
}

/** One line of standard input, which may stay open for answers; all of it where it ends without a line feed. */
function readLine(): string {
  const byte = Buffer.alloc(1);
  const line: number[] = [];
  for (;;) {
    try {
      if (fs.readSync(0, byte, 0, 1, null) === 0 || byte[0] === 0x0a) return Buffer.from(line).toString('utf8');
      line.push(byte[0] ?? 0);
    } catch (error) {
      if (codeOf(error) === 'EOF') return Buffer.from(line).toString('utf8');
      if (codeOf(error) !== 'EAGAIN') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}

function ask(command: string): void {
  const question: AskLine = { loopwright: 'ask', command };
  say(JSON.stringify(question));
  const { decision, reason } = JSON.parse(readLine()) as AnswerLine;
  if (decision === 'allow') return run(command, false);
  say(`${decision === 'deny' ? 'denied' : 'a person has to decide'}: ${reason}`);
  // As it was told to: its turn is over.
  if (decision === 'hold') process.exit(0);
}

function flood(fd: 1 | 2, bytes: number): void {
  const chunk = Buffer.alloc(CHUNK_BYTES, 'all work and no play makes an agent a dull agent\n');
  for (let left = bytes - 1; left > 0; left -= chunk.length) print(fd, chunk.subarray(0, Math.min(left, chunk.length)));
  // Ends the line, so that a claim made next stands at the start of one.
  if (bytes > 0) print(fd, Buffer.from('\n'));
}

/** Real blocks, and not all alike, so that neither a sparse file nor a compressing file system makes it small. */
function fill(path: string, bytes: number): number {
  fs.mkdirSync(dirname(path), { recursive: true });
  const file = fs.openSync(path, 'w');
  const chunk = Buffer.alloc(CHUNK_BYTES, 'filling ');
  let written = 0;
  try {
    while (written < bytes) {
      chunk.writeDoubleLE(written, 0);
      written += fs.writeSync(file, chunk, 0, Math.min(chunk.length, bytes - written));
    }
  } catch (error) {
    if (!['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(error))) throw error;
    say(`the disk refused: ${codeOf(error)}`);
  } finally {
    fs.closeSync(file);
  }
  return written;
}

function bigFile(path: string, bytes: number): void {
  const written = fill(path, bytes);
  if (written < bytes) throw new StepFailed(`only ${written} of ${bytes} bytes fit into ${path}`);
}

function manyFiles(directory: string, count: number): void {
  fs.mkdirSync(directory, { recursive: true });
  for (let number = 1; number <= count; number += 1) {
    fs.writeFileSync(join(directory, `file-${String(number).padStart(6, '0')}.txt`), `${number}\n`);
  }
}

/** /dev/null takes the two places, or the next file that is opened would become standard output. */
function closeOutput(): void {
  for (const fd of [1, 2]) {
    fs.closeSync(fd);
    fs.openSync('/dev/null', 'w');
  }
}

function daemonise(command: string): Promise<void> {
  return new Promise((resolve, reject) => {
    // `detached` is setsid; the subshell forks once more and leaves, so the command is nobody's child.
    const shell = spawn('sh', ['-c', '(sh -c "$1" &)', 'sh', command], { detached: true, stdio: 'ignore' });
    shell.on('error', reject);
    shell.on('exit', () => resolve());
  });
}

function replaceWorkspace(target: string): void {
  const workspace = process.cwd();
  try {
    fs.renameSync(workspace, `${workspace}.gone`);
    fs.symlinkSync(target, workspace);
    say(`${workspace} is a link to ${target} now`);
  } catch (error) {
    say(`replacing ${workspace} was refused: ${codeOf(error)}`);
    for (const name of fs.readdirSync(workspace)) {
      fs.rmSync(join(workspace, name), { recursive: true, force: true });
      fs.symlinkSync(target, join(workspace, name));
    }
  }
}

function killParent(): void {
  try {
    process.kill(process.ppid, 'SIGKILL');
    say(`killed process ${process.ppid}`);
  } catch (error) {
    say(`killing process ${process.ppid} was refused: ${codeOf(error)}`);
  }
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

function post(url: string, key: string, body: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'x-api-key': key, 'anthropic-version': '2023-06-01' };
    const call = request(url, { method: 'POST', headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (piece: string) => (text += piece));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    call.on('error', reject);
    call.end(body);
  });
}

/** What a person would want to see of it in one line. */
function gistOf({ status, body }: Answer): string {
  const said = /"(?:text|message)"\s*:\s*"((?:[^"\\]|\\.){0,300})/u.exec(body)?.[1] ?? '';
  return `[status ${status}] ${said}`;
}

async function askModel(step: Extract<Instruction, { op: 'ask-model' }>): Promise<void> {
  const address = process.env['ANTHROPIC_BASE_URL'];
  if (address === undefined) throw new StepFailed('there is no gateway: ANTHROPIC_BASE_URL is not set');
  const messages = [{ role: 'user', content: step.text }];
  const body = JSON.stringify({ model: step.model, max_tokens: step.maxTokens, messages });
  let left = step.times;
  let refused = false;
  const worker = async (): Promise<void> => {
    while (left > 0 && (step.stubborn || !refused)) {
      left -= 1;
      const answer = await post(`${address}/v1/messages`, process.env['ANTHROPIC_API_KEY'] ?? '', body);
      refused = refused || answer.status >= 400;
      say(gistOf(answer));
    }
  };
  await Promise.all(Array.from({ length: step.atOnce }, worker));
}

function pause(sleepMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, sleepMs);
  });
}

async function hang(): Promise<void> {
  for (;;) await pause(3_600_000);
}

const MISBEHAVIOURS = [
  'print-bytes',
  'flood',
  'hang',
  'ignore-signals',
  'close-output',
  'kill-parent',
  'daemonise',
  'fill-disk',
  'big-file',
  'many-files',
  'replace-workspace',
] as const;

type Step = Exclude<Instruction, { op: 'if-prompt-contains' }>;
type Misbehaviour = Extract<Step, { op: (typeof MISBEHAVIOURS)[number] }>;

function isMisbehaviour(step: Step): step is Misbehaviour {
  return MISBEHAVIOURS.some((op) => op === step.op);
}

async function doSteps(steps: readonly Instruction[], prompt: string, place: string): Promise<void> {
  for (const [index, step] of steps.entries()) {
    const here = `${place}${index + 1}`;
    try {
      if (step.op === 'if-prompt-contains') {
        const holds = prompt.includes(step.text);
        await doSteps(holds ? step.whenFound : step.otherwise, prompt, `${here}.${holds ? 'then' : 'else'}.`);
      } else {
        await doStep(step);
      }
    } catch (error) {
      const why = error instanceof StepFailed || codeOf(error) !== '' ? error : null;
      // A failure of the step, by its own word or by the system's, ends the turn loudly; the rest is a defect in here.
      if (!(why instanceof Error)) throw error;
      print(2, Buffer.from(`scripted agent: step ${here} (${step.op}) failed: ${why.message}\n`));
      process.exit(EXIT_SCRIPT_FAILED);
    }
  }
}

function doStep(step: Step): Promise<void> | void {
  if (isMisbehaviour(step)) return misbehave(step);
  switch (step.op) {
    case 'write':
      return write(step.path, step.text, 'w');
    case 'append':
      return write(step.path, step.text, 'a');
    case 'replace':
      return replace(step.path, step.find, step.with);
    case 'delete':
      return fs.rmSync(step.path, { recursive: true });
    case 'rename':
      return fs.renameSync(step.from, step.to);
    case 'chmod':
      return fs.chmodSync(step.path, step.mode);
    case 'symlink':
      return fs.symlinkSync(step.to, step.path);
    case 'run':
      return run(step.command, step.mustSucceed);
    case 'ask':
      return ask(step.command);
    case 'sleep':
      return pause(step.sleepMs);
    case 'say':
      return say(step.text);
    case 'ask-model':
      return askModel(step);
    case 'exit':
      return process.exit(step.code);
  }
}

function misbehave(step: Misbehaviour): Promise<void> | void {
  switch (step.op) {
    case 'print-bytes':
      return print(1, Buffer.from(step.hex, 'hex'));
    case 'flood':
      return flood(step.stream === 'stdout' ? 1 : 2, step.bytes);
    case 'hang':
      return hang();
    case 'ignore-signals':
      for (const signal of IGNORABLE) process.on(signal, () => undefined);
      return undefined;
    case 'close-output':
      return closeOutput();
    case 'kill-parent':
      return killParent();
    case 'daemonise':
      return daemonise(step.command);
    case 'fill-disk':
      return say(`wrote ${fill(step.path, step.bytes)} of ${step.bytes} bytes`);
    case 'big-file':
      return bigFile(step.path, step.bytes);
    case 'many-files':
      return manyFiles(step.directory, step.count);
    case 'replace-workspace':
      return replaceWorkspace(step.to);
  }
}

const program = JSON.parse(readLine()) as TurnProgram;
await doSteps(program.steps, program.prompt, '');
process.exit(0);
