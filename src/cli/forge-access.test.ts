import { describe, expect, it } from 'vitest';
import { repositoryOf } from './forge-access.ts';

describe('the repository that `origin` names', () => {
  it.each([
    ['https://github.com/acme/shop.git', 'acme/shop'],
    ['https://github.com/acme/shop', 'acme/shop'],
    ['https://GitHub.com/acme/shop/', 'acme/shop'],
    ['ssh://git@github.com:22/acme/shop.git', 'acme/shop'],
    ['git@github.com:acme/shop.git', 'acme/shop'],
    ['github.com:acme/tools/shop', 'acme/tools/shop'],
  ])('%s is %s', (origin, expected) => {
    expect(repositoryOf(origin, 'github.com')).toBe(expected);
  });

  it.each([
    'https://elsewhere.example/acme/shop.git',
    'https://github.com.evil.example/acme/shop',
    'git@elsewhere.example:acme/shop.git',
    '/srv/git/github.com/acme/shop',
    'file:///srv/shop',
    'https://github.com/shop',
    'https://github.com/../shop',
    'github.com:/srv/shop',
    '',
  ])('%s names none there', (origin) => {
    expect(repositoryOf(origin, 'github.com')).toBeNull();
  });
});
