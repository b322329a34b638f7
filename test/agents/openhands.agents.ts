/** OpenHands, from PyPI, behind its driver: whole runs in the sandbox, where a Python for it is here. */
import { describe, expect, it } from 'vitest';
import { openhands } from './recipes/openhands.ts';
import { expectAccepted } from './accepted.ts';
import { endsOf } from './driven.ts';
import type { Driven } from './driven.ts';
import { claimsOf, onStage } from './sum-stage.ts';

const ONE: Driven = { agent: 'openhands', program: 'openhands', model: 'acme/coder', recipe: openhands, options: {} };
const missing = openhands.program() === null;
const WHY = 'OpenHands is not installed: there was no Python 3.12';

/** It takes some ten seconds to start, and many times that on a busy machine. */
describe('openhands behind its driver', { timeout: 400_000 }, () => {
  it('fixes wrongly, is told so, fixes rightly, and is accepted with the spend of the bill', async (test) => {
    test.skip(missing, WHY);
    await onStage(ONE, {}, async (stage) => {
      const ran = await stage.run();
      await expectAccepted(stage, ran);
      expect(claimsOf(ran.events)).toEqual(expect.arrayContaining(['message: I divided.', 'message: Now it adds.']));
      const shown = await stage.place.show();
      expect(shown).toMatchObject({ outcome: 'accepted', iterations: 2 });
      expect(shown.usage.costUsd).toBeCloseTo(stage.billedUsd(), 9);
      expect((await stage.place.cli('diff', 'last')).out).toContain('a + b');
    });
  });

  it('ends its turn when the vendor refuses for good, in the words of the vendor', async (test) => {
    test.skip(missing, WHY);
    const refused = { from: 2, behaviour: { kind: 'refuse' as const, status: 400, message: 'No more of this.' } };
    await onStage(ONE, { plan: [refused] }, async ({ run }) => {
      const { code, events } = await run('--max-iterations', '1');
      expect(code).not.toBe(0);
      expect(endsOf(events)).toEqual([{ kind: 'crashed', detail: expect.stringContaining('No more of this.') }]);
    });
  });

  it('goes on with its conversation where the policy says so', async (test) => {
    test.skip(missing, WHY);
    await onStage(ONE, { options: { session: 'resumed' } }, async (stage) => {
      const ran = await stage.run();
      await expectAccepted(stage, ran);
      expect(stage.server.calls().at(-1)?.body.includes('I divided.')).toBe(true);
    });
  });
});
