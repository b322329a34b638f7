/** Where the repository of a cloud agent is. The server is the host's choice; a policy names the repository on it, no more. */
import { z } from 'zod';

export interface Forge {
  /** Where repositories are for people and for git: `https://github.com`. */
  readonly url: string;
}

export interface Place {
  readonly owner: string;
  readonly name: string;
}

/** As GitHub names accounts and repositories. A name that is all dots would be a path. */
const SLUG = /^[\w.-]{1,100}$/;
const DOTS = /^\.+$/;

export const repositoryOption: z.ZodType<string> = z
  .string('has to be given: the repository on the forge, as `owner/name`')
  .refine((slug) => {
    const parts = slug.split('/');
    return parts.length === 2 && parts.every((part) => SLUG.test(part) && !DOTS.test(part));
  }, 'is no `owner/name`');

/** What `git check-ref-format --branch` takes, and nothing that means more than itself. */
export const branchOption: z.ZodType<string | undefined> = z
  .string()
  .regex(/^(?![-./])(?!.*(?:\.\.|\/\/|\/\.|\.lock(?:\/|$)))[\w.+@/#=,%-]{1,200}(?<![./])$/, 'is no name of a branch')
  .optional();

/** As vendors name models; absent: the vendor takes one. */
export const modelOption: z.ZodType<string | undefined> = z
  .string()
  .regex(/^[\w./:@[\]+-]{1,200}$/, 'is no name of a model')
  .optional();

export function placeOf(repository: string): Place {
  const [owner = '', name = ''] = repository.split('/');
  return { owner, name };
}

export function gitUrl(forge: Forge, { owner, name }: Place): string {
  return `${forge.url}/${owner}/${name}.git`;
}

/**
 * The ref under which the server shows the head of a pull request (GitHub Docs, "Checking out pull requests locally"), or
 * null for anything that is no pull request of this very repository.
 */
export function pullRef(forge: Forge, { owner, name }: Place, page: string): string | null {
  const prefix = `${forge.url}/${owner}/${name}/pull/`.toLowerCase();
  if (!page.toLowerCase().startsWith(prefix)) return null;
  const number = /^(?<number>[1-9]\d{0,9})(?:[/?#]|$)/.exec(page.slice(prefix.length))?.groups?.['number'];
  return number === undefined ? null : `refs/pull/${number}/head`;
}
