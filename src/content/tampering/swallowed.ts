/** Errors that the change catches and forgets. */
import type { ContentSighting } from '../../core/content-detectors.ts';
import { shown } from './compare-cases.ts';
import type { ReadChange, ReadFile, Side } from './reading.ts';
import { sightingIn } from './reading.ts';
import { CATCHES, COMMENTS, assignmentAt, bodyOf, callAt, flat, literalAt, part, textOf, within } from './syntax.ts';
import type { Source, SyntaxNode } from './syntax.ts';

interface Forgotten {
  readonly text: string;
  readonly line: number;
}

const NOTHING = /^(?:pass_statement|ellipsis|nil|null|none|empty_statement|continue_statement)$/i;

function doesNothing(body: SyntaxNode | undefined): boolean {
  const told = (body?.children ?? []).filter(({ type }) => !COMMENTS.has(type));
  return told.every(
    ({ type, children }) =>
      NOTHING.test(type) || (type === 'expression_statement' && children.every((child) => NOTHING.test(child.type))),
  );
}

function emptyCatch(source: Source, node: SyntaxNode): boolean {
  if (!CATCHES.has(node.type)) return false;
  if (node.type === 'rescue_modifier') return literalAt(source, part(node, 'handler')) !== null;
  if (node.type !== 'rescue') return doesNothing(bodyOf(node));
  const then = part(node, 'body') ?? node.children.find(({ type }) => type === 'then');
  return then === undefined || doesNothing(then);
}

/** A promise whose rejection goes nowhere, and the words of other languages for the same. */
function forgettingCall(source: Source, node: SyntaxNode): boolean {
  const call = callAt(source, node);
  if (call === null) return false;
  const [handler] = call.args;
  if (call.callee.endsWith('.catch') && handler !== undefined) {
    const body = bodyOf(handler);
    return (
      body !== undefined && (body.type === 'statement_block' ? doesNothing(body) : literalAt(source, body) !== null)
    );
  }
  return /^(?:contextlib\.)?suppress$/.test(call.callee) && /\b(?:Base)?Exception\b/.test(textOf(source, node));
}

function forgottenIn(source: Source): readonly Forgotten[] {
  const found: Forgotten[] = [];
  for (const node of within(source.root)) {
    const assignment = assignmentAt(source, node);
    const dropped =
      assignment !== null && assignment.left === '_' && /^(?:err|error|e)$/.test(textOf(source, assignment.right));
    if (!emptyCatch(source, node) && !forgettingCall(source, node) && !dropped) continue;
    found.push({ text: flat(textOf(source, node)), line: node.line });
  }
  return found;
}

function newIn({ path, before, after }: ReadFile): readonly ContentSighting[] {
  const of = (side: Side | null): readonly Forgotten[] => (side?.source == null ? [] : forgottenIn(side.source));
  const known = of(before).map(({ text }) => text);
  return of(after).flatMap(({ text, line }) => {
    const at = known.indexOf(text);
    if (at >= 0) known.splice(at, 1);
    return at >= 0
      ? []
      : [
          sightingIn(
            'errors-swallowed',
            path,
            { side: 'added', line },
            `an error is caught and forgotten: ${shown(text)}`,
          ),
        ];
  });
}

export function swallowedErrors({ files }: ReadChange): readonly ContentSighting[] {
  return files.flatMap(newIn);
}
