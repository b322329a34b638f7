/** `ENOENT` and its like, of an error of the system or of Node; null for what has none, and for errors of our own. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error && 'code' in error && typeof error.code === 'string')) return null;
  return error.code.startsWith('LW_') ? null : error.code;
}

export function hasSystemCode(
  error: unknown,
  ...codes: readonly string[]
): error is Error & { readonly code: string; readonly syscall?: string } {
  const code = systemCode(error);
  return code !== null && codes.includes(code);
}
